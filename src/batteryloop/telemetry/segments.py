"""Segments: the stretches in which a battery charges, discharges or rests."""

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.telemetry.blocks import Block, blocks, measured
from batteryloop.telemetry.frame import TIME, mean_temperature, pack_voltage
from batteryloop.telemetry.parts import Part, gathered
from batteryloop.telemetry.scale import current_scale_a, gap_limit_us, rest_limit_a

SCHEMA: dict[str, pl.DataType] = {
    "battery_id": pl.String(),
    "segment_id": pl.Int64(),
    "kind": pl.String(),
    "start_at": TIME,
    "end_at": TIME,
    "duration_s": pl.Float64(),
    "n_rows": pl.Int64(),
    "charge_ah": pl.Float64(),
    "energy_wh": pl.Float64(),
    "current_mean_a": pl.Float64(),
    "current_max_a": pl.Float64(),
    "voltage_start_v": pl.Float64(),
    "voltage_end_v": pl.Float64(),
    "voltage_min_v": pl.Float64(),
    "voltage_max_v": pl.Float64(),
    "soc_start_frac": pl.Float64(),
    "soc_end_frac": pl.Float64(),
    "temperature_mean_degc": pl.Float64(),
    "is_after_gap": pl.Boolean(),
    "row_first": pl.Int64(),
    "row_last": pl.Int64(),
}
_KINDS = np.array(["discharge", "rest", "charge"])
_HOLES_SHOW_IN = ("current_peak_a", "charge_as", "energy_j", "voltage_min_v", "temperature_sum")
_DRIVE_MERGE_US = 120_000_000
_DRIVE_REVERSALS = 10
_DRIVE_REVERSALS_PER_H = 20.0
_DRIVE_PAUSE_US = 10_000_000


@overload
def segments(
    frame: pl.DataFrame,
    *,
    rest_current_a: float | None = ...,
    merge_shorter_s: float | None = ...,
    gap_s: float | None = ...,
    n_cells_series: int = ...,
) -> pl.DataFrame: ...
@overload
def segments(
    frame: pl.LazyFrame,
    *,
    rest_current_a: float | None = ...,
    merge_shorter_s: float | None = ...,
    gap_s: float | None = ...,
    n_cells_series: int = ...,
) -> pl.LazyFrame: ...
def segments(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    rest_current_a: float | None = None,
    merge_shorter_s: float | None = None,
    gap_s: float | None = None,
    n_cells_series: int = 1,
) -> pl.DataFrame | pl.LazyFrame:
    """Return the battery's charges, discharges and rests, one row each.

    Parameters
    ----------
    frame : polars.DataFrame or LazyFrame
        A telemetry frame, sorted by battery and time. A lazy one is streamed.
    rest_current_a : float, optional
        Below this the battery rests. By default from each battery's data: half a percent of its
        usual largest current, or the sensor's noise where that is more. [A]
    merge_shorter_s : float, optional
        Stretches shorter than this are taken together with their neighbours. By default 0, but
        120 s for a battery that is driven: one whose current changes sign, within 10 s and
        between stretches under two minutes, at least 10 times and 20 times an hour. So a trip
        is one discharge, with the regenerated charge counted against it. [s]
    gap_s : float, optional
        Where samples are further apart, a segment ends and nothing is summed. By default 20
        times the usual step, never under 300 s. Within one step of a tester nothing is a gap. [s]
    n_cells_series : int, default 1
        Cells in series, where the frame carries only cell voltages.

    Returns
    -------
    polars.DataFrame or LazyFrame
        Lazy for lazy. `charge_ah` and `energy_wh` are signed: positive charges. `current_max_a`
        is the current of largest magnitude, with its sign. `row_first` and `row_last` count the
        frame's rows from 0. What the frame does not carry is null.

    Raises
    ------
    ColumnMissing
        If the frame carries no voltage.
    InputWrong
        If a battery's rows are not together.

    Examples
    --------
    >>> from datetime import datetime, timedelta, UTC
    >>> start = datetime(2026, 1, 1, tzinfo=UTC)
    >>> frame = pl.DataFrame({
    ...     "battery_id": "B1", "time": [start + timedelta(minutes=m) for m in range(5)],
    ...     "current_a": [0.0, 0.0, -6.0, -6.0, -6.0], "voltage_v": [4.0, 4.0, 3.9, 3.8, 3.7]})
    >>> segments(frame).select("kind", "n_rows", "charge_ah").rows()
    [('rest', 2, 0.0), ('discharge', 3, -0.25)]

    Notes
    -----
    Each sample speaks for half of the interval on either side, so the segments' charges add up
    to the trapezoid integral of the whole. Above, the first discharging sample speaks for half
    a minute of the interval in which the current was switched on.
    """
    if isinstance(frame, pl.LazyFrame):
        options = (rest_current_a, merge_shorter_s, gap_s, n_cells_series)
        return pl.defer(lambda: _segments(frame, *options), schema=SCHEMA)
    return _segments(frame, rest_current_a, merge_shorter_s, gap_s, n_cells_series)


