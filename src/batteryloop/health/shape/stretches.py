"""Stretches of steady current: the parts of a charge or discharge whose curve has a shape."""

from dataclasses import dataclass

import numpy as np

from batteryloop.health.trace import Array, Trace

_FLOW_FRAC = 0.02
_STEADY_FRAC = 0.1
_SETTLED_FRAC = 0.02
_SETTLED_S = 120.0
_ROWS_LEAST = 20
_SPAN_LEAST_V = 0.1


@dataclass(frozen=True, slots=True)
class Stretch:
    """A charge (or discharge) at steady current, samples `first` to `last` of the trace.

    `current_a` is signed, `temperature_degc` NaN where unknown, `discharged_ah` the charge that
    had been taken out since the record began.
    """

    first: int
    last: int
    current_a: float
    temperature_degc: float
    charge_ah: float
    discharged_ah: float

    @property
    def is_charge(self) -> bool:
        """Whether it charges the battery."""
        return self.current_a > 0


def steady_stretches(trace: Trace) -> list[Stretch]:
    """Return the stretches, in order of time, whose current stays within a tenth of its median.

    Of each charge and discharge without a gap the longest such part (by charge), if it has at
    least twenty samples and the mean cell's voltage moves by 0.1 V or more. Its beginning, two
    minutes and a fiftieth of its charge, is left out: the voltage has yet to settle there.
    """
    if len(trace) < _ROWS_LEAST:
        return []
    flow = np.where(np.abs(trace.current_a) > _FLOW_FRAC * trace.current_scale_a, 1, 0)
    flow = flow * np.sign(trace.current_a).astype(np.int64)
    flow = np.where(np.isfinite(trace.cell_voltage_v), flow, 0)
    cuts = np.flatnonzero((np.diff(flow) != 0) | (np.diff(trace.part) != 0)) + 1
    firsts = np.concatenate([[0], cuts])
    lasts = np.concatenate([cuts, [len(trace)]]) - 1
    found = []
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        if flow[first] == 0 or last - first + 1 < _ROWS_LEAST:
            continue
        stretch = _steady_part(trace, first, last)
        if stretch is not None:
            found.append(stretch)
    return found


def _steady_part(trace: Trace, first: int, last: int) -> Stretch | None:
    current = trace.current_a[first : last + 1]
    middle = float(np.median(current))
    is_steady = np.abs(current - middle) <= _STEADY_FRAC * abs(middle)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_steady, [False]])))
    begins, ends = edges[::2] + first, edges[1::2] - 1 + first
    if not begins.size:
        return None
    moved = np.abs(trace.charge_ah[ends] - trace.charge_ah[begins])
    at = int(np.argmax(moved))
    begin, end = _settled(trace, int(begins[at]), int(ends[at])), int(ends[at])
    volts = trace.cell_voltage_v[begin : end + 1]
    if volts.size < _ROWS_LEAST or abs(float(volts[-1] - volts[0])) < _SPAN_LEAST_V:
        return None
    if (volts[-1] - volts[0]) * middle <= 0:
        return None
    known = trace.temperature_degc[begin : end + 1]
    known = known[np.isfinite(known)]
    return Stretch(
        begin,
        end,
        float(np.median(trace.current_a[begin : end + 1])),
        float(known.mean()) if known.size else float("nan"),
        abs(float(trace.charge_ah[end] - trace.charge_ah[begin])),
        float(trace.discharged_ah[begin]),
    )


def _settled(trace: Trace, first: int, last: int) -> int:
    charge = np.abs(trace.charge_ah[first : last + 1] - trace.charge_ah[first])
    by_charge = int(np.searchsorted(charge, _SETTLED_FRAC * charge[-1]))
    since_s = (trace.time_us[first : last + 1] - trace.time_us[first]) / 1e6
    by_time = int(np.searchsorted(since_s, _SETTLED_S))
    return min(first + max(by_charge, by_time), last)


def alike(
    stretches: list[Stretch], *, rate_within_frac: float = 0.15, temperature_within_k: float = 5.0
) -> list[Stretch]:
    """Return the largest group whose curves may be compared: one direction, rate and temperature.

    Parameters
    ----------
    stretches : list of Stretch
        Of one battery.
    rate_within_frac : float, default 0.15
        How far a current may be off the group's.
    temperature_within_k : float, default 5.0
        How far a temperature may be off the group's, where both are known. [K]

    Notes
    -----
    Charges go before discharges, which seldom have a steady current: a group of discharges is
    taken only if it is more than twice as large.
    """
    best: list[Stretch] = []
    for way, handicap in ((True, 2.0), (False, 1.0)):
        some = [s for s in stretches if s.is_charge is way]
        group = _largest_group(some, rate_within_frac, temperature_within_k)
        if handicap * len(group) > len(best) * (2.0 if best and not way else 1.0):
            if best and not way and len(group) <= 2 * len(best):
                continue
            best = group
    return best


def _largest_group(some: list[Stretch], within: float, within_k: float) -> list[Stretch]:
    if not some:
        return []
    current: Array = np.array([abs(s.current_a) for s in some])
    warm: Array = np.array([s.temperature_degc for s in some])
    best = np.zeros(len(some), bool)
    for amps, degc in {
        (round(a, 3), round(t)) if t == t else (round(a, 3), t)
        for a, t in zip(current.tolist(), warm.tolist(), strict=True)
    }:
        near = np.abs(current - amps) <= within * amps
        if np.isfinite(degc):
            near &= ~(np.abs(warm - degc) > within_k)
        if near.sum() > best.sum():
            best = near
    return [s for s, is_in in zip(some, best, strict=True) if is_in]
