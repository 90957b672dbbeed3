"""Watch a battery: fold its rows into a state of bounded size, and warn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.errors import ColumnMissing, InputWrong
from batteryloop.health.warning.cells import as_matrix
from batteryloop.health.warning.curve import slope_table
from batteryloop.health.warning.judge import judge, judge_minute
from batteryloop.health.warning.kernels import layout as at
from batteryloop.health.warning.kernels.layout import Judged, Kind, Memory, Rows
from batteryloop.health.warning.size import Pack
from batteryloop.health.warning.state import WatchState
from batteryloop.health.warning.thresholds import (
    DEFAULT_BUDGET_PER_YEAR,
    SUDDEN,
    thresholds_for,
)
from batteryloop.health.warning.types import CELL_KINDS, KINDS, PACK_KINDS, HealthWarning
from batteryloop.record.types import BatteryIdentity
from batteryloop.telemetry.frame import TIME

Array = NDArray[np.float64]
_NONE = np.empty(0, np.float64)
_NONE.setflags(write=False)
# Stops at every window, and at no minute.
_EVERY_WINDOW = dict.fromkeys(KINDS, -1e9) | {SUDDEN: 1e9}
# Only scales the current where the capacity is not known; nothing is told in Ah then.
_USUAL_AH = 50.0


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the folding stopped: a window that passed a threshold, a minute that alarms, or both.

    `lasting` is of shape (n cell kinds, n_cells), `of_pack` (n pack kinds), in the order of
    `types.KINDS`; both are of the last window closed and good until the folding goes on.
    """

    is_window: bool
    is_minute: bool
    closed_us: int
    lasting: Array
    of_pack: Array
    hottest: int


