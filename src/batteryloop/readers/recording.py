"""From a raw table to a recording: who, when, in order, with every finding at its row."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from batteryloop.errors import ColumnMissing, FileDamaged, OptionWrong
from batteryloop.readers.types import RawTable, noticed
from batteryloop.telemetry.frame import TIME, as_frame
from batteryloop.telemetry.types import Finding, Recording, Source

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIMULATED = "SIMULATED"


def sha256_of(path: Path) -> str:
    """Return the file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_recording(
    table: RawTable, path: Path, *, format_name: str, battery_id: str | None = None
) -> Recording:
    """Return `table` as a recording: battery and time set, sorted, typed, findings at their rows.

    Parameters
    ----------
    table : RawTable
        What a format read.
    path : pathlib.Path
        The file, for its name and its SHA-256.
    format_name : str
        The format's name, for the source.
    battery_id : str, optional
        Whose file it is; else what the file says, else the file's stem.

    Raises
    ------
    ColumnMissing
        If there is no time, no current or no voltage.
    FileDamaged
        If no row has a time.
    OptionWrong
        If `battery_id` is given for a file of several batteries.
    """
    frame, whose = _with_battery(table, path, battery_id)
    if frame.is_empty():
        raise FileDamaged(
            path.name, "holds no samples", "at least one row", "export or copy it again"
        )
    is_relative = "time" not in frame.columns and table.start_at is None
    frame = _with_time(frame, table.start_at, path.name)
    numbered = frame if "row_in_file" in frame.columns else frame.with_row_index("row_in_file")
    # without a row to leave out nothing is copied: lists of 96 cells are most of a frame
    has_hole = numbered.get_column("time").null_count() > 0
    kept = numbered.filter(pl.col("time").is_not_null()) if has_hole else numbered
    findings = [*table.findings, *_rows_left_out(numbered)]
    if kept.is_empty():
        raise FileDamaged(
            path.name, "no row has a time that can be read", "a time in each row", "check the file"
        )
    if not (kept["battery_id"].n_unique() == 1 and kept["time"].is_sorted()):
        findings += _rows_put_in_order(kept)
        kept = kept.sort("battery_id", "time", maintain_order=True)
    source = Source(
        name=path.name,
        format=format_name,
        sha256=sha256_of(path),
        is_time_relative=is_relative,
        is_simulated=table.is_simulated or _SIMULATED in path.name,
        metadata=table.metadata,
    )
    return Recording(
        as_frame(kept, subject=path.name),
        source,
        tuple(_at_rows(findings, kept.get_column("row_in_file"), whose)),
    )


def _with_battery(table: RawTable, path: Path, battery_id: str | None) -> tuple[pl.DataFrame, str]:
    frame = table.frame
    if "battery_id" in frame.columns:
        names = (
            frame.get_column("battery_id").drop_nulls().unique().cast(pl.String).sort().to_list()
        )
        if battery_id is not None and len(names) > 1:
            raise OptionWrong(
                "battery_id",
                f"{battery_id!r} is given, but {path.name} holds {len(names)} batteries",
                "one battery in the file",
                "leave it out",
            )
        if battery_id is None:
            stem = path.stem
            return frame.with_columns(
                pl.col("battery_id").cast(pl.String).fill_null(stem)
            ), ", ".join(names[:3]) or stem
    whose = battery_id or table.battery_id or path.stem
    return frame.with_columns(pl.lit(whose).alias("battery_id")), whose


def _with_time(frame: pl.DataFrame, start_at: datetime | None, subject: str) -> pl.DataFrame:
    if "time" in frame.columns:
        column = pl.col("time")
        if frame.schema["time"].time_zone is None:  # type: ignore[attr-defined]
            column = column.dt.replace_time_zone("UTC")
        return frame.with_columns(column.cast(TIME))
    if "elapsed_s" not in frame.columns:
        raise ColumnMissing(
            subject,
            f"no column for the time; columns: {', '.join(frame.columns[:12])}",
            "time or elapsed_s",
            "name it in a mapping file (--mapping)",
        )
    start = start_at or EPOCH
    since = (pl.col("elapsed_s").fill_nan(None) * 1e6).round().cast(pl.Int64, strict=False)
    return frame.with_columns(
        (pl.lit(start).cast(TIME) + pl.duration(microseconds=since)).alias("time")
    )


def _rows_left_out(numbered: pl.DataFrame) -> list[Finding]:
    lost = numbered.filter(pl.col("time").is_null()).get_column("row_in_file")
    if lost.is_empty():
        return []
    return [
        noticed(
            "time-unreadable",
            f"{len(lost)} rows have no time that can be read and are left out "
            f"(the first is row {lost[0]} of the file's table)",
            "look at these rows in the file",
            severity="error",
            n_rows=len(lost),
        )
    ]


def _rows_put_in_order(kept: pl.DataFrame) -> list[Finding]:
    is_earlier = pl.col("time") < pl.col("time").shift().over("battery_id")
    n_earlier = int(kept.select(is_earlier.sum()).item() or 0)
    if n_earlier == 0:
        return []
    return [
        noticed(
            "rows-put-in-order",
            f"{n_earlier} times a row is earlier than the one before it; the rows were put in the "
            "order of time",
            "nothing, if the file was put together from parts; else look at its clock",
            severity="note",
        )
    ]


def _at_rows(findings: Iterable[Finding], order: pl.Series, whose: str) -> Iterable[Finding]:
    """Give each finding its battery, and the rows that its rows became."""
    for finding in findings:
        found = replace(finding, battery_id=finding.battery_id or whose)
        if found.row_first is not None and found.row_last is not None:
            rows = order.is_between(found.row_first, found.row_last).arg_true()
            found = replace(
                found,
                row_first=int(rows[0]) if len(rows) else None,
                row_last=int(rows[-1]) if len(rows) else None,
            )
        yield found
