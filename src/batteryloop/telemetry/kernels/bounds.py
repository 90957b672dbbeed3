"""Where a battery begins to charge, to discharge and to rest."""

import math

import numpy as np
from numba import njit

from batteryloop.telemetry.kernels.intervals import Floats, Ints, is_gap


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


@njit(cache=True, nogil=True)
def _doubled(values: Ints) -> Ints:
    larger = np.empty(2 * values.size, np.int64)
    larger[: values.size] = values
    return larger


@njit(cache=True, nogil=True)
def bounds_of(
    time_us: Ints, current_a: Floats, step_index: Floats, rest_a: float, gap_us: int
) -> tuple[Ints, Ints, Ints]:
    """Return where each run begins, what kind it is, and whether a gap is before it.

    Kinds are 1 charge, -1 discharge, 0 rest; after a gap is 1, else 0.

    Parameters
    ----------
    time_us : array of int, shape (n,)
        Microseconds, not falling.
    current_a : array of float, shape (n,)
        Known in every row. Positive charges. [A]
    step_index : array of float, shape (n,) or (0,)
        The tester's step, empty where unknown.
    rest_a : float
        Below this it rests; a run goes on down to half of it. [A]
    gap_us : int
        Above this nothing is known between two samples. [µs]
    """
    n = time_us.size
    rows, kinds, gaps = np.empty(64, np.int64), np.empty(64, np.int64), np.empty(64, np.int64)
    count = first = kind = 0
    while first < n:
        after_gap = first > 0 and is_gap(time_us, step_index, first, gap_us)
        kind = _kind_of(current_a[first], 0 if after_gap else kind, rest_a)
        if count == rows.size:
            rows, kinds, gaps = _doubled(rows), _doubled(kinds), _doubled(gaps)
        rows[count], kinds[count], gaps[count] = first, kind, 1 if after_gap else 0
        count += 1
        first = _end_of_run(time_us, current_a, step_index, first, kind, rest_a, gap_us)
    return rows[:count].copy(), kinds[:count].copy(), gaps[:count].copy()