def _segments(
    frame: pl.DataFrame | pl.LazyFrame,
    rest_current_a: float | None,
    merge_shorter_s: float | None,
    gap_s: float | None,
    n_cells_series: int,
) -> pl.DataFrame:
    has = frame.collect_schema().names()
    columns = {
        "current_a": pl.col("current_a"),
        "voltage_v": pack_voltage(frame, n_cells_series=n_cells_series),
        "soc_frac": pl.col("soc_frac") if "soc_frac" in has else None,
        "temperature_degc": mean_temperature(frame),
        "step_index": pl.col("step_index") if "step_index" in has else None,
    }
    parts = [
        _of_battery(block, rest_current_a, merge_shorter_s, gap_s)
        for block in blocks(frame, columns)
    ]
    return _table(parts) if parts else pl.DataFrame(schema=SCHEMA)


def _of_battery(
    block: Block, rest_current_a: float | None, merge_shorter_s: float | None, gap_s: float | None
) -> Part:
    runs = _runs(block, rest_current_a, merge_shorter_s, gap_s)
    if not all(np.isfinite(runs[name]).all() for name in _HOLES_SHOW_IN):
        # holes are rare: the samples are looked through only where a sum shows one
        block = measured(block, "voltage_v", "temperature_degc")
        runs = _runs(block, rest_current_a, merge_shorter_s, gap_s)
    return Part.of(block, runs)


def _runs(
    block: Block, rest_current_a: float | None, merge_shorter_s: float | None, gap_s: float | None
) -> NDArray[Any]:
    from batteryloop.telemetry.kernels import bounds, merge, runs  # numba is slow to import

    time_us, current_a = block.time_us, block.columns["current_a"]
    step_index = block.columns["step_index"]
    if rest_current_a is None:
        rest_current_a = rest_limit_a(current_a, current_scale_a(current_a))
    gap_us = gap_limit_us(time_us) if gap_s is None else int(gap_s * 1e6)
    rows = bounds.rows_of(time_us, current_a, step_index, rest_current_a, gap_us)
    kinds = bounds.kinds_of(rows, current_a, rest_current_a)
    gaps = bounds.gaps_of(rows, time_us, step_index, gap_us)
    spans_us = bounds.spans_of(rows, gaps, time_us)
    merge_us = _drive_merge_us(kinds, gaps, spans_us)
    if merge_shorter_s is not None:
        merge_us = int(merge_shorter_s * 1e6)
    if merge_us > 0:
        rows, kinds, gaps = merge.merged(
            rows, kinds, gaps, spans_us, time_us, current_a, merge_us, rest_current_a
        )
    found = np.empty(rows.size, runs.RUN)
    runs.fill_runs(
        found,
        rows,
        kinds,
        gaps,
        time_us,
        current_a,
        block.columns["voltage_v"],
        block.columns["soc_frac"],
        block.columns["temperature_degc"],
        step_index,
        gap_us,
    )
    return found


def _drive_merge_us(
    kinds: NDArray[np.int64], gaps: NDArray[np.int64], spans_us: NDArray[np.int64]
) -> int:
    """Return what is short in the data of a battery that is driven, 0 for one that is not. [µs]."""
    from batteryloop.telemetry.kernels.merge import reversals

    count, active_s = reversals(kinds, gaps, spans_us, _DRIVE_PAUSE_US, _DRIVE_MERGE_US)
    is_driven = count >= _DRIVE_REVERSALS and count >= _DRIVE_REVERSALS_PER_H * active_s / 3600
    return _DRIVE_MERGE_US if is_driven else 0


def _table(parts: Sequence[Part]) -> pl.DataFrame:
    seconds = pl.col("span_s")
    table = gathered(parts)
    return (
        table.with_columns(
            segment_id=pl.Series(np.concatenate([np.arange(p.records.size) for p in parts])),
            kind=pl.Series(_KINDS[table["kind"].to_numpy() + 1], dtype=pl.String),
            charge_ah=pl.col("charge_as") / 3600,
            energy_wh=pl.col("energy_j") / 3600,
            current_mean_a=pl.when(seconds > 0)
            .then(pl.col("charge_as") / seconds)
            .otherwise("current_peak_a"),
            current_max_a="current_peak_a",
            temperature_mean_degc=pl.col("temperature_sum") / pl.col("temperature_span"),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())
        .with_columns(pl.selectors.float().fill_nan(None))
    )
