"""`batteryloop passport issue` and `show`: a passport made, and shown to whom it concerns."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.errors import OptionWrong
from batteryloop.passport.access import Viewer, redact, viewer_called
from batteryloop.passport.document import passport_document
from batteryloop.passport.history import history_document
from batteryloop.passport.types import Attribute, Passport
from batteryloop.usecases.issue_passport import issue_passport
from batteryloop.wiring import clock
from batteryloop.wiring.passports import (
    document_at,
    new_passport_id,
    passport_at,
    write_passport,
)

PassportFile = Annotated[
    Path, typer.Argument(metavar="PASSPORT", help="A passport's JSON file.", show_default=False)
]


def issue(
    description: Annotated[
        Path,
        typer.Argument(
            help="What is known of the battery: TOML or JSON with [attributes].", show_default=False
        ),
    ],
    evaluation: Annotated[
        Path | None,
        typer.Option(help="An evaluation's JSON; where it knows a value, it overrules."),
    ] = None,
    onto: Annotated[
        Path | None, typer.Option(help="A passport so far; the new one is its next version.")
    ] = None,
    passport_id: Annotated[
        str | None, typer.Option("--id", help="The passport's name; a new one if not given.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Issue a battery's passport from its description and its evaluation.

    Example: `batteryloop passport issue battery.toml --evaluation report.json --out passport.json`
    """
    previous = passport_at(onto) if onto else None
    history = issue_passport(
        document_at(description),
        passport_id=passport_id or new_passport_id(),
        now=clock.now(),
        evaluation=document_at(evaluation) if evaluation else None,
        previous=previous,
        provenance=description.name,
    )
    if out:
        write_passport(history, out)
    if as_json:
        screen.print_json(history_document(history))
        return
    passport = history.latest
    known = sum(attribute.is_known for attribute in passport.attributes.values())
    screen.out.print(
        f"passport {escape(passport.passport_id)} of battery {escape(passport.battery_id)}, "
        f"version {passport.version}: {known} attributes known, "
        f"{len(passport.attributes) - known} unknown"
        f"{', SIMULATED' if passport.is_simulated else ''}",
        soft_wrap=True,
    )
    if out:
        screen.out.print(f"[dim]written to {escape(str(out))}[/]", soft_wrap=True)
    else:
        screen.out.print("[dim]not written: name a file with --out, or take --json[/]")


def show(
    passport: PassportFile,
    viewers: Annotated[
        list[str],
        typer.Option(
            "--as",
            help="Who looks: public, legitimate-interest, authority, holder, issuer; give it again "
            "for someone in several capacities.",
        ),
    ] = [Viewer.PUBLIC.value],  # noqa: B006
    at: Annotated[
        str | None, typer.Option(help="The version of that day or moment, ISO 8601.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a passport tells to whoever looks.

    Example: `batteryloop passport show passport.json --as authority`
    """
    history = passport_at(passport)
    version = history.at(_moment(at)) if at else history.latest
    seen = redact(version, [viewer_called(name) for name in viewers])
    if as_json:
        screen.print_json(passport_document(seen))
        return
    _print(seen, viewers, n_hidden=len(version.attributes) - len(seen.attributes))


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise OptionWrong("--at", repr(text), "a day or a moment such as 2026-11-25") from None
    if len(text) == 10:
        found = found.replace(hour=23, minute=59, second=59)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _print(passport: Passport, viewers: list[str], *, n_hidden: int) -> None:
    simulated = ", SIMULATED" if passport.is_simulated else ""
    table = Table(
        title=f"Passport {escape(passport.passport_id)}, version {passport.version} of "
        f"{passport.issued_at:%Y-%m-%d %H:%M} UTC, as seen by {escape(', '.join(viewers))}"
        f"{simulated}",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    for name in ("attribute", "value", "unit", "interval", "as of"):
        table.add_column(name, overflow="fold")
    unknown = [name for name, a in passport.attributes.items() if not a.is_known]
    for name, attribute in passport.attributes.items():
        if attribute.is_known:
            as_of = f"{attribute.determined_at:%Y-%m-%d}" if attribute.determined_at else ""
            row = (name, _said(attribute.value), _unit(attribute), _interval(attribute), as_of)
            table.add_row(*map(escape, row))
    screen.out.print(table)
    for side, links in (("made from", passport.originals), ("went into", passport.successors)):
        for link in links:
            screen.out.print(f"{side} {escape(link.passport_id)} {escape(' '.join(link.serials))}")
    if passport.ceased_at:
        screen.out.print(f"ceased on {passport.ceased_at:%Y-%m-%d}: recycled")
    screen.out.print(
        f"[dim]{len(unknown)} unknown, each with its reason in --json; {n_hidden} not shown to "
        "this viewer[/]",
        soft_wrap=True,
    )


def _unit(attribute: Attribute) -> str:
    return "" if attribute.unit == "1" else attribute.unit


def _interval(attribute: Attribute) -> str:
    if attribute.low is None or attribute.high is None:
        return ""
    sure = f", {100 * attribute.confidence_frac:g} %" if attribute.confidence_frac else ""
    return f"{attribute.low:.4g}–{attribute.high:.4g}{sure}"


def _said(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_said(item)}" for key, item in value.items())
    if isinstance(value, tuple | list):
        return "; ".join(_said(item) for item in value)
    return str(value)
