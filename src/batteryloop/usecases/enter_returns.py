"""Enter returned packs into the record: what each is, and where it was collected."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from batteryloop.errors import BatteryloopError, ColumnMissing, InputWrong, NotKnown, RecordSaysNo
from batteryloop.record import EventKind, LifeEvent
from batteryloop.reference.chemistries import chemistry as known_chemistry
from batteryloop.reference.compositions import composition
from batteryloop.usecases.ports import Refusal
from batteryloop.usecases.record_passport import next_history
from batteryloop.usecases.record_scribe import Scribe

NEEDED = ("battery_id", "chemistry", "rated_energy_kwh", "mass_kg", "site", "country")
HOUSING = "H"


@dataclass(frozen=True, slots=True)
class ReturnParties:
    """Who made the packs, who held them, and who takes them back."""

    producer_id: str
    holder_id: str
    depot_id: str


@dataclass(frozen=True, slots=True)
class PackLayout:
    """How the packs are built: modules in series, each of so many cells in series."""

    n_modules: int = 8
    n_cells: int = 12

    @property
    def n_cells_series(self) -> int:
        """Cells in series in a pack."""
        return self.n_modules * self.n_cells


def enter_returns(
    scribe: Scribe, returns: pl.DataFrame, parties: ReturnParties, layout: PackLayout
) -> tuple[Refusal, ...]:
    """Enter packs that came back, from their making to their collection, each with a passport.

    A pack that is already on record keeps its life and gets the collection alone.

    Parameters
    ----------
    scribe : Scribe
        Writes them, at the moment of the collection.
    returns : polars.DataFrame
        Columns `NEEDED`; optional `age_years`, `is_simulated`, `tour` and `goods` of the transport.
    parties : ReturnParties
        Whose deeds these were.
    layout : PackLayout
        How the packs are built.

    Returns
    -------
    tuple of Refusal
        Packs left out, each with the reason.

    Raises
    ------
    ColumnMissing
        If a column is not there.
    """
    missing = [name for name in NEEDED if name not in returns.columns]
    if missing:
        raise ColumnMissing("returns", f"no column {', '.join(missing)}", ", ".join(NEEDED))
    lives: dict[str, list[LifeEvent]] = {}
    refused: list[Refusal] = []
    for row in returns.iter_rows(named=True):
        name = str(row["battery_id"])
        try:
            if name in lives:
                raise InputWrong(f"battery {name}", "comes twice", "each pack once", "drop a row")
            lives[name] = _life(scribe, name, row, parties, layout)
        except BatteryloopError as error:
            refused.append(Refusal(name, error))
    entered = list(_entered(scribe, lives, refused))
    scribe.enter([_passport(scribe, name, parties) for name in entered])
    return tuple(refused)


def _entered(
    scribe: Scribe, lives: Mapping[str, Sequence[LifeEvent]], refused: list[Refusal]
) -> Iterator[str]:
    """Enter all lives at once; where the record refuses one, one by one."""
    try:
        scribe.enter([event for events in lives.values() for event in events])
        yield from lives
    except (InputWrong, RecordSaysNo):
        for name, events in lives.items():
            try:
                scribe.enter(events)
                yield name
            except (InputWrong, RecordSaysNo) as error:
                refused.append(Refusal(name, error))


def _passport(scribe: Scribe, name: str, parties: ReturnParties) -> LifeEvent:
    history = next_history(
        scribe.record,
        name,
        None,
        party_id=parties.producer_id,
        now=scribe.now,
        new_passport_id=scribe.new_passport_id,
    )
    return scribe.passport_event(name, history, parties.producer_id)


def parts_of(
    battery_id: str, chemistry: str, mass_kg: float, layout: PackLayout
) -> dict[str, float]:
    """Return the mass of each part of a pack by its serial: the modules and the housing [kg].

    The cells' share of the pack follows from the specific energies of pack and cell.

    Examples
    --------
    >>> parts = parts_of("P", "LFP", 100.0, PackLayout(2))
    >>> list(parts), round(sum(parts.values()), 9)
    (['P-M1', 'P-M2', 'P-H'], 100.0)
    """
    cells = (
        composition(chemistry, "pack").specific_energy_wh_per_kg
        / composition(chemistry, "cell").specific_energy_wh_per_kg
    )
    each = cells * mass_kg / layout.n_modules
    found = {f"{battery_id}-M{k + 1}": each for k in range(layout.n_modules)}
    return {**found, f"{battery_id}-{HOUSING}": mass_kg - each * layout.n_modules}


def pack_description(
    row: Mapping[str, Any], layout: PackLayout, *, application: str = "car", model: str = ""
) -> dict[str, Any]:
    """Return a pack as the event `made` carries it."""
    known = known_chemistry(str(row["chemistry"]))
    volts = known.cell_voltage_nominal_v * layout.n_cells_series
    energy_wh = 1000.0 * float(row["rated_energy_kwh"])
    described = {
        "application": application,
        "chemistry": known.name,
        "model": model or f"{known.name} pack",
        "rated_energy_wh": energy_wh,
        "rated_voltage_v": volts,
        "rated_capacity_ah": energy_wh / volts,
        "mass_kg": float(row["mass_kg"]),
        "n_cells_series": layout.n_cells_series,
    }
    return {**described, "is_simulated": True} if row.get("is_simulated") else described


def _life(
    scribe: Scribe, name: str, row: Mapping[str, Any], parties: ReturnParties, layout: PackLayout
) -> list[LifeEvent]:
    collected = scribe.event(
        name,
        EventKind.COLLECTED,
        parties.depot_id,
        site=str(row["site"]),
        country=str(row["country"]),
        holder_id=parties.depot_id,
        tour=row.get("tour"),
        goods=row.get("goods"),
    )
    try:
        scribe.record.battery(name)
    except NotKnown:
        return [*_first_life(scribe, name, row, parties, layout), collected]
    return [collected]


def _first_life(
    scribe: Scribe, name: str, row: Mapping[str, Any], parties: ReturnParties, layout: PackLayout
) -> list[LifeEvent]:
    age = row.get("age_years")
    if age is not None and not 0 <= float(age) < 60:
        raise InputWrong(f"battery {name}", f"age {age} years", "0 to 60 years", "check the row")
    made_at: datetime = scribe.now - timedelta(days=365.25 * float(age or 8.0))
    described = {**pack_description(row, layout), "producer_id": parties.producer_id}
    parts = parts_of(name, described["chemistry"], described["mass_kg"], layout)
    producer, holder = parties.producer_id, parties.holder_id
    return [
        scribe.event(
            name, EventKind.MADE, producer, happened_at=made_at, battery=described,
            components=component_list(list(parts)), parts_mass_kg=parts,
        ),
        scribe.event(
            name, EventKind.PLACED_ON_MARKET, producer, happened_at=made_at,
            country=str(row["country"]),
        ),
        scribe.event(name, EventKind.IN_SERVICE, holder, happened_at=made_at, holder_id=holder),
        scribe.event(name, EventKind.REMOVED, holder, reason="end of its use in the vehicle"),
    ]  # fmt: skip


def component_list(serials: Sequence[str]) -> list[dict[str, Any]]:
    """Return parts as an event lists them: modules in order, and the housing."""
    return [
        {
            "serial": serial,
            "kind": "other" if serial.endswith(f"-{HOUSING}") else "module",
            "position": None if serial.endswith(f"-{HOUSING}") else k,
            "model": "housing" if serial.endswith(f"-{HOUSING}") else "",
        }
        for k, serial in enumerate(serials, start=1)
    ]
