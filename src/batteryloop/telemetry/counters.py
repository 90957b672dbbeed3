"""Counters that restart, made into counts that never fall; cycles numbered through."""

from typing import Any

import numpy as np
import polars as pl

from batteryloop.errors import ColumnMissing
from batteryloop.telemetry.blocks import ABSENT, Array, Block, blocks
from batteryloop.telemetry.frame import COUNTERS
from batteryloop.telemetry.scale import gap_limit_us
from batteryloop.telemetry.types import Finding


def unroll_counters(
    frame: pl.DataFrame, *, by: str | None = None
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Return the frame with counters that never fall and cycles that are numbered through.

    Counters may restart at every file, cycle, step or half cycle, at 0 or at a small value. A
    counter has restarted where it lost more than half of what it held; a smaller loss is the
    counter trembling, and it is held at its peak. A `cycle_count` that falls goes on rising; so
    does one that stays while, after a gap, the schedule and both counters of charge start anew.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame, sorted by battery and time.
    by : str, optional
        A column of the frame: where it changes, any loss is a restart.

    Returns
    -------
    polars.DataFrame
        The same rows; counters count from 0 at the battery's first reading.
    tuple of Finding
        How often what restarted (`counter-restarts`, `cycle-count-restarts`), and where a counter
        ran back without restarting (`counter-falls`).

    Raises
    ------
    ColumnMissing
        If the frame has no column `by`.

    Examples
    --------
    >>> frame = pl.DataFrame({"battery_id": "A", "time": [0, 1, 2, 3], "current_a": 1.0,
    ...     "voltage_v": 3.7, "charge_capacity_ah": [0.0, 2.0, 0.5, 1.0]}).with_columns(
    ...     pl.from_epoch("time", time_unit="us").dt.replace_time_zone("UTC"))
    >>> unrolled, findings = unroll_counters(frame)
    >>> unrolled["charge_capacity_ah"].to_list(), findings[0].rule
    ([0.0, 2.0, 2.5, 3.0], 'counter-restarts')
    """
    if by is not None and by not in frame.columns:
        raise ColumnMissing("frame", f"no column {by}", f"one of {', '.join(frame.columns)}")
    present = [name for name in COUNTERS if name in frame.columns]
    has_cycles = "cycle_count" in frame.columns
    if frame.is_empty() or not (present or has_cycles):
        return frame, ()
    extra = ["cycle_count", "step_index", *COUNTERS]
    columns = {name: pl.col(name) if name in frame.columns else None for name in extra}
    columns["by"] = None if by is None else _as_number(frame, by)
    findings: list[Finding] = []
    parts: dict[str, list[np.ndarray[Any, Any]]] = {name: [] for name in present}
    numbers: list[np.ndarray[Any, Any]] = []
    for block in blocks(frame, columns):
        for name in present:
            counter, found = _unrolled(block, name)
            parts[name].append(counter)
            findings += found
        if has_cycles:
            cycle, found = _numbered(block)
            numbers.append(cycle)
            findings += found
    series = [
        pl.Series(name, np.concatenate(arrays)).fill_nan(None) for name, arrays in parts.items()
    ]
    if has_cycles:
        series.append(pl.Series("cycle_count", np.concatenate(numbers), dtype=pl.Int64))
    return frame.with_columns(series), tuple(findings)


def _as_number(frame: pl.DataFrame, by: str) -> pl.Expr:
    column = pl.col(by)
    return column if frame.schema[by].is_numeric() else column.rle_id()


def _unrolled(block: Block, name: str) -> tuple[Array, list[Finding]]:
    from batteryloop.telemetry.kernels import counter as kernel  # numba is slow to import

    values, state = kernel.unrolled(block.columns[name], block.columns.get("by", ABSENT))
    restarts, falls = int(state[kernel.N_RESTARTS]), int(state[kernel.N_FALLS])
    row = block.row_first + int(state[kernel.FIRST_ROW])
    findings = []
    if restarts:
        findings.append(
            Finding(
                "counter-restarts", "note", block.battery_id,
                f"{name} restarts {restarts} times, first at row {row}; unrolled",
                "nothing to do: it now counts since the first sample",
                row, block.row_first + len(block) - 1, restarts,
            )
        )  # fmt: skip
    if falls:
        findings.append(
            Finding(
                "counter-falls", "warning", block.battery_id,
                f"{name} runs back {falls} times by more than 0.1 % without restarting, first at "
                f"or after row {row}; held at its peak there",
                "check whether the column is a net charge, not a counter",
                row, block.row_first + len(block) - 1, falls,
            )
        )  # fmt: skip
    return values, findings


def _numbered(block: Block) -> tuple[np.ndarray[Any, Any], list[Finding]]:
    from batteryloop.telemetry.kernels.counter import numbered

    column = block.columns
    numbers, restarts, row = numbered(
        column["cycle_count"],
        block.time_us,
        column["step_index"],
        column["charge_capacity_ah"],
        column["discharge_capacity_ah"],
        gap_limit_us(block.time_us),
    )
    if not restarts:
        return numbers, []
    row += block.row_first
    return numbers, [
        Finding(
            "cycle-count-restarts", "note", block.battery_id,
            f"cycle_count restarts {restarts} times, first at row {row}; numbered through",
            "nothing to do: each cycle now has a number of its own",
            row, block.row_first + len(block) - 1, restarts,
        )
    ]  # fmt: skip
