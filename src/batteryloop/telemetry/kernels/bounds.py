"""Where a battery begins to charge, to discharge and to rest."""

import math

import numpy as np
from numba import njit

from batteryloop.telemetry.kernels.intervals import Floats, Ints, is_gap


@njit(cache=True, nogil=True)
def _kind_of(current_a: float, rest_a: float) -> int:
    return 1 if current_a > rest_a else (-1 if current_a < -rest_a else 0)


@njit(cache=True, nogil=True)
def _band(kind: int, rest_a: float) -> tuple[float, float]:
    """Return between which currents a run of this kind goes on: half the limit keeps it going."""
    if kind == 1:
        return 0.5 * rest_a, math.inf
    if kind == -1:
        return -math.inf, -0.5 * rest_a
    return -rest_a, rest_a


@njit(cache=True, nogil=True)
def _longest(time_us: Ints) -> int:
    longest = 0
    for k in range(1, time_us.size):
        longest = max(longest, time_us[k] - time_us[k - 1])
    return longest


@njit(cache=True, nogil=True)
def rows_of(
    time_us: Ints, current_a: Floats, step_index: Floats, rest_a: float, gap_us: int
) -> Ints:
    """Return the rows at which a run begins.

    Parameters
    ----------
    time_us : array of int, shape (n,)
        Microseconds, not falling.
    current_a : array of float, shape (n,)
        Positive charges. [A]
    step_index : array of float, shape (n,) or (0,)
        The tester's step, empty where unknown.
    rest_a : float
        Below this it rests; a run goes on down to half of it. [A]
    gap_us : int
        Above this nothing is known between two samples. [µs]
    """
    rows = np.empty(current_a.size, np.int64)
    count = 0
    low, high = math.inf, -math.inf  # nothing goes on before the first row
    may_gap = _longest(time_us) > gap_us
    for k in range(current_a.size):
        current = current_a[k]
        if low <= current <= high and not (
            may_gap and k > 0 and is_gap(time_us, step_index, k, gap_us)
        ):
            continue
        low, high = _band(_kind_of(current, rest_a), rest_a)
        rows[count] = k
        count += 1
    return rows[:count].copy()


@njit(cache=True, nogil=True)
def kinds_of(rows: Ints, current_a: Floats, rest_a: float) -> Ints:
    """Return the kind of each run: 1 charge, -1 discharge, 0 rest.

    Parameters
    ----------
    rows : array of int, shape (m,)
        As `rows_of` gives them.
    current_a : array of float, shape (n,)
        [A]
    rest_a : float
        [A]
    """
    kinds = np.empty(rows.size, np.int64)
    for j in range(rows.size):
        kinds[j] = _kind_of(current_a[rows[j]], rest_a)
    return kinds


@njit(cache=True, nogil=True)
def gaps_of(rows: Ints, time_us: Ints, step_index: Floats, gap_us: int) -> Ints:
    """Return 1 for each run that comes after a gap, else 0.

    Parameters
    ----------
    rows : array of int, shape (m,)
        As `rows_of` gives them.
    time_us : array of int, shape (n,)
        [µs]
    step_index : array of float, shape (n,) or (0,)
        The tester's step, empty where unknown.
    gap_us : int
        [µs]
    """
    gaps = np.zeros(rows.size, np.int64)
    for j in range(1, rows.size):
        gaps[j] = is_gap(time_us, step_index, rows[j], gap_us)
    return gaps


@njit(cache=True, nogil=True)
def spans_of(rows: Ints, gaps: Ints, time_us: Ints) -> Ints:
    """Return how long each run lasts, up to the next one's beginning if no gap is before it. [µs].

    Parameters
    ----------
    rows, gaps : array of int, shape (m,)
        As `rows_of` and `gaps_of` give them.
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
