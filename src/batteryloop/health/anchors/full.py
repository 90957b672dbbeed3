"""When was the battery full? Where charges end, and what speaks for it."""

import numpy as np

from batteryloop.health.anchors.moments import (
    LEVEL_FRAC,
    OWN_LIMIT,
    TAPERED,
    Anchor,
    Run,
    Runs,
    again_and_again,
    band_v,
    is_cycled_by_a_tester,
)
from batteryloop.health.trace import Trace
from batteryloop.reference.chemistries import Chemistry

_TAPER_BAND_FRAC = 0.004
_TAPER_CURRENT_FRAC = 0.7
_NEAR_MAX_FRAC = 0.985
_RESTED_NEAR_MAX_FRAC = 0.985
_TAPERED_FROM_FRAC = 0.965
_UNSTATED_MAX_V = 4.2


def full_limit(
    trace: Trace, runs: Runs, chemistry: Chemistry | None, least_ah: float
) -> tuple[float | None, str, str]:
    """Return the upper limit of a cell, the evidence for it, and the reason if there is none.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    runs : Runs
        Its charges, discharges and rests, in order.
    chemistry : Chemistry, optional
        Gives the limits of a cell.
    least_ah : float
        Shorter charges are passed over. [Ah]
    """
    charges = runs.where((runs.kind == "charge") & (runs.charge_ah > least_ah))
    ends_v = charges.end_voltage_v(trace, highest=True)
    ends = zip(charges, ends_v.tolist(), strict=True)
    left = sorted(((run, v) for run, v in ends if np.isfinite(v)), key=lambda end: -end[1])
    if not left:
        return None, "", "no charge in the data"
    highest = left[0][1]
    limit = chemistry.cell_voltage_max_v if chemistry else _UNSTATED_MAX_V
    while left:
        top = left[0][1]
        least_v = top - band_v(top, 2 * LEVEL_FRAC)
        level = [(run, v) for run, v in left if v >= least_v]
        left = left[len(level) :]
        voltage = float(np.median([v for _, v in level]))
        if _NEAR_MAX_FRAC * limit <= voltage <= limit * 1.02:
            return voltage, f"charge to {voltage:.2f} V", ""
        is_plausible = chemistry is None or voltage >= _TAPERED_FROM_FRAC * limit
        if is_plausible and any(_is_tapered(trace, run, v) for run, v in level):
            return voltage, f"{TAPERED} {voltage:.2f} V", ""
    if is_cycled_by_a_tester(trace, chemistry):
        own = again_and_again(ends_v, highest=True)
        if own is not None:
            return own, f"{OWN_LIMIT} {own:.2f} V", ""
    what = f"{chemistry.name} charges to {limit:.2f} V" if chemistry else "the chemistry is unknown"
    return None, "", f"charges end at {highest:.2f} V a cell without a taper, and {what}"


def _is_tapered(trace: Trace, run: Run, end_v: float) -> bool:
    """Whether the current fell while the voltage stood at its end: constant-voltage charging."""
    voltage = trace.highest_cell_v[run.first : run.last + 1]
    current = trace.current_a[run.first : run.last + 1]
    held = np.flatnonzero(voltage >= end_v - band_v(end_v, _TAPER_BAND_FRAC))
    if held.size < 3:
        return False
    first = int(held[0])
    return bool(current[first:][-2:].min() <= _TAPER_CURRENT_FRAC * current[first])


def full_moments(
    trace: Trace, runs: Runs, full_v: float | None, evidence: str, least_ah: float
) -> list[Anchor]:
    """Return the ends of the charges to the limit, and of what topped them up at once."""
    if full_v is None:
        return []
    found: list[Anchor] = []
    is_full = False
    moving = runs.where(runs.kind != "rest")
    ends_v = moving.end_voltage_v(trace, highest=True)
    for run, end_v in zip(moving, ends_v.tolist(), strict=True):
        is_full &= run.kind != "discharge"
        if run.kind != "charge" or not (is_full or run.charge_ah > least_ah):
            continue
        if end_v >= full_v - band_v(full_v, LEVEL_FRAC):
            found.append(Anchor(run.last, "full", end_v, evidence))
            is_full = True
    return found


def rested_full_moments(
    trace: Trace, runs: Runs, chemistry: Chemistry | None, full_v: float | None
) -> list[Anchor]:
    """Return the discharges that begin at a rest near the upper limit, no charge seen before.

    A test that records only its discharges starts like this. Not for chemistries whose voltage
    relaxes far from the limit.
    """
    if chemistry is not None and chemistry.is_flat:
        return []
    top_v = full_v or (chemistry.cell_voltage_max_v if chemistry else _UNSTATED_MAX_V)
    if chemistry is None and not np.isclose(top_v, _UNSTATED_MAX_V, rtol=0.02):
        return []
    found = []
    number = np.arange(len(runs))
    before = np.maximum(number - 1, 0)
    has_before = (number > 0) & ~runs.is_after_gap
    is_first_rest = (runs.kind[before] == "rest") & ((number == 1) | runs.is_after_gap[before])
    is_start = (runs.kind == "discharge") & (~has_before | is_first_rest)
    starts = np.where(has_before, runs.last[before], runs.first)[is_start]
    for start in starts.tolist():
        voltage = float(trace.highest_cell_v[start])
        is_rest = abs(trace.current_a[start]) < 0.02 * trace.current_scale_a
        if is_rest and voltage >= _RESTED_NEAR_MAX_FRAC * top_v:
            found.append(Anchor(start, "full", voltage, f"at rest at {voltage:.2f} V"))
    return found
