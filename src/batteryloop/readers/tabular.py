"""From the fields of a table to quantities in our units, and from those to a raw table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from batteryloop.errors import FileDamaged
from batteryloop.readers.counters import with_split_half_cycles
from batteryloop.readers.delimited import read_fields
from batteryloop.readers.headers import ROLES, Column, unit_of
from batteryloop.readers.impedance import without_impedance
from batteryloop.readers.layout import Layout
from batteryloop.readers.numbers import finite, parse_numbers, plain_text, unreadable
from batteryloop.readers.sampling import begins_anew, chained_s, sample_times
from batteryloop.readers.timestamps import parse_spans_s, parse_stamps, stamps_from_numbers
from batteryloop.readers.types import RawTable, noticed
from batteryloop.readers.units import conversion
from batteryloop.telemetry.frame import COUNTERS
from batteryloop.telemetry.types import Finding, Severity

_SPANS = ("elapsed_s", "step_time_s")
_COUNTS = ("cycle_count", "step_index", "n_balancing", "alarm_bits")
NAIVE_ZONE = "not stated; read as UTC"


@dataclass(frozen=True, slots=True)
class Table:
    """Quantities and roles, in our units, row for row as in the file, and what was noticed."""

    frame: pl.DataFrame
    findings: tuple[Finding, ...] = ()
    has_zone: bool = False

    def with_columns(self, *columns: pl.Series | pl.Expr) -> "Table":
        """Return the table with columns added or replaced."""
        return replace(self, frame=self.frame.with_columns(*columns))

    def noting(self, *findings: Finding) -> "Table":
        """Return the table with more findings."""
        return replace(self, findings=(*self.findings, *findings))


def read_table(path: Path, layout: Layout) -> Table:
    """Return the understood columns of a delimited text, converted.

    Raises
    ------
    FileDamaged
        If there is not one row.
    """
    fields, findings = read_fields(path, layout, layout.columns)
    if fields.is_empty():
        raise FileDamaged(
            path.name, "holds no samples under its header", "at least one row", "copy it again"
        )
    return converted(fields, layout.columns, findings, is_decimal_comma=layout.is_decimal_comma)


def converted(
    fields: pl.DataFrame,
    columns: Sequence[Column],
    findings: Iterable[Finding] = (),
    *,
    is_decimal_comma: bool = False,
) -> Table:
    """Return `fields` as quantities in our units.

    Parameters
    ----------
    fields : polars.DataFrame
        One column each of `columns`, by name: numbers, texts, moments or spans of time.
    columns : sequence of Column
        What they mean and in which unit they are.
    findings : iterable of Finding
        What was noticed already.
    is_decimal_comma : bool
        Whether `1,5` is one and a half.
    """
    noted = list(findings)
    done: dict[str, pl.Series] = {}
    has_zone = False
    for column in columns:
        given = fields.get_column(column.name)
        if given.null_count() == len(given):
            continue
        if ROLES.get(column.name) == "" or column.name == "battery_id":
            done[column.name] = plain_text(given.cast(pl.String))
        elif column.name == "time" or (column.name in _SPANS and given.dtype.is_temporal()):
            values, is_zoned, found = _moments(given, column)
            noted += found
            has_zone |= is_zoned
            if values.null_count() < len(values):
                done.setdefault(values.name, values)
        elif column.name in _SPANS:
            values, found = _spans_s(given, column, is_decimal_comma)
            noted += found
            done.setdefault(values.name, values)
        else:
            values, found = _numbers(given, column, is_decimal_comma)
            noted += found
            done[column.name] = values
    return Table(pl.DataFrame(list(done.values())), tuple(noted), has_zone)


def raw_table(
    table: Table,
    *,
    subject: str,
    metadata: dict[str, str] | None = None,
    start_at: datetime | None = None,
    battery_id: str = "",
) -> RawTable:
    """Return the raw table of `table`: impedance rows out, clocks joined, roles gone.

    Parameters
    ----------
    table : Table
        Signs already ours.
    subject : str
        The file's name.
    metadata : dict of str, optional
        What the file says about itself.
    start_at : datetime, optional
        When elapsed time began, from the header; used where the rows have no time of day.
    battery_id : str
        The battery's name as the file gives it.

    Raises
    ------
    NotTimeSeries
        If the rows are an impedance spectrum.
    """
    frame, found = without_impedance(table.frame, subject=subject)
    noted = [*table.findings, *found]
    about = dict(metadata or {})
    frame, found = _with_one_clock(frame)
    noted += found
    frame = with_split_half_cycles(frame)
    frame, found = _with_positive_counters(frame)
    noted += found
    if "time" in frame.columns:
        about.setdefault("time_zone", "as written" if table.has_zone else NAIVE_ZONE)
    elif start_at is not None:
        about.setdefault("time_zone", NAIVE_ZONE)
    return RawTable(
        frame.select(
            pl.col(name).round().cast(pl.Int64, strict=False) if name in _COUNTS else pl.col(name)
            for name in frame.columns
            if name not in ROLES
        ),
        about,
        None if "time" in frame.columns else start_at,
        tuple(noted),
        battery_id,
    )


def _numbers(
    given: pl.Series, column: Column, is_decimal_comma: bool
) -> tuple[pl.Series, list[Finding]]:
    found: list[Finding] = []
    if given.dtype == pl.String:
        values = parse_numbers(given, is_decimal_comma=is_decimal_comma)
        found = unreadable(given, values, column.label)
    else:
        values = finite(given.cast(pl.Float64, strict=False))
    return _scaled(values, column.unit, column), found


def _scaled(values: pl.Series, unit: str, column: Column) -> pl.Series:
    ours = unit_of(column.name)
    turn = conversion(unit or ours, ours, subject=f"column {column.label}")
    return turn.apply(values).alias(column.name)


def _spans_s(
    given: pl.Series, column: Column, is_decimal_comma: bool
) -> tuple[pl.Series, list[Finding]]:
    """Read elapsed time: numbers with a unit, clocks, or moments under such a header."""
    unit = "s" if ":" in column.unit else column.unit
    if given.dtype != pl.String:
        return _scaled(finite(given.cast(pl.Float64, strict=False)), unit, column), []
    n_said = len(given) - plain_text(given).null_count()
    values = parse_numbers(given, is_decimal_comma=is_decimal_comma)
    if len(values) - values.null_count() >= 0.5 * n_said:
        return _scaled(values, unit, column), unreadable(given, values, column.label)
    clocks = parse_spans_s(given)
    if len(clocks) - clocks.null_count() >= 0.5 * n_said:
        return clocks.alias(column.name), unreadable(given, clocks, column.label)
    moments, _, found = _moments(given, column)
    return moments, found


def _moments(given: pl.Series, column: Column) -> tuple[pl.Series, bool, list[Finding]]:
    if isinstance(given.dtype, pl.Datetime):
        has_zone = given.dtype.time_zone is not None
        utc = given.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if has_zone else given
        return utc.cast(pl.Datetime("us")).alias("time"), has_zone, []
    if given.dtype == pl.Duration:
        return (given.dt.total_microseconds() / 1e6).alias("elapsed_s"), False, []
    if given.dtype == pl.Date:
        return given.cast(pl.Datetime("us")).alias("time"), False, []
    if given.dtype != pl.String:
        return _moments_from(given.cast(pl.Float64, strict=False), column)
    times, has_zone, is_sure = parse_stamps(given)
    if times.null_count() == len(times):
        numbers = parse_numbers(given)
        if numbers.null_count() < len(numbers):
            return _moments_from(numbers, column)
    found = unreadable(given, times, column.label)
    if not is_sure:
        found.append(
            noticed(
                "date-order-guessed",
                f"column {column.label}: day and month could change places; read as "
                f"{times.drop_nulls()[0]:%d %B %Y} at first",
                "if that is wrong give the format in a mapping file (--mapping)",
            )
        )
    return times.dt.replace_time_zone(None).alias("time"), has_zone, found


def _moments_from(numbers: pl.Series, column: Column) -> tuple[pl.Series, bool, list[Finding]]:
    unit = "" if ":" in column.unit else column.unit
    moments = stamps_from_numbers(numbers, unit)
    if moments is None:
        return finite(numbers).alias("elapsed_s"), False, []
    middle = finite(numbers).median()
    is_unix = unit != "datenum" and isinstance(middle, float) and middle > 1e8
    return moments.alias("time"), is_unix, []


def _with_one_clock(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    has = frame.columns
    found: list[Finding] = []
    fine = next((name for name in _SPANS if name in has), None)
    if fine is not None and "battery_id" in has and frame["battery_id"].n_unique() > 1:
        return _each_with_one_clock(frame)
    if "time" in has and fine is not None:
        times, found = sample_times(frame.get_column(fine), frame.get_column("time"))
        frame = frame.with_columns(times.alias("time"))
        if fine == "elapsed_s" and (n_anew := begins_anew(frame.get_column(fine))):
            found = [*found, _restarted(n_anew, "the time of day says when each part began")]
    elif "elapsed_s" in has and "time" not in has:
        n_anew = begins_anew(frame.get_column("elapsed_s"))
        if n_anew:
            frame = frame.with_columns(chained_s(frame.get_column("elapsed_s")))
            how = "no time of day says when; each part is taken to follow the last one"
            found = [_restarted(n_anew, how, severity="warning")]
    elif "time" not in has and "step_time_s" in has:
        frame = frame.with_columns(chained_s(frame.get_column("step_time_s")))
        found = [
            noticed(
                "time-chained",
                "only the time of each step is given; each step is taken to follow the last one",
                "export the total time or the time of day",
            )
        ]
    return frame, found


def _restarted(n_anew: int, how: str, severity: Severity = "note") -> Finding:
    return noticed(
        "elapsed-restarts",
        f"the elapsed time begins anew {n_anew} times; {how}",
        "name the column that tells the parts apart in a mapping file (restarts)",
        severity=severity,
    )


def _each_with_one_clock(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """Join the clocks battery by battery; findings then keep the battery, not the rows."""
    parts: list[pl.DataFrame] = []
    noted: list[Finding] = []
    numbered = frame.with_row_index("order")
    for part in numbered.partition_by("battery_id", maintain_order=True):
        whose = str(part.get_column("battery_id")[0])
        done, found = _with_one_clock(part)
        parts.append(done)
        noted += [replace(f, battery_id=whose, row_first=None, row_last=None) for f in found]
    return pl.concat(parts).sort("order").drop("order"), noted


def _with_positive_counters(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    below = [
        name
        for name in COUNTERS
        if name in frame.columns and ((frame.get_column(name) < 0).sum() or 0) > 0.5 * len(frame)
    ]
    found = [
        noticed(
            "counter-negative",
            f"{name} counts downwards; its sign was turned",
            "nothing",
            severity="note",
        )
        for name in below
    ]
    return frame.with_columns(-pl.col(name) for name in below), found
