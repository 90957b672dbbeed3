"""Where a battery begins to charge, to discharge and to rest."""

import math

import numpy as np
from numba import njit

from batteryloop.telemetry.kernels.intervals import Floats, Ints, is_gap


@njit(cache=True, nogil=True)
def _band(kind: int, rest_a: float) -> tuple[float, float]:
    """Return between which currents a run of this kind goes on: half the limit keeps it going."""
    if kind == 1:
        return 0.5 * rest_a, math.inf
    if kind == -1:
        return -math.inf, -0.5 * rest_a
    return -rest_a, rest_a


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
    rows, kinds, gaps = np.empty(64, np.int64), np.empty(64, np.int64), np.empty(64, np.int64)
    count = 0
    low, high = math.inf, -math.inf  # nothing goes on before the first row
    last = 0
    for k in range(time_us.size):
        now, current = time_us[k], current_a[k]
        is_late = now - last > gap_us
        last = now
        if low <= current <= high and not is_late:
            continue
        gap = 1 if is_late and k > 0 and is_gap(time_us, step_index, k, gap_us) else 0
        if low <= current <= high and gap == 0:
            continue
        kind = 1 if current > rest_a else (-1 if current < -rest_a else 0)
        low, high = _band(kind, rest_a)
        if count == rows.size:
            rows, kinds, gaps = _doubled(rows), _doubled(kinds), _doubled(gaps)
        rows[count], kinds[count], gaps[count] = k, kind, gap
        count += 1
    return rows[:count].copy(), kinds[:count].copy(), gaps[:count].copy()


@njit(cache=True, nogil=True)
def spans_of(rows: Ints, gaps: Ints, time_us: Ints) -> Ints:
    """Return how long each run lasts, up to the next one's beginning if no gap is before it. [µs].

    Parameters
    ----------
    rows, gaps : array of int, shape (m,)
        As `bounds_of` gives them.
    time_us : array of int, shape (n,)
        [µs]
    """
    m = rows.size
    spans = np.empty(m, np.int64)
    for j in range(m):
        end = time_us.size - 1
        if j + 1 < m:
            end = rows[j + 1] - gaps[j + 1]
        spans[j] = time_us[end] - time_us[rows[j]]
    return spans
