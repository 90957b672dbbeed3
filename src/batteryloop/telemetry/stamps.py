"""Rows of one battery that carry the same moment."""

import polars as pl

from batteryloop.telemetry.marks import findings_of
from batteryloop.telemetry.types import Finding


def without_duplicates(frame: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Return the frame without rows that say the same thing twice, and what was found.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame, sorted by battery and time.

    Returns
    -------
    polars.DataFrame
        Of rows that are equal in every column the first is kept; rows of one moment that differ
        are all kept.
    tuple of Finding
        `duplicate-rows`: rows, by their number in the frame that was given, that were removed.
        `duplicate-stamps`: rows of equal moment that differ, by their number in the frame returned.
    """
    if not _has_repeats(frame):
        return frame, ()
    is_repeat = _is_repeat()
    near = frame.with_row_index("row").filter(is_repeat | is_repeat.shift(-1).fill_null(False))
    kept = near.unique(frame.columns, keep="first", maintain_order=True).get_column("row")
    dropped = near.get_column("row").filter(~near.get_column("row").is_in(kept.implode()))
    findings: tuple[Finding, ...] = ()
    if len(dropped):
        is_dropped = pl.int_range(pl.len(), dtype=pl.UInt32).is_in(dropped.implode())
        findings = findings_of(
            frame,
            is_dropped,
            rule="duplicate-rows",
            severity="warning",
            found="rows equal in every column to one before; removed",
            next_step="check whether a file was given twice",
        )
        frame = frame.filter(~is_dropped)
    if not _has_repeats(frame):
        return frame, findings
    return frame, findings + findings_of(
        frame,
        is_repeat,
        rule="duplicate-stamps",
        severity="note",
        found="the same moment as the row before, with other values; kept",
        next_step="if the clock resolves the samples, check the time column",
    )


def _is_repeat() -> pl.Expr:
    battery, time = pl.col("battery_id"), pl.col("time")
    return ((time == time.shift()) & (battery == battery.shift())).fill_null(False)


def _has_repeats(frame: pl.DataFrame) -> bool:
    return bool(frame.select(_is_repeat().any()).item())
