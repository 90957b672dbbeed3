"""When was the battery full? Where charges end, and what speaks for it."""

import numpy as np

from batteryloop.health.anchors.moments import (
    LEVEL_FRAC,
    OWN_LIMIT,
    TAPERED,
    Anchor,
    Run,
    again_and_again,
    band_v,
    end_voltage,
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
    trace: Trace, runs: list[Run], chemistry: Chemistry | None, least_ah: float
) -> tuple[float | None, str, str]:
    """Return the upper limit of a cell, the evidence for it, and the reason if there is none.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    runs : list of Run
        Its charges, discharges and rests, in order.
    chemistry : Chemistry, optional
        Gives the limits of a cell.
    least_ah : float
        Shorter charges are passed over. [Ah]
    """
    charges = [run for run in runs if run.kind == "charge" and run.charge_ah > least_ah]
    ends = [(run, end_voltage(trace, run, highest=True)) for run in charges]
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
        own = again_and_again([v for _, v in ends], highest=True)
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
    trace: Trace, runs: list[Run], full_v: float | None, evidence: str, least_ah: float
) -> list[Anchor]:
    """Return the ends of the charges to the limit, and of what topped them up at once."""
    found: list[Anchor] = []
    is_full = False
    for run in runs:
        is_full &= run.kind != "discharge"
        if full_v is None or run.kind != "charge" or not (is_full or run.charge_ah > least_ah):
            continue
        end_v = end_voltage(trace, run, highest=True)
        if end_v >= full_v - band_v(full_v, LEVEL_FRAC):
            found.append(Anchor(run.last, "full", end_v, evidence))
            is_full = True
    return found


def rested_full_moments(
    trace: Trace, runs: list[Run], chemistry: Chemistry | None, full_v: float | None
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
    for number, run in enumerate(runs):
        if run.kind != "discharge":
            continue
        before = runs[number - 1] if number and not run.is_after_gap else None
        if before is None or (before.kind == "rest" and (number == 1 or before.is_after_gap)):
            start = run.first if before is None else before.last
            voltage = trace.highest_cell_v[start]
            is_rest = abs(trace.current_a[start]) < 0.02 * trace.current_scale_a
            if is_rest and voltage >= _RESTED_NEAR_MAX_FRAC * top_v:
                found.append(Anchor(start, "full", float(voltage), f"at rest at {voltage:.2f} V"))
    return found
