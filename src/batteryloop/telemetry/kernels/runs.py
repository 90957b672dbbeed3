"""The sums of each run of charge, discharge or rest.

Each sample speaks for half of the interval on either side of it, so the sums of the runs add up to
the whole: the trapezoid rule, cut at the samples.
"""

import math

import numpy as np
from numba import njit

from batteryloop.telemetry.kernels.intervals import Floats, Ints, Records, degrees, shares

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


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _sums(time_us: Ints, current_a: Floats, voltage_v: Floats) -> tuple[float, float, float]:
    """Return charge, energy and time between the first and the last row."""
    charge = energy = span = 0.0
    for k in range(1, time_us.size):
        half = max(time_us[k] - time_us[k - 1], 0) * 5e-7
        charge += (current_a[k - 1] + current_a[k]) * half
        energy += (current_a[k - 1] * voltage_v[k - 1] + current_a[k] * voltage_v[k]) * half
        span += half
    return charge, energy, 2.0 * span


@njit(cache=True, nogil=True)
def _sums_of_steps(
    time_us: Ints, current_a: Floats, voltage_v: Floats, step_index: Floats
) -> tuple[float, float, float]:
    """Return charge, energy and time between the first and the last row, by the tester's steps."""
    charge = energy = span = 0.0
    for k in range(1, time_us.size):
        before, after = shares(time_us, step_index, k, 1 << 62)
        charge += current_a[k - 1] * before + current_a[k] * after
        energy += current_a[k - 1] * voltage_v[k - 1] * before
        energy += current_a[k] * voltage_v[k] * after
        span += before + after
    return charge, energy, span


@njit(cache=True, nogil=True)
def _extremes(values: Floats) -> tuple[float, float]:
    low = high = values[0]
    low_odd, high_odd = low, high  # two chains: each compare waits for the one before
    for k in range(1, values.size - 1, 2):
        low, low_odd = min(low, values[k]), min(low_odd, values[k + 1])
        high, high_odd = max(high, values[k]), max(high_odd, values[k + 1])
    low, high = min(low, values[-1]), max(high, values[-1])
    return min(low, low_odd), max(high, high_odd)


@njit(cache=True, nogil=True)
def _ends_known(values: Floats) -> tuple[float, float]:
    """Return the first and the last value that is known."""
    start = last = math.nan
    for k in range(values.size):
        if values[k] == values[k]:
            start = values[k]
            break
    for k in range(values.size - 1, -1, -1):
        if values[k] == values[k]:
            last = values[k]
            break
    return start, last


@njit(cache=True, nogil=True)
def fill_runs(
    runs: Records,
    rows: Ints,
    kinds: Ints,
    gaps: Ints,
    time_us: Ints,
    current_a: Floats,
    voltage_v: Floats,
    soc_frac: Floats,
    temperature_degc: Floats,
    step_index: Floats,
    gap_us: int,
) -> None:
    """Fill in the runs of one battery.

    Parameters
    ----------
    runs : array of RUN, shape (m,)
        To be filled in.
    rows, kinds, gaps : array of int, shape (m,)
        As `kernels.bounds` gives them.
    time_us : array of int, shape (n,)
        Microseconds, not falling.
    current_a, voltage_v : array of float, shape (n,)
        Known in every row. Positive charges. [A], [V]
    soc_frac, temperature_degc, step_index : array of float, shape (n,) or (0,)
        Empty where unknown. [1], [°C]
    gap_us : int
        Above this nothing is known between two samples. [µs]
    """
    n = time_us.size
    for j in range(rows.size):
        first = rows[j]
        end = rows[j + 1] if j + 1 < rows.size else n
        run = runs[j]
        run.row_first, run.row_last, run.n_rows = first, end - 1, end - first
        run.kind, run.is_after_gap = kinds[j], gaps[j]
        time, current, voltage = time_us[first:end], current_a[first:end], voltage_v[first:end]
        if step_index.size > 0:
            charge, energy, span = _sums_of_steps(time, current, voltage, step_index[first:end])
        else:
            charge, energy, span = _sums(time, current, voltage)
        if first > 0:
            _, share = shares(time_us, step_index, first, gap_us)
            charge += current[0] * share
            energy += current[0] * voltage[0] * share
            span += share
        if end < n:
            share, _ = shares(time_us, step_index, end, gap_us)
            charge += current[-1] * share
            energy += current[-1] * voltage[-1] * share
            span += share
        run.charge_as, run.energy_j, run.span_s = charge, energy, span
        low, high = _extremes(current)
        run.current_peak_a = high if high > -low else low
        run.voltage_start_v, run.voltage_end_v = voltage[0], voltage[-1]
        run.voltage_min_v, run.voltage_max_v = _extremes(voltage)
        run.soc_start_frac, run.soc_end_frac = _ends_known(soc_frac[first:end])
        run.temperature_sum, run.temperature_span = degrees(time, temperature_degc[first:end])
