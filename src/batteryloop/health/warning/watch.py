"""Watch a battery: fold its rows into a state of bounded size, and warn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.errors import ColumnMissing
from batteryloop.health.warning.cells import as_matrix
from batteryloop.health.warning.curve import slope_table
from batteryloop.health.warning.kernels.layout import Kind, Memory, Rows
from batteryloop.health.warning.types import CELL_KINDS, PACK_KINDS
from batteryloop.record.types import BatteryIdentity

Array = NDArray[np.float64]
_NONE = np.empty(0, np.float64)
_FLAT_V = 0.3


@dataclass(frozen=True, slots=True)
class Closed:
    """What a stretch of rows gave: the scores of the windows closed, and whether a minute alarms.

    `cell_scores` is of shape (n_windows, n cell kinds, n_cells), `pack_scores` (n_windows, n pack
    kinds), in the order of `types.KINDS`.
    """

    closed_us: NDArray[np.int64]
    cell_scores: Array
    pack_scores: Array
    hottest: NDArray[np.int64]
    is_minute: bool


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
        return (series.fill_null(np.nan) if series.null_count() else series).to_numpy()

    heat = np.empty((0, 0), np.float32)
    if "cell_temperatures_degc" in frame.columns and n:
        heat = as_matrix(frame.get_column("cell_temperatures_degc"))
    return Rows(
        frame.get_column("time").to_physical().to_numpy(),
        plain("current_a"),
        plain("soc_frac"),
        plain("n_balancing"),
        plain("insulation_kohm"),
        as_matrix(frame.get_column("cell_voltages_v")),
        heat,
    )


def fold_rows(
    rows: Rows,
    identity: BatteryIdentity,
    arrays: Mapping[str, NDArray[Any]],
    *,
    minute_threshold: float,
) -> Iterator[Closed]:
    """Fold rows into `arrays`, in place; yield what was closed, one window at a time.

    The arrays are, while a window is judged, as that window left them.
    """
    from batteryloop.health.warning.kernels.fold import fold  # numba: slow to import

    table = slope_table(identity.chemistry)
    kind = Kind(
        table.slope_v, table.soc_frac, table.v_low, table.v_high,
        table.typical_slope_v < _FLAT_V, identity.rated_capacity_ah or 1.0,
    )  # fmt: skip
    memory = Memory(**{name: arrays[name] for name in Memory._fields})
    n_cells = arrays["before"].size
    cell_scores = np.zeros((1, len(CELL_KINDS), n_cells))
    pack_scores = np.zeros((1, len(PACK_KINDS)))
    closed_us, hottest = np.zeros(1, np.int64), np.zeros(1, np.int64)
    row = 0
    while row < rows.time_us.size:
        row, n_closed, why = fold(
            row, rows, kind, memory, minute_threshold, cell_scores, pack_scores, closed_us, hottest
        )
        if n_closed or why:
            yield Closed(
                closed_us[:n_closed], cell_scores[:n_closed], pack_scores[:n_closed],
                hottest[:n_closed], bool(why),
            )  # fmt: skip
