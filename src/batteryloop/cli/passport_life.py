"""`batteryloop passport second-life`, `remanufacture`, `retire`: what follows a first life."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.cli.passport_issue import PassportFile
from batteryloop.errors import ColumnMissing, PathMissing
from batteryloop.passport.eu.remanufacture import Verdict
from batteryloop.passport.history import History, history_document
from batteryloop.usecases.begin_second_life import begin_battery_again
from batteryloop.usecases.judge_remanufacture import judge_remanufacture_of
from batteryloop.usecases.retire_passport import retire_passport
from batteryloop.wiring import clock
from batteryloop.wiring.passports import (
    document_at,
    new_passport_id,
    passport_at,
    write_passport,
)

_MARK = {Verdict.MET: "○", Verdict.OPEN: "▲", Verdict.NOT_MET: "●"}


def second_life(
    description: Annotated[
        Path,
        typer.Argument(
            help="TOML or JSON: status, [attributes], and [[originals]] with passport and serials.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(help="A folder for the new passport and its originals' new versions."),
    ],
    passport_id: Annotated[
        str | None, typer.Option("--id", help="The new passport's name; made if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Begin a second life: a new passport, linked to all its originals.

    Example: `batteryloop passport second-life store.toml --out passports/`
    """
    document = document_at(description)
    originals = _originals(document.get("originals"), description)
    if not out.is_dir():
        raise PathMissing(str(out), "no such folder", "a folder that is there", "make it")
    life = begin_battery_again(
        document,
        [(history, serials) for _, history, serials in originals],
        passport_id=passport_id or new_passport_id(),
        now=clock.now(),
        provenance=description.name,
    )
    for (path, _, _), history in zip(originals, life.originals, strict=True):
        write_passport(history, out / path.name)
    new = out / f"{description.stem}.json"
    write_passport(life.passport, new)
    moves = [
        {
            "passport_id": move.passport_id,
            "from_operator": move.from_operator,
            "to_operator": move.to_operator,
            "successor_id": move.successor_id,
            "moved_at": move.moved_at.isoformat(),
            "serials": list(move.serials),
        }
        for move in life.moves
    ]
    if as_json:
        screen.print_json({"passport": history_document(life.passport), "responsibility": moves})
        return
    passport = life.passport.latest
    screen.out.print(
        f"passport {escape(passport.passport_id)}, {escape(passport.value('status'))}, made from "
        f"{len(life.originals)} originals; responsibility moved to "
        f"{escape(str(passport.value('operator').get('name', '')))}",
        soft_wrap=True,
    )
    screen.out.print(f"[dim]written to {escape(str(new))}[/]", soft_wrap=True)


def remanufacture(
    facts: Annotated[
        Path,
        typer.Argument(
            help="TOML or JSON: capacity and cells with intervals, counts, purpose.",
            show_default=False,
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Judge whether a battery may be called remanufactured; exit 2 if it may not, or it is open.

    Example: `batteryloop passport remanufacture facts.toml`
    """
    document = document_at(facts)
    found = judge_remanufacture_of(document.get("remanufacture", document), on=clock.now().date())
    if as_json:
        screen.print_json(found.as_dict())
    else:
        screen.out.print(f"remanufactured: {found.verdict.value}")
        for criterion in found.criteria:
            screen.out.print(
                f"{_MARK[criterion.verdict]} {criterion.name}: {escape(criterion.reason)}",
                soft_wrap=True,
            )
    if found.verdict is not Verdict.MET:
        raise typer.Exit(2)


def retire(
    passport: PassportFile,
    to: Annotated[str, typer.Option(help="waste, or recycled, which ends the passport.")],
    operator: Annotated[
        Path | None,
        typer.Option(help="TOML or JSON of who answers for the waste: name, country …"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; over the old file if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Declare a battery waste, or recycled: then its passport ceases to exist.

    Example: `batteryloop passport retire passport.json --to waste --operator recycler.toml`
    """
    history = retire_passport(
        passport_at(passport),
        to,
        now=clock.now(),
        operator=document_at(operator) if operator else None,
    )
    write_passport(history, out or passport)
    if as_json:
        screen.print_json(history_document(history))
        return
    latest = history.latest
    end = "; the passport has ceased" if latest.ceased_at else ""
    screen.out.print(
        f"passport {escape(latest.passport_id)}, version {latest.version}: {to}{end}",
        soft_wrap=True,
    )


def _originals(entries: object, description: Path) -> list[tuple[Path, History, list[str]]]:
    if not isinstance(entries, list) or not entries:
        raise ColumnMissing(
            description.name, "no [[originals]]", "at least one, with passport and serials"
        )
    found = []
    for entry in entries:
        if not isinstance(entry, dict) or not entry.get("passport"):
            raise ColumnMissing(description.name, "an original without passport", "a file's name")
        path = description.parent / str(entry["passport"])
        found.append((path, passport_at(path), [str(s) for s in entry.get("serials", ())]))
    return found
