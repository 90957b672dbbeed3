"""Short runs taken together: a drive is one discharge, however often it brakes."""

import numpy as np
from numba import njit

from batteryloop.telemetry.kernels.intervals import Floats, Ints


@njit(cache=True, nogil=True)
def reversals(
    kinds: Ints, gaps: Ints, spans_us: Ints, pause_us: int, short_us: int
) -> tuple[int, float]:
    """Return how often charge and discharge, both short, follow each other, and the active time.

    Parameters
    ----------
    kinds, gaps, spans_us : array of int, shape (m,)
        As `kernels.bounds` gives them.
    pause_us : int
        A rest between the two of up to this long does not matter. [µs]
    short_us : int
        Longer runs are not counted. [µs]

    Returns
    -------
    int
        How often.
    float
        The time of all charges and discharges. [s]
    """
    count = last = last_us = active_us = 0
    for k in range(kinds.size):
        kind, span_us = kinds[k], spans_us[k]
        if gaps[k] == 1 or (kind == 0 and span_us > pause_us):
            last = 0
        if kind == 0:
            continue
        if last == -kind and span_us <= short_us and last_us <= short_us:
            count += 1
        active_us += span_us
        last, last_us = kind, span_us
    return count, active_us * 1e-6


@njit(cache=True, nogil=True)
def _kind_of_mixed(time_us: Ints, current_a: Floats, first: int, end: int, rest_a: float) -> int:
    """Return 0 if hardly any charge moved in rows `first` to `end` - 1, else which outweighs."""
    charge = moved = span = 0.0
    for k in range(first, end):
        step = 1.0
        if k + 1 < end:
            step = max(time_us[k + 1] - time_us[k], 0) * 1e-6
        charge += current_a[k] * step
        moved += abs(current_a[k]) * step
        span += step
    if moved <= rest_a * span:
        return 0
    return 1 if charge > 0.0 else -1


@njit(cache=True, nogil=True)
def merged(
    rows: Ints,
    kinds: Ints,
    gaps: Ints,
    spans_us: Ints,
    time_us: Ints,
    current_a: Floats,
    merge_us: int,
    rest_a: float,
) -> tuple[Ints, Ints, Ints]:
    """Return the runs with those shorter than `merge_us` taken together.

    Neighbouring short runs become one: a rest if hardly any charge moved either way, else a
    charge or a discharge, whichever outweighs. If together they are still short, they go to the
    neighbour of that kind, else to the one before. Neighbours of one kind are then joined. A gap
    is never crossed.

    Parameters
    ----------
    rows, kinds, gaps, spans_us : array of int, shape (m,)
        As `kernels.bounds` gives them.
    time_us : array of int, shape (n,)
        [µs]
    current_a : array of float, shape (n,)
        [A]
    merge_us : int
        [µs]
    rest_a : float
        Hardly any charge: a mean magnitude of the current up to this. [A]
    """
    n = rows.size
    new_rows, new_kinds, new_gaps = np.empty_like(rows), np.empty_like(kinds), np.empty_like(gaps)
    m = first = k = 0  # first: of the new, since the last gap
    while k < n:
        if gaps[k] == 1:
            first = m
        kind, end, span_us = kinds[k], k + 1, spans_us[k]
        if span_us < merge_us:
            while end < n and gaps[end] == 0 and spans_us[end] < merge_us:
                span_us += spans_us[end]
                end += 1
            row_end = rows[end] if end < n else time_us.size
            kind = _kind_of_mixed(time_us, current_a, rows[k], row_end, rest_a)
            if span_us < merge_us:
                has_last, has_next = m > first, end < n and gaps[end] == 0
                is_next = has_next and kinds[end] == kind
                if has_next and (not has_last or (is_next and new_kinds[m - 1] != kind)):
                    kind = kinds[end]
                    end += 1
                elif has_last:
                    kind = new_kinds[m - 1]
        if m == first or kind != new_kinds[m - 1]:
            new_rows[m], new_kinds[m], new_gaps[m] = rows[k], kind, gaps[k]
            m += 1
        k = end
    return new_rows[:m].copy(), new_kinds[:m].copy(), new_gaps[:m].copy()
