"""Counters that restart, told from counters that only tremble."""

import numpy as np
from numba import njit

from batteryloop.telemetry.kernels.runs import Floats

RESTART_FRAC = 0.5
NOISE_FRAC = 1e-6
FALL_FRAC = 1e-3


@njit(cache=True, nogil=True)
def is_restart(value: float, peak: float, largest: float) -> bool:
    """Return whether a counter that stood at `peak` has restarted, now that it reads `value`.

    It has if it lost more than half of what it held, and what it held was more than noise.

    Parameters
    ----------
    value, peak : float
        The counter now and its highest since the last restart.
    largest : float
        Its highest ever, by which noise is measured.
    """
    return value < RESTART_FRAC * peak and peak > NOISE_FRAC * largest


@njit(cache=True, nogil=True)
def unrolled(counter: Floats, marks: Floats) -> tuple[Floats, int, int]:
    """Return the counter as one that never falls and starts at 0, its restarts and its falls.

    Parameters
    ----------
    counter : array of float, shape (n,)
        NaN where not read; it stays NaN.
    marks : array of float, shape (n,) or (0,)
        A lower reading where this changes is a restart, however little was lost.

    Returns
    -------
    array of float, shape (n,)
        What was counted since the first reading.
    int
        How often the counter restarted.
    int
        How often it fell by more than 0.1 % without restarting; it is held there.
    """
    n = counter.size
    out = np.empty(n)
    base = peak = largest = mark = 0.0
    has_started = is_fallen = False
    restarts = falls = 0
    for k in range(n):
        value = counter[k]
        if value != value:
            out[k] = value
            continue
        if not has_started:
            has_started = True
            base, peak = -value, value
        is_marked = False
        if marks.size > 0:
            is_marked = marks[k] != mark and k > 0
            mark = marks[k]
        if value >= peak:
            peak = value
            is_fallen = False
        elif is_restart(value, peak, largest) or (is_marked and peak > NOISE_FRAC * largest):
            base += peak
            peak = value
            restarts += 1
            is_fallen = False
        elif not is_fallen and peak - value > FALL_FRAC * abs(peak):
            falls += 1
            is_fallen = True
        largest = max(largest, peak)
        out[k] = base + peak
    return out, restarts, falls
