"""Counters that restart, told from counters that only tremble."""

import math

import numpy as np
from numba import njit

from batteryloop.telemetry.kernels.intervals import Floats, Ints

RESTART_FRAC = 0.5
NOISE_FRAC = 1e-6
NOISE = 1e-8
FALL_FRAC = 1e-3

PEAK, LARGEST, IS_STARTED, IS_FALLEN, N_RESTARTS, N_FALLS, FIRST_ROW = range(7)
N_STATE = 7


@njit(cache=True, nogil=True)
def added(counter: Floats, k: int, is_marked: bool, state: Floats) -> float:
    """Return what the counter added at row `k`, never below 0.

    It has restarted if it lost more than half of what it held, and what it held was more than
    noise; what it then reads was added since. A smaller loss is held, and counted if above 0.1 %.

    Parameters
    ----------
    counter : array of float, shape (n,)
        NaN where not read.
    k : int
        The row.
    is_marked : bool
        Any loss at this row is a restart.
    state : array of float, shape (7,)
        The counter's peak since its restart, its highest ever, and what happened; changed here.
        All 0 before the first row.
    """
    value = counter[k]
    if not math.isfinite(value):
        return 0.0
    if state[IS_STARTED] == 0.0:
        state[PEAK], state[LARGEST], state[IS_STARTED] = value, abs(value), 1.0
        return 0.0
    peak = state[PEAK]
    gain = 0.0
    if value >= peak:
        gain = value - peak
        state[PEAK] = value
        state[IS_FALLEN] = 0.0
    elif peak > max(NOISE_FRAC * state[LARGEST], NOISE) and (
        is_marked or value < RESTART_FRAC * peak
    ):
        gain = max(value, 0.0)
        state[PEAK] = value
        state[IS_FALLEN] = 0.0
        if state[N_RESTARTS] + state[N_FALLS] == 0.0:
            state[FIRST_ROW] = k
        state[N_RESTARTS] += 1.0
    elif state[IS_FALLEN] == 0.0 and peak - value > max(FALL_FRAC * abs(peak), NOISE):
        state[IS_FALLEN] = 1.0
        if state[N_RESTARTS] + state[N_FALLS] == 0.0:
            state[FIRST_ROW] = k
        state[N_FALLS] += 1.0
    state[LARGEST] = max(state[LARGEST], value)
    return gain


@njit(cache=True, nogil=True)
def gained(counter: Floats, first: int, end: int, state: Floats) -> float:
    """Return what the counter added in rows `first` to `end` - 1, 0 where there is no counter."""
    total = 0.0
    if counter.size == 0:
        return total
    peak = state[PEAK]
    for k in range(first, end):
        value = counter[k]
        if peak <= value < math.inf and state[IS_STARTED] == 1.0:
            total += value - peak
            peak = value
        else:
            state[PEAK] = peak
            state[LARGEST] = max(state[LARGEST], peak)
            total += added(counter, k, False, state)
            peak = state[PEAK]
    state[PEAK] = peak
    state[LARGEST] = max(state[LARGEST], peak)
    return total


@njit(cache=True, nogil=True)
def unrolled(counter: Floats, marks: Floats) -> tuple[Floats, Floats]:
    """Return the counter as one that never falls and starts at 0, and its final state.

    Parameters
    ----------
    counter : array of float, shape (n,)
        NaN where not read; it stays NaN.
    marks : array of float, shape (n,) or (0,)
        Where this changes, any loss is a restart.
    """
    n = counter.size
    out = np.empty(n)
    state = np.zeros(N_STATE)
    total = 0.0
    for k in range(n):
        is_marked = marks.size > 0 and k > 0 and marks[k] != marks[k - 1]
        total += added(counter, k, is_marked, state)
        out[k] = total if math.isfinite(counter[k]) else math.nan
    return out, state


@njit(cache=True, nogil=True)
def numbered(
    raw: Floats,
    time_us: Ints,
    step_index: Floats,
    charging: Floats,
    discharging: Floats,
    gap_us: int,
) -> tuple[Ints, int, int]:
    """Return each row's cycle number as one that never falls, its restarts, and the first's row.

    The count restarts where it falls; or where after a gap it stays, but the schedule's steps and
    both counters of charge begin again, as when one file of single cycles follows another.

    Parameters
    ----------
    raw : array of float, shape (n,)
        The tester's cycle; NaN: as the row before.
    time_us : array of int, shape (n,)
        Microseconds, not falling.
    step_index, charging, discharging : array of float, shape (n,) or (0,)
        The schedule's step, and the counters of charge in and out. [Ah]
    gap_us : int
        A longer interval is a gap. [µs]
    """
    n = raw.size
    out = np.empty(n, np.int64)
    has_counters = charging.size > 0 and discharging.size > 0
    number = restarts = 0
    row_first = -1
    last = np.nan
    for k in range(n):
        value = raw[k]
        if value != value:
            value = last
        if last != last:
            if value == value:
                number = int(value)
        elif value > last:
            number += int(value - last)
        elif value < last:
            number += 1
            restarts += 1
        elif has_counters and time_us[k] - time_us[k - 1] > gap_us:
            is_back = step_index.size == 0 or step_index[k] < step_index[k - 1]
            charge, discharge = charging[k - 1], discharging[k - 1]
            is_emptied = charge + discharge > 0.0 and (
                charging[k] <= RESTART_FRAC * charge and discharging[k] <= RESTART_FRAC * discharge
            )
            if is_back and is_emptied:
                number += 1
                restarts += 1
        if restarts == 1 and row_first < 0:
            row_first = k
        last = value
        out[k] = number
    return out, restarts, row_first
