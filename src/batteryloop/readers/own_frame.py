"""The telemetry frame of this house, as Parquet or csv: the names of `quantities.csv`."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from batteryloop.readers.delimited import read_fields
from batteryloop.readers.headers import Column
from batteryloop.readers.layout import find_layout
from batteryloop.readers.numbers import plain_text
from batteryloop.readers.parquet import foot_of, names_of, read_columns
from batteryloop.readers.tabular import Table, converted, raw_table
from batteryloop.readers.types import Format, Head, RawTable
from batteryloop.telemetry.frame import COLUMNS, VOLTAGES, dtype_of

_LISTS = ("cell_voltages_v", "cell_temperatures_degc")
_FOOT = "batteryloop_is_simulated"  # written by storage and by the simulation
_TAKEN = (*COLUMNS, "elapsed_s", "step_time_s")


def names_are_ours(names: tuple[str, ...]) -> bool:
    """Return whether `names` hold a time, the current and a voltage by our names.

    Examples
    --------
    >>> names_are_ours(("time", "current_a", "cell_voltage_max_v"))
    True
    """
    has = set(names)
    return "current_a" in has and bool({"time", "elapsed_s"} & has) and not has.isdisjoint(VOLTAGES)


def recognises(head: Head) -> bool:
    """Return whether a csv's header has our names."""
    layout = find_layout(head)
    return layout is not None and names_are_ours(layout.labels)


def read(path: Path) -> RawTable:
    """Return the samples of a csv; a list of cells is written `[3.71, 3.72]`."""
    layout = find_layout(Head.of(path))
    assert layout is not None
    columns = _columns(layout.labels)
    fields, findings = read_fields(path, layout, columns)
    lists = [c for c in columns if c.name in _LISTS]
    table = converted(
        fields,
        [c for c in columns if c.name not in _LISTS],
        findings,
        is_decimal_comma=layout.is_decimal_comma,
    )
    return _raw(table.with_columns(*(_as_list(fields.get_column(c.name)) for c in lists)), path)


def recognises_parquet(head: Head) -> bool:
    """Return whether a Parquet file's columns have our names."""
    return names_are_ours(names_of(head))


def read_parquet(path: Path) -> RawTable:
    """Return the samples of a Parquet file."""
    columns = _columns(names_of(Head.of(path)))
    fields = read_columns(path, columns)
    lists = [c.name for c in columns if c.name in _LISTS]
    table = converted(fields, [c for c in columns if c.name not in _LISTS])
    raw = _raw(
        table.with_columns(*(fields.get_column(n).cast(dtype_of(n), strict=False) for n in lists)),
        path,
    )
    return replace(raw, is_simulated=foot_of(path).get(_FOOT) == "true")


def _columns(names: tuple[str, ...]) -> list[Column]:
    return [Column(i, name, name, "") for i, name in enumerate(names) if name in _TAKEN]


def _as_list(texts: pl.Series) -> pl.Series:
    parts = plain_text(texts.cast(pl.String)).str.strip_chars("[]()").str.split(",")
    return parts.list.eval(pl.element().str.strip_chars().cast(pl.Float32, strict=False)).alias(
        texts.name
    )


def _raw(table: Table, path: Path) -> RawTable:
    return raw_table(table, subject=path.name)


FORMAT = Format("batteryloop", "batteryloop frame (csv)", recognises, read)
PARQUET = Format(
    "batteryloop-parquet", "batteryloop frame (Parquet)", recognises_parquet, read_parquet
)
