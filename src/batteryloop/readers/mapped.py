"""A table read through a mapping file: columns, units, signs, and clocks that begin anew."""

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import polars as pl

from batteryloop.errors import ColumnMissing, OptionWrong
from batteryloop.readers.delimited import read_fields
from batteryloop.readers.headers import Column
from batteryloop.readers.layout import SEPARATORS, Layout, layout_at, split_line
from batteryloop.readers.mapping import MappedColumn, Mapping
from batteryloop.readers.numbers import plain_text, unreadable
from batteryloop.readers.parquet import names_of, read_named
from batteryloop.readers.restarts import run_on
from batteryloop.readers.sign import with_opposite_sign
from batteryloop.readers.tabular import Table, converted, raw_table
from batteryloop.readers.types import Head, RawTable
from batteryloop.telemetry.types import Finding

_N_HEADER_LINES = 400


def read(path: Path, mapping: Mapping) -> RawTable:
    """Return the samples of a Parquet or delimited file whose columns `mapping` names.

    Raises
    ------
    ColumnMissing
        If a column of the mapping is not in the file; near ones are offered.
    OptionWrong
        If the time zone is not known.
    """
    fields, findings, is_decimal_comma = _fields(path, mapping)
    table = _table(fields, findings, mapping, is_decimal_comma)
    if mapping.positive_is == "discharge":
        table = with_opposite_sign(table, because="the mapping says so")
    if mapping.restarts:
        table = run_on(
            table.with_columns(fields.get_column(mapping.restarts).cast(pl.String).alias("group")),
            group="group",
        )
    elif "start_at" in table.frame.columns:
        table = run_on(table, group="start_at")
    frame = table.frame.drop("group", strict=False)
    if "start_at" in frame.columns:
        frame = frame.drop("start_at", "elapsed_s")
    raw = raw_table(
        replace(table, frame=frame),
        subject=path.name,
        metadata={"mapping": mapping.name},
        battery_id=mapping.battery_id,
    )
    if not mapping.restarts:
        return raw
    # that time begins anew is what the mapping says already
    return replace(raw, findings=tuple(f for f in raw.findings if f.rule != "elapsed-restarts"))


def _fields(path: Path, mapping: Mapping) -> tuple[pl.DataFrame, list[Finding], bool]:
    """Return the mapped columns as written, by their labels in the file."""
    head = Head.of(path)
    names = names_of(head)
    if names:
        _need(mapping, names, path.name)
        return read_named(path, mapping.labels), [], False
    layout = _layout(head, mapping)
    index = {label.strip(): i for i, label in reversed(list(enumerate(layout.labels)))}
    _need(mapping, tuple(index), path.name)
    columns = [Column(index[label], label, label, "") for label in mapping.labels]
    fields, findings = read_fields(path, layout, columns)
    return fields, findings, layout.is_decimal_comma


def _layout(head: Head, mapping: Mapping) -> Layout:
    """Return the layout of the table in which most of the mapped labels stand on one line."""
    separators = (mapping.separator,) if mapping.separator else SEPARATORS
    numbers = (
        range(mapping.header_line - 1, mapping.header_line)
        if mapping.header_line
        else range(min(len(head.lines), _N_HEADER_LINES))
    )
    best: tuple[int, int, str] = (0, 0, separators[0])
    for number in numbers:
        for separator in separators:
            if number >= len(head.lines) or separator not in head.lines[number]:
                continue
            labels = {label.strip() for label in split_line(head.lines[number], separator)}
            n_found = len(labels.intersection(mapping.labels))
            if n_found > best[0]:
                best = (n_found, number, separator)
    _, number, separator = best
    line = head.lines[number] if head.lines else ""
    written = tuple(label.strip().strip('"') for label in split_line(line, separator))
    layout = layout_at(head.lines, number, separator, written, head.start)
    return replace(
        layout,
        labels=written,
        encoding=mapping.encoding or layout.encoding or "cp1252",
        is_decimal_comma=mapping.decimal == "," if mapping.decimal else layout.is_decimal_comma,
    )


