"""What the screen shows: tables, progress bars, JSON, and one line for an error."""

import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from batteryloop.quantities import Estimate
from batteryloop.telemetry import Finding
from batteryloop.usecases.ports import Refusal

T = TypeVar("T")
# A pipe or a file has no width of its own; a terminal keeps its own.
_FILE_WIDTH = 110
# A name such as urn:ring:b2 is no emoji.
out = Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else _FILE_WIDTH)
err = Console(stderr=True, highlight=False, emoji=False)

# Shape beside colour, so that neither has to be seen.
_MARK = {"note": "○", "warning": "▲", "error": "●"}
_HUE = {"note": "dim", "warning": "yellow", "error": "red"}
MOST_FINDINGS = 12


def plain(value: object) -> object:
    """Return `value` as JSON can say it: no NaN, no infinity, times as ISO 8601.

    Examples
    --------
    >>> plain({"a": float("nan"), "b": (1, 2.5)})
    {'a': None, 'b': [1, 2.5]}
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def print_json(document: object) -> None:
    """Print one JSON document on stdout."""
    sys.stdout.write(json.dumps(plain(document), ensure_ascii=False, indent=2) + "\n")


def with_progress(parts: Iterable[T], *, n_parts: int, words: str) -> Iterator[T]:
    """Yield the parts, with a bar on stderr while a person is watching and there is work to do."""
    if not err.is_terminal or n_parts < 2:
        yield from parts
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as progress:
        task = progress.add_task(words, total=n_parts)
        for part in parts:
            yield part
            progress.advance(task)


def value(estimate: Estimate, *, decimals: int = 3) -> str:
    """Return an estimate's value alone, where the interval says little more."""
    return "–" if estimate.value is None else f"{estimate.value:.{decimals}f}"


def interval(estimate: Estimate, *, decimals: int = 3, is_percent: bool = False) -> str:
    """Return an estimate as the screen says it: value, then its bounds in brackets.

    Examples
    --------
    >>> interval(Estimate("soh_frac", 0.864, 0.852, 0.875, 0.9, "m"), is_percent=True, decimals=1)
    '86.4 (85.2–87.5)'
    """
    if estimate.value is None:
        return "–"
    scale = 100.0 if is_percent else 1.0
    text = f"{estimate.value * scale:.{decimals}f}"
    if estimate.low is None or estimate.high is None:
        return text
    return f"{text} ({estimate.low * scale:.{decimals}f}–{estimate.high * scale:.{decimals}f})"


def table_of(frame: pl.DataFrame, *, most: int = 24) -> Table:
    """Return a frame as a table under its own column names; a long one is cut in the middle."""
    table = Table(box=None, pad_edge=False)
    for name in frame.columns:
        justify = "right" if frame.schema[name].is_numeric() else "left"
        table.add_column(escape(name), justify=justify, no_wrap=True)  # type: ignore[arg-type]
    is_long = frame.height > most
    for row in (frame.head(most // 2) if is_long else frame).iter_rows():
        table.add_row(*map(_cell, row))
    if is_long:
        table.add_row(*["…"] * frame.width)
        for row in frame.tail(most // 2).iter_rows():
            table.add_row(*map(_cell, row))
    return table


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value)


def print_findings(findings: Sequence[Finding]) -> None:
    """Print warnings and errors as a table, the gravest first; notes are counted by rule."""
    grave = sorted(
        (f for f in findings if f.severity != "note"), key=lambda f: f.severity == "warning"
    )
    if grave:
        table = Table(title="Findings", title_justify="left", box=None, pad_edge=False)
        for name in ("", "battery", "rows"):
            table.add_column(name, no_wrap=True)
        table.add_column("finding, and next step")
        for finding in grave[:MOST_FINDINGS]:
            hue = _HUE[finding.severity]
            table.add_row(
                f"[{hue}]{_MARK[finding.severity]} {finding.severity}[/]",
                finding.battery_id,
                _rows(finding),
                f"{escape(finding.rule)}: {escape(finding.found)} "
                f"[dim]→ {escape(finding.next_step)}[/]",
            )
        out.print(table)
        if len(grave) > MOST_FINDINGS:
            out.print(f"[dim]… and {len(grave) - MOST_FINDINGS} more; --json has them all[/]")
    notes = Counter(f.rule for f in findings if f.severity == "note")
    if notes:
        said = ", ".join(f"{rule} ({n})" if n > 1 else rule for rule, n in notes.most_common())
        out.print(f"[dim]{_MARK['note']} notes: {said}; --json has them all[/]", soft_wrap=True)


def _rows(finding: Finding) -> str:
    if finding.row_first is None:
        return "all"
    if finding.row_first == finding.row_last:
        return f"{finding.row_first}"
    return f"{finding.row_first}–{finding.row_last}"


def print_refusals(refusals: Sequence[Refusal]) -> None:
    """Print on stderr what was left out, one line each."""
    for refusal in refusals:
        err.print(f"refused: {refusal.error}", soft_wrap=True, markup=False)