def rows_of(frame: pl.DataFrame) -> Rows:
    """Return the columns that the watch reads as arrays.

    Raises
    ------
    ColumnMissing
        If the frame has no cell voltages.
    """
    if "cell_voltages_v" not in frame.columns:
        raise ColumnMissing(
            "frame",
            "no cell_voltages_v",
            "the voltage of every cell",
            "watch batteries whose unit reports each cell's voltage",
        )
    n = frame.height

    def plain(name: str) -> Array:
        if name not in frame.columns:
            return _NONE
        series = frame.get_column(name).cast(pl.Float64)
        return _fixed((series.fill_null(np.nan) if series.null_count() else series).to_numpy())

    heat = np.empty((0, 0), np.float32)
    if "cell_temperatures_degc" in frame.columns and n:
        heat = as_matrix(frame.get_column("cell_temperatures_degc"))
    return Rows(
        _fixed(frame.get_column("time").to_physical().to_numpy()),
        plain("current_a"),
        plain("soc_frac"),
        plain("n_balancing"),
        plain("insulation_kohm"),
        _fixed(as_matrix(frame.get_column("cell_voltages_v"))),
        _fixed(heat),
    )


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view that cannot be written: the kernels are then compiled for one kind of array."""
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return view


def fold_rows(
    rows: Rows,
    identity: BatteryIdentity,
    arrays: Mapping[str, NDArray[Any]],
    limits_sd: Mapping[str, float],
) -> Iterator[Stop]:
    """Fold rows into `arrays`, in place; stop at each window that passes a threshold.

    While it stands still, the arrays are as that window left them.
    """
    from batteryloop.health.warning.kernels.fold import fold  # numba: slow to import

    table = slope_table(identity.chemistry)
    kind = Kind(
        table.slope_v, table.soc_frac, table.v_low, table.v_high,
        table.typical_slope_v, identity.rated_capacity_ah or _USUAL_AH,
    )  # fmt: skip
    memory = Memory(**{name: arrays[name] for name in Memory._fields})
    judged = Judged(
        np.array([limits_sd[name] for name in CELL_KINDS]),
        np.array([limits_sd[name] for name in PACK_KINDS]),
        limits_sd[SUDDEN],
        np.zeros((len(CELL_KINDS), arrays["before"].size)),
        np.zeros(len(PACK_KINDS)),
        np.zeros(1, np.int64),
        np.zeros(1, np.int64),
    )
    knows_capacity = identity.rated_capacity_ah is not None
    row = 0
    while row < rows.time_us.size:
        row, why = fold(row, rows, kind, memory, knows_capacity, judged)
        if why:
            yield Stop(
                bool(why & 1), bool(why & 2), int(judged.closed_us[0]), judged.lasting,
                judged.of_pack, int(judged.hottest[0]),
            )  # fmt: skip


def watch(
    frame: pl.DataFrame,
    state: WatchState | None,
    identity: BatteryIdentity,
    *,
    budget_per_year: float = DEFAULT_BUDGET_PER_YEAR,
) -> tuple[WatchState, tuple[HealthWarning, ...]]:
    """Watch one battery's next rows: the state after them, and the warnings that they give.

    However the rows are cut into frames, the warnings are the same, as long as the frames follow
    one another in time. A window of four hours is judged once a row after it has come.

    Parameters
    ----------
    frame : polars.DataFrame
        Rows of one battery, sorted by time, with `cell_voltages_v`.
    state : WatchState or None
        What is remembered of it; None for a battery that is new.
    identity : BatteryIdentity
        Chemistry and rated capacity make the sizes right; without them gaps are in volts of a
        straight line.
    budget_per_year : float, default 0.05
        False alarms that the operator accepts, per pack and year, of all kinds together.

    Raises
    ------
    ColumnMissing
        If the frame has no cell voltages.
    InputWrong
        If a row has another number of cells than the state.
    ValueOutOfRange
        If the budget is not between 0.001 and 20.
    """
    table = slope_table(identity.chemistry)
    limits = thresholds_for(budget_per_year, is_flat=table.is_flat)
    rows = rows_of(frame)
    n_cells, n_sensors = rows.cells.shape[1], rows.temperatures.shape[1]
    if state is None:
        if rows.time_us.size == 0:
            return WatchState.new(identity, n_cells=n_cells, n_sensors=n_sensors), ()
        state = WatchState.new(identity, n_cells=n_cells, n_sensors=n_sensors)
    elif rows.time_us.size and n_cells != state.n_cells:
        raise InputWrong(
            f"battery {identity.battery_id}",
            f"{n_cells} cells in a row",
            f"{state.n_cells}, as in the rows before",
            "begin anew for another pack",
        )
    arrays = state.copied()
    if rows.temperatures.shape[1] != arrays["heat"].size:
        rows = rows._replace(temperatures=_fixed(np.empty((0, 0), np.float32)))
    pack = Pack(identity.rated_capacity_ah, table.typical_slope_v, state.n_cells, table.is_flat)
    found: list[HealthWarning] = []
    for stop in fold_rows(rows, identity, arrays, limits):
        if stop.is_minute:
            now_us = int(arrays["head"][at.FAST_LAST])
            found += judge_minute(now_us, arrays, pack, identity.battery_id, limits)
        if stop.is_window:
            found += judge(
                stop.closed_us, stop.lasting, stop.of_pack, stop.hottest, arrays, pack,
                identity.battery_id, limits,
            )  # fmt: skip
    return WatchState(identity, arrays), tuple(found)


def watch_frame(
    frame: pl.DataFrame,
    identity: BatteryIdentity,
    *,
    budget_per_year: float = DEFAULT_BUDGET_PER_YEAR,
) -> tuple[HealthWarning, ...]:
    """Watch one battery's whole record at once; the same warnings as row by row.

    See `watch` for parameters and errors.
    """
    return watch(frame, None, identity, budget_per_year=budget_per_year)[1]


def score_table(frame: pl.DataFrame, identity: BatteryIdentity) -> pl.DataFrame:
    """Return the highest score of each kind in every window, for setting thresholds.

    Parameters
    ----------
    frame : polars.DataFrame
        One battery's rows.
    identity : BatteryIdentity
        Who it is.

    Returns
    -------
    polars.DataFrame
        One row a window: `time`, and for every kind `<kind>` (the lower of this window's and the
        last one's score, of the cell where that is highest) and for kinds of a cell
        `<kind> cell`; `sudden-gap` is the highest score among minutes, held for three.
    """
    rows = rows_of(frame)
    state = WatchState.new(
        identity, n_cells=rows.cells.shape[1], n_sensors=rows.temperatures.shape[1]
    )
    arrays = state.copied()
    table: list[dict[str, Any]] = []
    for stop in fold_rows(rows, identity, arrays, _EVERY_WINDOW):
        row: dict[str, Any] = {"time": stop.closed_us}
        for i, kind in enumerate(CELL_KINDS):
            row[kind] = float(stop.lasting[i].max())
            row[f"{kind} cell"] = int(stop.lasting[i].argmax())
        row |= {kind: float(stop.of_pack[i]) for i, kind in enumerate(PACK_KINDS)}
        row[SUDDEN] = float(arrays["slow"][at.MINUTE_HIGHEST])
        arrays["slow"][at.MINUTE_HIGHEST] = 0.0
        table.append(row)
    return pl.DataFrame(table).with_columns(pl.col("time").cast(TIME)) if table else pl.DataFrame()


def cell_score_peaks(frame: pl.DataFrame, identity: BatteryIdentity) -> Array:
    """Return each cell's highest lasting score of each kind, shape (n cell kinds, n_cells)."""
    rows = rows_of(frame)
    state = WatchState.new(
        identity, n_cells=rows.cells.shape[1], n_sensors=rows.temperatures.shape[1]
    )
    peaks = np.zeros((len(CELL_KINDS), state.n_cells))
    for stop in fold_rows(rows, identity, state.copied(), _EVERY_WINDOW):
        peaks = np.maximum(peaks, stop.lasting)
    return np.asarray(peaks)
