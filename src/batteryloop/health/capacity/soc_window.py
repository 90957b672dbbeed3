"""Capacity from the charge counted between two states of charge that the battery itself reports."""

from itertools import pairwise

import numpy as np
import polars as pl

from batteryloop.health.interval import normal_quantile
from batteryloop.health.trace import Array, Trace
from batteryloop.quantities import Estimate

METHOD = "reported-soc-window v1"
_WINDOW_FRAC = 0.2
_RESOLUTION_FRAC = 0.005
_JUMP_FRAC = 0.05
_N_RECENT = 20
_SHARED_FRAC = 0.5

WINDOWS: dict[str, pl.DataType] = {
    "index_first": pl.Int64(),
    "index_last": pl.Int64(),
    "soc_first_frac": pl.Float64(),
    "soc_last_frac": pl.Float64(),
    "capacity_ah": pl.Float64(),
    "capacity_sd_ah": pl.Float64(),
}


def soc_windows(trace: Trace) -> pl.DataFrame:
    """Return the stretches over which the reported state of charge moved by a fifth or more.

    A stretch runs from one turning point of the reported state of charge to the next (turns of
    less than 2 % passed over), never over a gap, nor over a jump of more than 5 %.
    """
    rows = []
    instrument = trace.instrument
    for first, last in _stretches(trace):
        moved = float(trace.soc_frac[last] - trace.soc_frac[first])
        counted = float(trace.charge_ah[last] - trace.charge_ah[first])
        if abs(moved) < _WINDOW_FRAC or counted * moved <= 0:
            continue
        hours = float(trace.time_us[last] - trace.time_us[first]) / 3.6e9
        offset = instrument.current_offset_sd_frac * trace.current_scale_a * hours
        slack = float(trace.slack_ah[last] - trace.slack_ah[first])
        gain = instrument.current_gain_sd_frac * counted
        rows.append(
            {
                "index_first": first,
                "index_last": last,
                "soc_first_frac": float(trace.soc_frac[first]),
                "soc_last_frac": float(trace.soc_frac[last]),
                "capacity_ah": counted / moved,
                "capacity_sd_ah": float(np.sqrt(gain**2 + offset**2 + slack**2)) / abs(moved),
            }
        )
    change = (pl.col("soc_last_frac") - pl.col("soc_first_frac")).abs()
    # What the state of charge's error is worth follows from all windows: one that is far too
    # small must not look exact.
    by_soc = np.sqrt(2) * instrument.soc_sd_frac * pl.col("capacity_ah").median() / change
    return pl.DataFrame(rows, schema=WINDOWS, orient="row").with_columns(
        (pl.col("capacity_sd_ah") ** 2 + by_soc**2).sqrt().alias("capacity_sd_ah")
    )


def _stretches(trace: Trace) -> list[tuple[int, int]]:
    """Return where each stretch begins and ends; parts too short for a window are not looked at."""
    known = np.flatnonzero(np.isfinite(trace.soc_frac))
    found: list[tuple[int, int]] = []
    if not known.size:
        return found
    soc = trace.soc_frac[known]
    level = np.round(soc / _RESOLUTION_FRAC)
    is_first = np.ones(known.size, bool)
    is_first[1:] = (np.diff(trace.part[known]) != 0) | (np.abs(np.diff(soc)) > _JUMP_FRAC)
    firsts = np.flatnonzero(is_first)
    span = np.maximum.reduceat(soc, firsts) - np.minimum.reduceat(soc, firsts)
    is_change = is_first.copy()
    is_change[1:] |= np.diff(level) != 0
    is_corner = is_change | np.append(is_change[1:], True)
    ends = np.append(firsts[1:], known.size)
    for k in np.flatnonzero(span >= _WINDOW_FRAC):
        place = np.flatnonzero(is_corner[firsts[k] : ends[k]]) + firsts[k]
        turns = known[place[turning_points(soc[place])]]
        found += [(int(a), int(b)) for a, b in pairwise(turns)]
    return found


def turning_points(values: Array, *, least_frac: float = 0.02) -> list[int]:
    """Return the places at which `values` turns by at least `least_frac`, both ends included.

    Examples
    --------
    >>> turning_points(np.array([0.5, 0.9, 0.89, 0.95, 0.2, 0.3]))
    [0, 3, 4, 5]
    """
    turns, highest, lowest, way = [0], 0, 0, 0
    for k, value in enumerate(values):
        highest = k if value > values[highest] else highest
        lowest = k if value < values[lowest] else lowest
        if way >= 0 and values[highest] - value >= least_frac:
            turns.append(highest)
            way, highest, lowest = -1, k, k
        elif way <= 0 and value - values[lowest] >= least_frac:
            turns.append(lowest)
            way, highest, lowest = 1, k, k
    return sorted({*turns, len(values) - 1})


def capacity_from_reported_soc(trace: Trace, *, confidence_frac: float) -> Estimate:
    """Return the capacity that fits the reported state of charge; it trusts who reports.

    The median of the last twenty windows, weighted by the inverse of their variances. Half of the
    state of charge's error is taken to be the same in all of them, so that many windows do not
    make it certain.
    """
    if not np.isfinite(trace.soc_frac).any():
        why = "the battery reports no state of charge"
        return Estimate.unknown("capacity_ah", METHOD, why, confidence_frac=confidence_frac)
    windows = soc_windows(trace).tail(_N_RECENT)
    if windows.is_empty():
        why = f"the reported state of charge never moves by {_WINDOW_FRAC:.0%} without a gap"
        return Estimate.unknown("capacity_ah", METHOD, why, confidence_frac=confidence_frac)
    values = windows.get_column("capacity_ah").to_numpy()
    sds = windows.get_column("capacity_sd_ah").to_numpy()
    weight = 1 / sds**2
    order = np.argsort(values)
    reached = np.cumsum(weight[order]) / np.sum(weight)
    value = float(values[order][np.searchsorted(reached, 0.5)])
    apart = float(1 / np.sqrt(np.sum(weight)))
    scatter = float(np.sqrt(np.sum(weight * (values - value) ** 2) / np.sum(weight)))
    scatter /= np.sqrt(max(values.size - 1, 1))
    together = _SHARED_FRAC * float(sds.min())
    half = normal_quantile(confidence_frac) * float(np.sqrt(max(apart, scatter) ** 2 + together**2))
    n_rows = int((windows["index_last"] - windows["index_first"] + 1).sum())
    return Estimate(
        "capacity_ah",
        value,
        max(value - half, 0.0),
        value + half,
        confidence_frac,
        f"{METHOD} (trusts the reported state of charge)",
        n_rows=n_rows,
        n_segments=windows.height,
    )
