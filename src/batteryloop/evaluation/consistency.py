"""Do the cells of a pack agree? Their voltages at rest, against the middle of the pack."""

import numpy as np
import polars as pl

from batteryloop.errors import InputWrong
from batteryloop.evaluation.limits import limit
from batteryloop.evaluation.types import CellStanding
from batteryloop.health.interval import median_interval
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.health.trace import Array, Trace
from batteryloop.health.warning.cells import as_matrix
from batteryloop.quantities import Estimate

METHOD = "cells at rest v1"
_DEAD_V = 0.5
_FLAT_V_PER_FRAC = 0.15


def consistency(
    frame: pl.DataFrame, trace: Trace, curve: OcvCurve | None, *, confidence_frac: float
) -> tuple[dict[str, Estimate], CellStanding]:
    """Return how far the cells of a pack are apart at rest, and where each stands.

    Parameters
    ----------
    frame : polars.DataFrame
        One battery's samples, with `cell_voltages_v` or the lowest and highest of them.
    trace : Trace
        The same samples.
    curve : OcvCurve, optional
        Open-circuit voltage of one cell, to turn volts into charge.
    confidence_frac : float
        In (0, 1).

    Notes
    -----
    A rest is where the current has been under `rest_current_share_frac` of the usual largest for
    `rest_settle_s`; one sample is taken of each, the last. The figure is the median over rests; a
    voltage's absolute error is taken not to be shared by two cells of one unit.
    """
    names = ("cell_voltage_spread_v", "cell_soc_spread_frac")

    def unknown(why: str) -> tuple[dict[str, Estimate], CellStanding]:
        told = {n: Estimate.unknown(n, METHOD, why, confidence_frac=confidence_frac) for n in names}
        return told, CellStanding(reason=why)

    if trace.n_cells_series < 2:
        return unknown("one cell alone")
    at = rested(trace)
    if not at.size:
        return unknown("no rest of ten minutes in the data")
    try:
        cells = _cells(frame, trace.row[at])
    except InputWrong as error:
        return unknown(str(error))
    spread = trace.highest_cell_v[at] - trace.lowest_cell_v[at]
    if cells is not None:
        spread = np.nanmax(cells, axis=1) - np.nanmin(cells, axis=1)
    spread = np.where(spread > 0, spread, np.nan)
    is_known = np.isfinite(spread)
    if not is_known.any():
        return unknown("no cell voltages in the data")
    told = {
        names[0]: _median(names[0], spread[is_known], trace, confidence_frac),
        names[1]: _in_charge(names[1], spread, at, trace, curve, confidence_frac),
    }
    return told, _standing(cells)


def rested(trace: Trace) -> Array:
    """Return the last sample of each rest, as indices of the trace."""
    is_still = np.abs(trace.current_a) <= limit("rest_current_share_frac") * trace.current_scale_a
    cuts = np.flatnonzero((np.diff(is_still.astype(int)) != 0) | (np.diff(trace.part) != 0)) + 1
    firsts = np.concatenate([[0], cuts]).astype(int)
    lasts = np.concatenate([cuts - 1, [len(trace) - 1]]).astype(int)
    if not len(trace):
        return np.empty(0, int)
    long = (trace.time_us[lasts] - trace.time_us[firsts]) / 1e6 >= limit("rest_settle_s")
    return np.asarray(lasts[long & is_still[firsts]])


def _cells(frame: pl.DataFrame, rows: Array) -> Array | None:
    if "cell_voltages_v" not in frame.columns:
        return None
    matrix = as_matrix(frame.get_column("cell_voltages_v")[rows.tolist()]).astype(float)
    matrix[~(matrix > _DEAD_V)] = np.nan
    is_whole = np.isfinite(matrix).any(axis=1)
    if matrix.size == 0 or not is_whole.any():
        return None
    matrix[~is_whole] = 0.0
    return matrix


def _standing(cells: Array | None) -> CellStanding:
    if cells is None:
        return CellStanding(reason="no voltage of every cell in the data")
    whole = cells[np.isfinite(cells).all(axis=1) & (cells > 0).all(axis=1)]
    if not whole.size:
        return CellStanding(reason="no rest with a voltage of every cell")
    off = whole - np.median(whole, axis=1, keepdims=True)
    return CellStanding(tuple(map(float, np.median(off, axis=0))), whole.shape[0])


def _median(name: str, values: Array, trace: Trace, confidence_frac: float) -> Estimate:
    # Two cells, each read with its own error.
    middle = float(np.median(values))
    shared = np.sqrt(2) * trace.instrument.cell_voltage_sd_v / middle if middle > 0 else 0.0
    value, low, high = median_interval(
        values, prior_sd_frac=0.2, shared_sd_frac=float(shared), confidence_frac=confidence_frac
    )
    return Estimate(
        name, value, max(low, 0.0), high, confidence_frac, METHOD, values.size, values.size
    )


def _in_charge(
    name: str,
    spread_v: Array,
    at: Array,
    trace: Trace,
    curve: OcvCurve | None,
    confidence_frac: float,
) -> Estimate:
    """Return the spread in state of charge, from the rests where the curve is steep enough."""
    if curve is None:
        why = "no open-circuit curve: give the chemistry, or a curve with --ocv"
        return Estimate.unknown(name, METHOD, why, confidence_frac=confidence_frac)
    slope = curve.slope_at(curve.soc_at(trace.cell_voltage_v[at]))
    is_steep = np.isfinite(spread_v) & (slope >= _FLAT_V_PER_FRAC)
    if not is_steep.any():
        why = "every rest is where the open-circuit voltage is flat"
        return Estimate.unknown(name, METHOD, why, confidence_frac=confidence_frac)
    told = _median(name, spread_v[is_steep], trace, confidence_frac)
    return told.scaled(1 / float(np.median(slope[is_steep])), name)
