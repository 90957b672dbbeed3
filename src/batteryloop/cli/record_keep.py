"""`batteryloop record add`, `event`, `party`: what goes into the record."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.cli.record_options import (
    At,
    BatteryId,
    By,
    RecordAt,
    details_given,
    entry_dict,
    moment_given,
    recorder,
)
from batteryloop.errors import NotKnown, OptionWrong
from batteryloop.record import LifeEvent, Party, PartyRole
from batteryloop.usecases.add_battery import Origin, add_batteries
from batteryloop.usecases.ports import Refusal
from batteryloop.usecases.record_event import kind_of, record_event
from batteryloop.wiring.clock import now
from batteryloop.wiring.descriptions import read_descriptions
from batteryloop.wiring.records import existing_record, new_event_id, open_record


def add(
    batteries: Annotated[
        list[str],
        typer.Argument(
            metavar="BATTERY…",
            help="A name, or files of batteries in JSON, TOML or CSV.",
            show_default=False,
        ),
    ],
    by: By,
    application: Annotated[
        str | None, typer.Option(help="car, bus, heavy-truck, stationary-storage …")
    ] = None,
    chemistry: Annotated[str | None, typer.Option(help="LFP, NMC622 …")] = None,
    model: Annotated[str, typer.Option(help="The maker's model.")] = "",
    rated_capacity_ah: Annotated[
        float | None, typer.Option(help="Capacity that the maker states, in Ah.")
    ] = None,
    rated_energy_wh: Annotated[
        float | None, typer.Option(help="Energy that the maker states, in Wh.")
    ] = None,
    cells_in_series: Annotated[int, typer.Option(help="Cells in series.", min=1)] = 1,
    made_at: Annotated[str | None, typer.Option(help="When it was made, ISO 8601.")] = None,
    code: Annotated[
        list[str] | None, typer.Option(help="A code, SCHEME=CODE; may be repeated.")
    ] = None,
    record: RecordAt = None,
    as_json: AsJson = False,
) -> None:
    """Add batteries: one by its name and options, or many from files.

    Example: `batteryloop record add BAT-7 --by maker --application car --rated-capacity-ah 66`
    """
    at = now()
    said: dict[str, Any] = {
        "application": application,
        "chemistry": chemistry,
        "model": model or None,
        "rated_capacity_ah": rated_capacity_ah,
        "rated_energy_wh": rated_energy_wh,
        "n_cells_series": cells_in_series if cells_in_series > 1 else None,
        "manufactured_at": made_at,
        "codes": details_given(code) or None,
    }
    given = {name: value for name, value in said.items() if value is not None}
    described: list[dict[str, Any]] = []
    for name in batteries:
        if Path(name).suffix.lower() in {".json", ".toml", ".csv"}:
            described += [{**given, **found} for found in read_descriptions(Path(name))]
        else:
            described.append({"battery_id": name, **given})
    with open_record(record) as kept:
        parts = list(add_batteries(kept, described, Origin(by, recorder(), at), now=at))
    entries = [part for part in parts if not isinstance(part, Refusal)]
    refusals = [part for part in parts if isinstance(part, Refusal)]
    if as_json:
        refused = [refusal.as_dict() for refusal in refusals]
        screen.print_json({"entries": [entry_dict(e) for e in entries], "refused": refused})
    else:
        screen.out.print(f"{len(entries):,} batteries are in the record, {len(refusals)} refused")
    screen.print_refusals(refusals)
    if refusals and not entries:
        raise typer.Exit(2)


def event(
    battery: BatteryId,
    kind: Annotated[
        str, typer.Argument(help="in-service, evaluated, removed …", show_default=False)
    ],
    by: By,
    at: At = None,
    detail: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE, VALUE as JSON or text; may be repeated.")
    ] = None,
    event_id: Annotated[
        str | None, typer.Option(help="The event's id; the same id again is kept once.")
    ] = None,
    record: RecordAt = None,
    as_json: AsJson = False,
) -> None:
    """Record that something happened to a battery.

    Example: `batteryloop record event BAT-7 in-service --by operator --detail country=DE`
    """
    moment = now()
    happened = LifeEvent(
        event_id or new_event_id(),
        battery,
        kind_of(kind),
        moment_given(at, moment),
        by,
        details_given(detail),
    )
    with existing_record(record) as kept:
        entry, changed = record_event(kept, happened, recorded_by=recorder(), now=moment)
    if as_json:
        screen.print_json({"entry": entry_dict(entry), "changed": dict(changed)})
        return
    screen.out.print(f"entry {entry.sequence}: {escape(battery)} {kind}", highlight=False)
    for name, value in changed.items():
        screen.out.print(f"  {name} → {escape(str(value))}")


def party(
    party_id: Annotated[
        str | None, typer.Argument(metavar="[PARTY]", help="Its name in this record.")
    ] = None,
    name: Annotated[str, typer.Option(help="As people write it.")] = "",
    country: Annotated[str, typer.Option(help="Two letters, ISO 3166-1.")] = "",
    role: Annotated[
        list[str] | None,
        typer.Option(help="producer, operator, service, recycler, authority; may be repeated."),
    ] = None,
    registration_number: Annotated[
        str, typer.Option(help="Its number in a producers' register.")
    ] = "",
    record: RecordAt = None,
    as_json: AsJson = False,
) -> None:
    """Keep a party, or what is new of it; without a name, list all.

    Example: `batteryloop record party maker --name "Pack Maker SE" --country DE --role producer`
    """
    with open_record(record) as kept:
        if party_id is not None and name:
            roles = tuple(_role(word) for word in role or ())
            kept.add_party(Party(party_id, name, country, roles, registration_number))
        elif name or country or role:
            raise OptionWrong("party", "has no name in this record", "PARTY --name … --country …")
        found = kept.parties() if party_id is None else [kept.party(party_id)]
    if as_json:
        screen.print_json({"parties": [item.as_dict() for item in found]})
        return
    table = Table("party", "name", "country", "roles", "register", box=None, pad_edge=False)
    for item in found:
        table.add_row(
            escape(item.party_id),
            escape(item.name),
            item.country,
            ", ".join(item.roles),
            escape(item.registration_number),
        )
    screen.out.print(table)


def _role(word: str) -> PartyRole:
    try:
        return PartyRole(word)
    except ValueError:
        raise NotKnown.among("role", word, list(PartyRole)) from None