def _need(mapping: Mapping, names: tuple[str, ...], subject: str) -> None:
    missing = [label for label in mapping.labels if label not in names]
    if missing:
        near = get_close_matches(missing[0], names, n=3, cutoff=0.4)
        raise ColumnMissing(
            subject,
            f"no column {', '.join(map(repr, missing[:5]))}; columns: {', '.join(names[:12])}",
            f"every column of the mapping {mapping.name}",
            f"did you mean {', '.join(near)}?" if near else "correct the mapping",
        )


def _table(
    fields: pl.DataFrame, findings: list[Finding], mapping: Mapping, is_decimal_comma: bool
) -> Table:
    single: dict[str, pl.Series] = {}
    columns: list[Column] = []
    moments: list[pl.Series] = []
    for column in mapping.columns:
        given = fields.get_column(column.labels[0])
        if column.name in ("time", "start_at"):
            values, found = _moments(given, column, mapping.time_zone)
            moments.append(values.alias(column.name))
            findings += found
        elif not column.is_list:
            single[column.name] = _prescaled(given, column).alias(column.name)
            columns.append(Column(0, column.labels[0], column.name, column.unit))
    if mapping.battery_id_column:
        moments.append(
            plain_text(fields.get_column(mapping.battery_id_column).cast(pl.String)).alias(
                "battery_id"
            )
        )
    table = converted(
        pl.DataFrame(list(single.values())), columns, findings, is_decimal_comma=is_decimal_comma
    )
    lists = [_list(fields, c, is_decimal_comma) for c in mapping.columns if c.is_list]
    noted = [finding for _, found in lists for finding in found]
    table = table.with_columns(*moments, *(values for values, _ in lists)).noting(*noted)
    return replace(table, has_zone=table.has_zone or mapping.time_zone != "UTC")


def _prescaled(given: pl.Series, column: MappedColumn) -> pl.Series:
    return given if column.scale == 1.0 else given.cast(pl.Float64, strict=False) * column.scale


def _list(
    fields: pl.DataFrame, column: MappedColumn, is_decimal_comma: bool
) -> tuple[pl.Series, list[Finding]]:
    noted: list[Finding] = []
    parts: list[pl.Series] = []
    for i, label in enumerate(column.labels):
        given = _prescaled(fields.get_column(label), column).alias(column.name)
        one = converted(
            given.to_frame(),
            [Column(0, label, column.name, column.unit)],
            is_decimal_comma=is_decimal_comma,
        )
        noted += one.findings
        values = (
            one.frame.get_column(column.name)
            if column.name in one.frame.columns
            else pl.Series([None] * len(given), dtype=pl.Float64)
        )
        parts.append(values.cast(pl.Float32).alias(str(i)))
    together = pl.DataFrame(parts).select(pl.concat_list(pl.all()).alias(column.name))
    return together.to_series(), noted


def _moments(
    given: pl.Series, column: MappedColumn, time_zone: str
) -> tuple[pl.Series, list[Finding]]:
    """Return moments in UTC, without zone, from whatever the column writes."""
    if column.format and given.dtype == pl.String:
        times = plain_text(given).str.to_datetime(column.format, strict=False, time_unit="us")
        found, has_zone = unreadable(given, times, column.labels[0]), False
        if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None:
            has_zone = True
            times = times.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    else:
        read_as = Column(0, column.labels[0], "time", column.unit)
        one = converted(given.alias("time").to_frame(), [read_as])
        if "time" not in one.frame.columns:
            raise ColumnMissing(
                f"column {column.labels[0]}",
                "holds no moments",
                "dates with times of day, or seconds since 1970",
                "give its format in the mapping, or map it to elapsed_s",
            )
        times, found, has_zone = one.frame.get_column("time"), list(one.findings), one.has_zone
    if has_zone or time_zone == "UTC":
        return times, found
    try:
        local = times.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
    except pl.exceptions.PolarsError as exc:
        raise OptionWrong(
            "time_zone", f"{time_zone!r} is not known", "a name such as Europe/Berlin"
        ) from exc
    return local.dt.convert_time_zone("UTC").dt.replace_time_zone(None), found
