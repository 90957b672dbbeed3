"""Cleaning: what can be put right without guessing is, what cannot is said; nothing is silent."""

from typing import Literal

import polars as pl

from batteryloop.telemetry.counters import unroll_counters
from batteryloop.telemetry.offset import remove_offset, rest_offset
from batteryloop.telemetry.slips import UnitSlip, rescale, unit_slips
from batteryloop.telemetry.stamps import without_duplicates
from batteryloop.telemetry.types import Finding

__all__ = [
    "UnitSlip",
    "clean",
    "remove_offset",
    "rescale",
    "rest_offset",
    "unit_slips",
    "unroll_counters",
    "without_duplicates",
]


def clean(
    frame: pl.DataFrame,
    *,
    by: str | None = None,
    chemistry: str | None = None,
    n_cells_series: int = 1,
    rescaled: Literal["certain", "all", "none"] = "certain",
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Return the frame made ready to be summed, and what was found on the way.

    Rows that repeat another are removed; units that have certainly slipped are put right;
    counters are unrolled and cycles numbered through. An offset of the current is only reported:
    `remove_offset` takes it off on request.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame, sorted by battery and time.
    by : str, optional
        A column where any loss of a counter is a restart.
    chemistry : str, optional
        A name of `reference/chemistries.csv`.
    n_cells_series : int, default 1
        Cells in series between the terminals.
    rescaled : {"certain", "all", "none"}
        Which slips of a unit are put right; all are reported.

    Returns
    -------
    polars.DataFrame
        The frame.
    tuple of Finding
        Rules `duplicate-rows`, `duplicate-stamps`, `unit-slip`, `counter-restarts`,
        `counter-falls`, `cycle-count-restarts`, `current-offset`.

    Raises
    ------
    ColumnMissing, InputWrong, NotKnown
        If there is no column `by`, a battery's rows are not together, or no such chemistry.
    """
    frame, repeated = without_duplicates(frame)
    slips = unit_slips(frame, chemistry=chemistry, n_cells_series=n_cells_series)
    right = [s for s in slips if rescaled == "all" or (rescaled == "certain" and s.is_certain)]
    frame = rescale(frame, right)
    frame, unrolled = unroll_counters(frame, by=by)
    said = tuple(slip.finding(is_applied=slip in right) for slip in slips)
    offsets = rest_offset(frame, n_cells_series=n_cells_series)
    return frame, (*repeated, *said, *unrolled, *offsets)
