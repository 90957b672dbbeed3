"""Neware, exported as text: one table, or the older nested one of cycles, steps and records."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from batteryloop.readers.delimited import split_rows
from batteryloop.readers.encoding import decode, guess_encoding
from batteryloop.readers.headers import Column, understand
from batteryloop.readers.layout import find_layout, split_line
from batteryloop.readers.sign import with_sign_of
from batteryloop.readers.tabular import Table, converted, raw_table, read_table
from batteryloop.readers.types import Format, Head, RawTable

_MARKS = frozenset({"record", "step_type"})
_DISCHARGES = r"(?i)dchg|d_?ch|disch|放电"
_CHARGES = r"(?i)chg|charge|充电"
_N_LEVELS = 3


def recognises(head: Head) -> bool:
    """Return whether the header has Neware's record and step type."""
    layout = find_layout(head, "neware")
    return layout is not None and layout.is_time_series and layout.names >= _MARKS


def recognises_nested(head: Head) -> bool:
    """Return whether the first lines are the headers of cycles, steps and records."""
    return _nested_labels(head) is not None


def read(path: Path) -> RawTable:
    """Return the samples; the sign of the current is that of the step's type."""
    layout = find_layout(Head.of(path), "neware")
    assert layout is not None
    return raw_table(with_sign_of_step(read_table(path, layout)), subject=path.name)


def read_nested(path: Path) -> RawTable:
    """Return the samples of a nested table: each record with its step and its cycle."""
    head = Head.of(path)
    levels = _nested_labels(head)
    assert levels is not None
    text = decode(path.read_bytes(), guess_encoding(head.start) or "cp1252")
    rows = split_rows(text.replace("\0", "").splitlines()[_N_LEVELS:], _separator(head))
    fields, columns = _flattened(rows, levels)
    return raw_table(with_sign_of_step(converted(fields, columns)), subject=path.name)


def with_sign_of_step(table: Table) -> Table:
    """Return `table` with the current's sign that the step type tells: CC DChg is discharge."""
    if "step_type" not in table.frame.columns:
        return table
    step_type = pl.col("step_type")
    direction = (
        pl.when(step_type.str.contains(_DISCHARGES))
        .then(-1)
        .when(step_type.str.contains(_CHARGES))
        .then(1)
        .otherwise(0)
    )
    return with_sign_of(table, direction, said_by="the step type")


def _nested_labels(head: Head) -> tuple[tuple[str, ...], ...] | None:
    if len(head.lines) < _N_LEVELS + 1:
        return None
    levels = tuple(split_line(line, _separator(head)) for line in head.lines[:_N_LEVELS])
    names = [{c.name for c in understand(level, "neware")} for level in levels]
    is_nested = (
        "cycle_count" in names[0]
        and not levels[1][0].strip()
        and {"step_index", "step_type"} <= names[1]
        and {"current_a", "voltage_v"} <= names[2]
    )
    return levels if is_nested else None


def _separator(head: Head) -> str:
    return "\t" if "\t" in head.lines[0] else ","


def _flattened(
    rows: pl.Series, levels: Sequence[Sequence[str]]
) -> tuple[pl.DataFrame, list[Column]]:
    """Return the records' fields, each with those of the step and the cycle above it."""
    field = pl.col("row").list.get
    is_empty = [field(i, null_on_oob=True).fill_null("").str.strip_chars() == "" for i in (0, 1)]
    level = pl.when(~is_empty[0]).then(0).when(~is_empty[1]).then(1).otherwise(2)
    columns = {c.name: (2, c) for c in understand(levels[2], "neware")}
    for name, number in (("cycle_count", 0), ("step_index", 1), ("step_type", 1)):
        found = {c.name: c for c in understand(levels[number], "neware")}[name]
        columns[name] = (number, found)
    fields = (
        rows.to_frame("row")
        .with_columns(level.alias("level"))
        .select(
            pl.col("level"),
            *(
                pl.when(pl.col("level") == number)
                .then(field(column.index, null_on_oob=True))
                .forward_fill()
                .alias(name)
                if number < 2
                else field(column.index, null_on_oob=True).alias(name)
                for name, (number, column) in columns.items()
            ),
        )
        .filter(pl.col("level") == 2)
        .drop("level")
    )
    return fields, [column for _, column in columns.values()]


FORMAT = Format("neware-text", "Neware text (csv)", recognises, read)
NESTED = Format("neware-nested", "Neware nested text (csv)", recognises_nested, read_nested)
