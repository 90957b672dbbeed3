"""Short runs taken together: a drive is one discharge, however often it brakes."""

import math

import numpy as np
from numba import njit

from batteryloop.telemetry.kernels.intervals import Records


@njit(cache=True, nogil=True)
def reversals(runs: Records, pause_s: float, short_s: float) -> tuple[int, float]:
    """Return how often charge and discharge, both short, follow each other, and the active time.

    Parameters
    ----------
    runs : array of RUN
    pause_s : float
        A rest between the two of up to this long does not matter. [s]
    short_s : float
        Longer runs are not counted. [s]
    """
    count = 0
    active_s = 0.0
    last = 0
    last_s = 0.0
    for k in range(runs.size):
        run = runs[k]
        if run.is_after_gap == 1:
            last = 0
        if run.kind == 0:
            if run.span_s > pause_s:
                last = 0
            continue
        if last == -run.kind and run.span_s <= short_s and last_s <= short_s:
            count += 1
        active_s += run.span_s
        last = run.kind
        last_s = run.span_s
    return count, active_s


@njit(cache=True, nogil=True)
def _join(runs: Records, into: int, run: int, source: Records) -> None:
    """Add the run `source[run]`, which follows, to `runs[into]`; the kind stays."""
    a, b = runs[into], source[run]
    a.row_last = b.row_last
    a.n_rows += b.n_rows
    a.charge_as += b.charge_as
    a.energy_j += b.energy_j
    a.span_s += b.span_s
    if abs(b.current_peak_a) > abs(a.current_peak_a):
        a.current_peak_a = b.current_peak_a
    if math.isnan(a.voltage_start_v):
        a.voltage_start_v = b.voltage_start_v
    if not math.isnan(b.voltage_end_v):
        a.voltage_end_v = b.voltage_end_v
    if not a.voltage_min_v <= b.voltage_min_v and not math.isnan(b.voltage_min_v):
        a.voltage_min_v = b.voltage_min_v
    if not a.voltage_max_v >= b.voltage_max_v and not math.isnan(b.voltage_max_v):
        a.voltage_max_v = b.voltage_max_v
    if math.isnan(a.soc_start_frac):
        a.soc_start_frac = b.soc_start_frac
    if not math.isnan(b.soc_end_frac):
        a.soc_end_frac = b.soc_end_frac
    a.temperature_sum += b.temperature_sum
    a.temperature_span += b.temperature_span


@njit(cache=True, nogil=True)
def _kind_of_mixed(charge_as: float, moved_as: float, span_s: float, rest_a: float) -> int:
    if moved_as <= rest_a * span_s:
        return 0
    return 1 if charge_as > 0.0 else -1


@njit(cache=True, nogil=True)
def merged(runs: Records, merge_s: float, rest_a: float) -> Records:
    """Return the runs with those shorter than `merge_s` taken together.

    Neighbouring short runs become one: a rest if hardly any charge moved either way, else a
    charge or a discharge, whichever outweighs. If together they last less than `merge_s`, they
    go to the neighbour of that kind, else to the one before. Neighbours of one kind are then
    joined. A gap is never crossed.

    Parameters
    ----------
    runs : array of RUN
    merge_s : float
        [s]
    rest_a : float
        Hardly any charge: a mean magnitude of the current up to this. [A]
    """
    n = runs.size
    out = np.empty_like(runs)
    m = 0
    first = 0  # the first of `out` since the last gap
    k = 0
    while k < n:
        if runs[k].is_after_gap == 1:
            first = m
        out[m] = runs[k]
        is_short = runs[k].span_s < merge_s
        k += 1
        if is_short:
            moved_as = abs(out[m].charge_as)
            while k < n and runs[k].is_after_gap == 0 and runs[k].span_s < merge_s:
                moved_as += abs(runs[k].charge_as)
                _join(out, m, k, runs)
                k += 1
            net = _kind_of_mixed(out[m].charge_as, moved_as, out[m].span_s, rest_a)
            out[m].kind = net
            if out[m].span_s < merge_s:
                has_next = k < n and runs[k].is_after_gap == 0
                if has_next and (m == first or runs[k].kind == net != out[m - 1].kind):
                    out[m].kind = runs[k].kind
                    _join(out, m, k, runs)
                    k += 1
                elif m > first:
                    out[m].kind = out[m - 1].kind
        if m > first and out[m].kind == out[m - 1].kind:
            _join(out, m - 1, m, out)
        else:
            m += 1
    return out[:m].copy()
