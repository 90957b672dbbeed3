"""`batteryloop passport uploads`: what must be told to the Chinese platform, and by when."""

import csv
import io
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.errors import OptionWrong
from batteryloop.passport.cn import UploadDue
from batteryloop.storage.durable import write_whole
from batteryloop.usecases.list_uploads_due import list_uploads_due
from batteryloop.usecases.ports import Refusal
from batteryloop.wiring import clock
from batteryloop.wiring.passports import calendar_at, list_at, write_json


def uploads(
    events: Annotated[
        Path,
        typer.Argument(help="Events as JSON, each with its battery's code.", show_default=False),
    ],
    calendar: Annotated[
        Path | None,
        typer.Option(help="Holidays and make-up days: a CSV of date and kind (holiday, workday)."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write the list: a .json or a .csv.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the events that must still be told to the Chinese traceability platform.

    Example: `batteryloop passport uploads events.json --calendar holidays.csv --out due.csv`
    """
    due: list[UploadDue] = []
    refusals: list[Refusal] = []
    for found in list_uploads_due(list_at(events), now=clock.now(), calendar=calendar_at(calendar)):
        if isinstance(found, Refusal):
            refusals.append(found)
        else:
            due.append(found)
    rows = [item.as_dict() for item in due]
    if out:
        _write(rows, out)
    if as_json:
        screen.print_json({"due": rows, "refused": [r.as_dict() for r in refusals]})
    else:
        _print(due)
    screen.print_refusals(refusals)
    if refusals and not due:
        raise typer.Exit(2)


def _write(rows: list[dict[str, Any]], out: Path) -> None:
    if out.suffix.lower() == ".json":
        write_json({"due": rows}, out)
        return
    if out.suffix.lower() != ".csv":
        raise OptionWrong("--out", out.name, "a name that ends in .json or .csv")
    text = io.StringIO()
    names = list(rows[0]) if rows else ["event_id"]
    table = csv.DictWriter(text, names, lineterminator="\n")
    table.writeheader()
    table.writerows({**row, "cautions": "; ".join(row["cautions"])} for row in rows)
    write_whole(out, text.getvalue().encode())


def _print(due: list[UploadDue]) -> None:
    table = Table(title="To be told", title_justify="left", box=None, pad_edge=False)
    for name in ("battery", "code", "what", "happened", "by", "days left"):
        table.add_column(name, overflow="fold")
    for item in due:
        left = f"● {-item.n_days_left} late" if item.is_late else str(item.n_days_left)
        row = (item.battery_id, item.code or "–", item.what, str(item.happened_on),
               str(item.deadline_on), left)  # fmt: skip
        table.add_row(*map(escape, row))
    if due:
        screen.out.print(table)
    else:
        screen.out.print("nothing to be told")
    for caution in sorted({caution for item in due for caution in item.cautions}):
        screen.out.print(f"[dim]▲ {escape(caution)}[/]", soft_wrap=True)
