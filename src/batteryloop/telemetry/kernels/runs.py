"""Runs of charge, discharge and rest, with their sums.

Each sample speaks for half of the interval on either side of it, so the sums of the runs add up to
the whole: the trapezoid rule, cut at the samples.
"""

import math

import numpy as np
from numba import njit

from batteryloop.telemetry.kernels.intervals import (
    Floats,
    Ints,
    Records,
    degrees,
    is_gap,
    shares,
)

RUN = np.dtype(
    [
        ("row_first", "i8"),
        ("row_last", "i8"),
        ("n_rows", "i8"),
        ("kind", "i8"),  # 1 charge, -1 discharge, 0 rest
        ("is_after_gap", "i8"),
        ("charge_as", "f8"),
        ("energy_j", "f8"),
        ("span_s", "f8"),
        ("current_peak_a", "f8"),
        ("voltage_start_v", "f8"),
        ("voltage_end_v", "f8"),
        ("voltage_min_v", "f8"),
        ("voltage_max_v", "f8"),
        ("soc_start_frac", "f8"),
        ("soc_end_frac", "f8"),
        ("temperature_sum", "f8"),  # degree seconds; plain degrees where no time passes
        ("temperature_span", "f8"),  # seconds, or rows
    ]
)


@njit(cache=True, nogil=True)
def _kind_of(current_a: float, kind: int, rest_a: float) -> int:
    """Return the kind of a sample that follows one of `kind`: half the limit keeps it going."""
    if current_a > (0.5 * rest_a if kind == 1 else rest_a):
        return 1
    if current_a < (-0.5 * rest_a if kind == -1 else -rest_a):
        return -1
    return 0


@njit(cache=True, nogil=True)
def _end_of_run(
    time_us: Ints,
    current_a: Floats,
    step_index: Floats,
    row: int,
    kind: int,
    rest_a: float,
    gap_us: int,
) -> int:
    """Return the first row after `row` that is not of its run."""
    low, high = -rest_a, rest_a
    if kind == 1:
        low, high = 0.5 * rest_a, math.inf
    elif kind == -1:
        low, high = -math.inf, -0.5 * rest_a
    last = time_us[row]
    for k in range(row + 1, time_us.size):
        if not low <= current_a[k] <= high:
            return k
        if time_us[k] - last > gap_us and is_gap(time_us, step_index, k, gap_us):
            return k
        last = time_us[k]
    return time_us.size


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _sums(
    time_us: Ints, current_a: Floats, voltage_v: Floats, step_index: Floats, first: int, end: int
) -> tuple[float, float, float]:
    """Return charge, energy and time of the intervals between rows `first` and `end` - 1."""
    charge = energy = span = 0.0
    if step_index.size > 0:
        for k in range(first + 1, end):
            before, after = shares(time_us, step_index, k, 1 << 62)
            charge += current_a[k - 1] * before + current_a[k] * after
            energy += (
                current_a[k - 1] * voltage_v[k - 1] * before + current_a[k] * voltage_v[k] * after
            )
            span += before + after
        return charge, energy, span
    t_last, i_last = time_us[first], current_a[first]
    p_last = i_last * voltage_v[first]
    for k in range(first + 1, end):
        half = max(time_us[k] - t_last, 0) * 5e-7
        p = current_a[k] * voltage_v[k]
        charge += (i_last + current_a[k]) * half
        energy += (p_last + p) * half
        span += 2.0 * half
        t_last, i_last, p_last = time_us[k], current_a[k], p
    return charge, energy, span


@njit(cache=True, nogil=True)
def _extremes(values: Floats, first: int, end: int) -> tuple[float, float]:
    low = high = values[first]
    for k in range(first + 1, end):
        low = min(low, values[k])
        high = max(high, values[k])
    return low, high


@njit(cache=True, nogil=True)
def _ends_known(values: Floats, first: int, end: int) -> tuple[float, float]:
    """Return the first and the last value of the rows that is known."""
    start = last = math.nan
    for k in range(first, min(end, values.size)):
        if values[k] == values[k]:
            start = values[k]
            break
    for k in range(min(end, values.size) - 1, first - 1, -1):
        if values[k] == values[k]:
            last = values[k]
            break
    return start, last


@njit(cache=True, nogil=True)
def runs_of(
    time_us: Ints,
    current_a: Floats,
    voltage_v: Floats,
    soc_frac: Floats,
    temperature_degc: Floats,
    step_index: Floats,
    rest_a: float,
    gap_us: int,
) -> Records:
    """Return the runs of one battery, an array of `RUN`.

    Parameters
    ----------
    time_us : array of int, shape (n,)
        Microseconds, not falling.
    current_a, voltage_v : array of float, shape (n,)
        Known in every row. Positive charges. [A], [V]
    soc_frac, temperature_degc, step_index : array of float, shape (n,) or (0,)
        Empty where unknown. [1], [°C]
    rest_a : float
        Below this it rests. [A]
    gap_us : int
        Above this nothing is known between two samples. [µs]
    """
    n = time_us.size
    runs = np.empty(64, RUN)
    count = first = kind = 0
    while first < n:
        after_gap = first > 0 and is_gap(time_us, step_index, first, gap_us)
        kind = _kind_of(current_a[first], 0 if after_gap else kind, rest_a)
        end = _end_of_run(time_us, current_a, step_index, first, kind, rest_a, gap_us)
        if count == runs.size:
            larger = np.empty(2 * count, RUN)
            larger[:count] = runs
            runs = larger
        run = runs[count]
        run.row_first, run.row_last, run.n_rows = first, end - 1, end - first
        run.kind, run.is_after_gap = kind, 1 if after_gap else 0
        charge, energy, span = _sums(time_us, current_a, voltage_v, step_index, first, end)
        if first > 0:
            _, share = shares(time_us, step_index, first, gap_us)
            charge += current_a[first] * share
            energy += current_a[first] * voltage_v[first] * share
            span += share
        if end < n:
            share, _ = shares(time_us, step_index, end, gap_us)
            charge += current_a[end - 1] * share
            energy += current_a[end - 1] * voltage_v[end - 1] * share
            span += share
        run.charge_as, run.energy_j, run.span_s = charge, energy, span
        low, high = _extremes(current_a, first, end)
        run.current_peak_a = high if high > -low else low
        run.voltage_start_v, run.voltage_end_v = voltage_v[first], voltage_v[end - 1]
        run.voltage_min_v, run.voltage_max_v = _extremes(voltage_v, first, end)
        run.soc_start_frac, run.soc_end_frac = _ends_known(soc_frac, first, end)
        run.temperature_sum, run.temperature_span = degrees(time_us, temperature_degc, first, end)
        count += 1
        first = end
    return runs[:count].copy()
