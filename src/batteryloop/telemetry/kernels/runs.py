"""Runs of charge, discharge and rest, with their sums, in one pass over a battery's samples.

Each sample speaks for half of the interval on either side of it, so the sums of the runs add up to
the whole: the trapezoid rule, cut at the samples.
"""

import math
from typing import Any, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Records: TypeAlias = NDArray[Any]

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
def _first_known(values: Floats, row_first: int, row_last: int) -> float:
    for k in range(row_first, min(row_last + 1, values.size)):
        if values[k] == values[k]:
            return float(values[k])
    return math.nan


@njit(cache=True, nogil=True)
def _last_known(values: Floats, row_first: int, row_last: int) -> float:
    for k in range(min(row_last, values.size - 1), row_first - 1, -1):
        if values[k] == values[k]:
            return float(values[k])
    return math.nan


@njit(cache=True, nogil=True)
def kind_of(current_a: float, kind: int, rest_a: float) -> int:
    """Return the kind of a sample that follows one of `kind`: half the limit keeps it going."""
    if current_a > (0.5 * rest_a if kind == 1 else rest_a):
        return 1
    if current_a < (-0.5 * rest_a if kind == -1 else -rest_a):
        return -1
    return 0


@njit(cache=True, nogil=True)
def runs_of(  # noqa: C901, PLR0915 - one pass: a call a row would cost more than the sums
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

    Samples without a current are passed over; a missing voltage or temperature is bridged by the
    last one known. Nothing is summed over a gap or where time does not move on.

    Parameters
    ----------
    time_us : array of int, shape (n,)
        Microseconds, not falling.
    current_a, voltage_v : array of float, shape (n,)
        Positive charges. [A], [V]
    soc_frac, temperature_degc : array of float, shape (n,) or (0,)
        Empty where unknown. [1], [°C]
    step_index : array of float, shape (n,) or (0,)
        Where it changes, the interval belongs to the new step, at its current: testers record a
        step's last moment, then change the current. While it stays, no interval is a gap.
    rest_a : float
        Below this it rests. [A]
    gap_us : int
        Above this nothing is known between two samples. [µs]
    """
    runs = np.empty(64, RUN)
    count = 0
    has_temperature = temperature_degc.size > 0
    n = time_us.size
    row_first = -1
    row_last = -1
    n_rows = 0
    kind = 0
    after_gap = 0
    t_last = 0
    i_last = p_last = 0.0
    v_held = deg_held = math.nan
    charge = energy = span = peak = 0.0
    v_min = v_max = math.nan
    deg_sum = deg_span = deg_plain = 0.0
    n_deg = 0
    for k in range(n + 1):
        is_gap = False
        before = after = 0.0
        kind_new = 0
        i_new = v_new = p_new = 0.0
        deg_new = math.nan
        if k < n:
            i_new = current_a[k]
            if i_new != i_new:
                continue
            t_new = time_us[k]
            if row_first >= 0:
                step = t_new - t_last
                is_same = step_index.size > 0 and step_index[k] == step_index[row_last]
                if step > gap_us and not is_same:
                    is_gap = True
                elif step > 0:
                    before = after = step * 5e-7
                    if step_index.size > 0 and not is_same:
                        before, after = 0.0, step * 1e-6
            v_new = voltage_v[k]
            if v_new != v_new:
                v_new = v_held
            p_new = i_new * v_new if v_new == v_new else 0.0
            kind_new = kind_of(i_new, 0 if is_gap else kind, rest_a)
            if has_temperature:
                deg_new = temperature_degc[k]
                if deg_new != deg_new:
                    deg_new = deg_held
        if row_first >= 0:
            if before > 0.0:
                charge += i_last * before
                energy += p_last * before
                span += before
                if deg_held == deg_held:
                    deg_sum += deg_held * before
                    deg_span += before
            if k == n or is_gap or kind_new != kind:
                if count == runs.size:
                    larger = np.empty(2 * count, RUN)
                    larger[:count] = runs
                    runs = larger
                run = runs[count]
                run.row_first = row_first
                run.row_last = row_last
                run.n_rows = n_rows
                run.kind = kind
                run.is_after_gap = after_gap
                run.charge_as = charge
                run.energy_j = energy
                run.span_s = span
                run.current_peak_a = peak
                run.voltage_start_v = _first_known(voltage_v, row_first, row_last)
                run.voltage_end_v = _last_known(voltage_v, row_first, row_last)
                run.voltage_min_v = v_min
                run.voltage_max_v = v_max
                run.soc_start_frac = _first_known(soc_frac, row_first, row_last)
                run.soc_end_frac = _last_known(soc_frac, row_first, row_last)
                run.temperature_sum = deg_sum if deg_span > 0.0 else deg_plain
                run.temperature_span = deg_span if deg_span > 0.0 else n_deg
                count += 1
                row_first = -1
        if k == n:
            break
        if row_first < 0:
            row_first = k
            n_rows = 0
            kind = kind_new
            after_gap = 1 if is_gap else 0
            charge = energy = span = peak = 0.0
            v_min = v_max = math.nan
            deg_sum = deg_span = deg_plain = 0.0
            n_deg = 0
        charge += i_new * after
        energy += p_new * after
        span += after
        if deg_new == deg_new:
            deg_sum += deg_new * after
            deg_span += after
            deg_plain += deg_new
            n_deg += 1
        if abs(i_new) > abs(peak):
            peak = i_new
        if v_new == v_new:
            if not v_new >= v_min:
                v_min = v_new
            if not v_new <= v_max:
                v_max = v_new
        row_last = k
        n_rows += 1
        t_last = t_new
        i_last = i_new
        v_held = v_new
        p_last = p_new
        deg_held = deg_new
    return runs[:count].copy()
