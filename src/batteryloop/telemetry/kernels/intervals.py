"""Whose is the time between two samples: half to each, unless a gap or a step lies between."""

from typing import Any, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Records: TypeAlias = NDArray[Any]


@njit(cache=True, nogil=True)
def is_gap(time_us: Ints, step_index: Floats, k: int, gap_us: int) -> bool:
    """Return whether nothing is known of what happened before row `k`, which is above 0.

    Within one step of a tester no interval is a gap: it recorded when something changed.
    """
    if time_us[k] - time_us[k - 1] <= gap_us:
        return False
    return step_index.size == 0 or step_index[k] != step_index[k - 1]


@njit(cache=True, nogil=True)
def shares(time_us: Ints, step_index: Floats, k: int, gap_us: int) -> tuple[float, float]:
    """Return how much of the interval before row `k` is that of row `k - 1`, and of row `k`. [s].

    Half each; nothing over a gap or where time does not go on. Where the tester's step changes
    all is the new row's: testers record a step's last moment, then change the current.
    """
    step = time_us[k] - time_us[k - 1]
    if step <= 0:
        return 0.0, 0.0
    if step_index.size > 0:
        if step_index[k] != step_index[k - 1]:
            return 0.0, (0.0 if step > gap_us else step * 1e-6)
    elif step > gap_us:
        return 0.0, 0.0
    return step * 5e-7, step * 5e-7


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def degrees(time_us: Ints, temperature_degc: Floats) -> tuple[float, float]:
    """Return the temperature summed over time, and that time; or over rows, and their number."""
    if temperature_degc.size == 0:
        return 0.0, 0.0
    total = span = 0.0
    plain = temperature_degc[0]
    for k in range(1, time_us.size):
        half = max(time_us[k] - time_us[k - 1], 0) * 5e-7
        total += (temperature_degc[k - 1] + temperature_degc[k]) * half
        span += half
        plain += temperature_degc[k]
    if span > 0.0:
        return total, 2.0 * span
    return plain, float(time_us.size)
