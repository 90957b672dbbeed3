"""When was the battery empty? Where discharges end, and what speaks for it."""

import numpy as np

from batteryloop.health.anchors.moments import (
    LEVEL_FRAC,
    OWN_LIMIT,
    Anchor,
    Runs,
    again_and_again,
    band_v,
    is_cycled_by_a_tester,
)
from batteryloop.health.trace import Array, Trace
from batteryloop.reference.chemistries import Chemistry

_FALL_SPAN_FRAC = 0.05
_FALL_SHARE = 0.12
_EMPTY_BELOW_TOP_FRAC = 0.88
_SURELY_EMPTY_FRAC = 0.7
_NEAR_MIN_FRAC = 0.2
_FALL_BELOW_FRAC = 0.6
_SAME_LEVEL_FRAC = 0.25


def empty_moments(
    trace: Trace,
    runs: Runs,
    fulls: list[Anchor],
    chemistry: Chemistry | None,
    below_v: float | None,
    least_ah: float,
) -> list[Anchor]:
    """Return the ends of the discharges that went to the end.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    runs : Runs
        Its charges, discharges and rests, in order.
    fulls : list of Anchor
        When it was full, in order.
    chemistry : Chemistry, optional
        Gives the limits of a cell.
    below_v : float, optional
        Above this no fall of the voltage counts. [V]
    least_ah : float
        Shorter discharges are passed over. [Ah]
    """
    if below_v is None and chemistry is not None:
        below_v = _between(chemistry, _FALL_BELOW_FRAC)
    at = np.array([moment.index for moment in fulls], dtype=np.int64)
    found = []
    drains = runs.where((runs.kind == "discharge") & (-runs.charge_ah > least_ah))
    ends_v = drains.end_voltage_v(trace, highest=False)
    for run, end_v in zip(drains, ends_v.tolist(), strict=True):
        last_full = int(np.searchsorted(at, run.last, side="right")) - 1
        is_since_full = last_full >= 0 and trace.part[at[last_full]] == trace.part[run.last]
        full = fulls[last_full] if is_since_full else None
        why = _evidence(trace, run.last, end_v, full, chemistry, below_v)
        if why:
            found.append(Anchor(run.last, "empty", end_v, f"{why} {end_v:.2f} V"))
    if not found and is_cycled_by_a_tester(trace, chemistry):
        return _own_limit_moments(drains, ends_v)
    return _lowest(found)


def _evidence(
    trace: Trace,
    last: int,
    end_v: float,
    full: Anchor | None,
    chemistry: Chemistry | None,
    below_v: float | None,
) -> str:
    """Return what says that a discharge that ended at `last` went to the end, if anything."""
    if not np.isfinite(end_v):
        return ""
    if chemistry is not None and end_v <= _lower_limit(chemistry):
        return "discharge to"
    if full is None:
        return ""
    if chemistry is None and end_v <= _SURELY_EMPTY_FRAC * full.voltage_v:
        return "discharge to"
    if (below_v is None or end_v <= below_v) and _falls_off(trace, full.index, last, end_v):
        return "voltage falls off to"
    return ""


def _own_limit_moments(drains: Runs, ends_v: Array) -> list[Anchor]:
    """Return the ends of the discharges at the test's own lower limit."""
    limit = again_and_again(ends_v, highest=False)
    if limit is None:
        return []
    return [
        Anchor(run.last, "empty", v, f"{OWN_LIMIT} {limit:.2f} V")
        for run, v in zip(drains, ends_v.tolist(), strict=True)
        if v <= limit + band_v(limit, 2 * LEVEL_FRAC)
    ]


def _lowest(empties: list[Anchor]) -> list[Anchor]:
    """Leave out those that lie far above others: they were not the end."""
    lowest = min((moment.voltage_v for moment in empties), default=0.0)
    return [m for m in empties if m.voltage_v <= lowest + band_v(lowest, _SAME_LEVEL_FRAC)]


def _falls_off(trace: Trace, full: int, last: int, end_v: float) -> bool:
    """Whether the last twentieth of the charge since full took a large share of the voltage."""
    span = trace.charge_ah[full] - trace.charge_ah[last]
    top_v = trace.lowest_cell_v[full]
    if not span > 0 or not end_v < _EMPTY_BELOW_TOP_FRAC * top_v:
        return False
    window = slice(full, last + 1)
    is_load = trace.current_a[window] < -0.02 * trace.current_scale_a
    is_before = trace.charge_ah[window] >= trace.charge_ah[last] + _FALL_SPAN_FRAC * span
    before = np.flatnonzero(is_load & is_before)
    if not before.size:
        return False
    before_v = trace.lowest_cell_v[window][before[-1]]
    return bool(before_v - end_v >= _FALL_SHARE * (top_v - end_v))


def _lower_limit(chemistry: Chemistry) -> float:
    return _between(chemistry, _NEAR_MIN_FRAC)


def _between(chemistry: Chemistry, share_frac: float) -> float:
    """Return the voltage that share of the way from the lower limit to the nominal voltage."""
    low, nominal = chemistry.cell_voltage_min_v, chemistry.cell_voltage_nominal_v
    return low + share_frac * (nominal - low)


def no_empty_reason(trace: Trace, runs: Runs, chemistry: Chemistry | None) -> str:
    """Return in words why no discharge went to the end."""
    ends_v = runs.of("discharge").end_voltage_v(trace, highest=False)
    known = ends_v[np.isfinite(ends_v)]
    if not known.size:
        return "no discharge in the data"
    low = f"; {chemistry.name} is empty near {_lower_limit(chemistry):.2f} V" if chemistry else ""
    return f"no discharge goes to the end: the lowest ends at {known.min():.2f} V a cell{low}"
