"""The quick eye: each minute's deviation against the minutes before, beside what is explained."""

import numpy as np
from numba import njit

from batteryloop.health.warning.kernels import layout as at
from batteryloop.health.warning.kernels.layout import Floats, Floats32
from batteryloop.health.warning.kernels.middle import middle_and_spread

N_LEARN = 8
_MEMORY = 30.0
FLOOR_V = 1.5e-4
_SCATTER_MEMORY = 300.0
_HOLD = 6.0


@njit(cache=True, nogil=True, error_model="numpy")
def judge_minute(
    n_rows: float,
    fast: Floats32,
    usual: Floats,
    n_before: float,
    gap: Floats,
    score: Floats,
    slow: Floats,
) -> float:
    """Write each cell's sudden `gap` [V] and its `score`; return the minutes learned so far.

    `fast` (n,) sums what the slow factors leave unexplained of each cell over `n_rows`; `usual`
    is its running mean, which a cell that stands out does not teach.
    """
    n = fast.size
    if n_before == 0.0:
        for j in range(n):
            usual[j] = fast[j] / n_rows
        gap[:] = 0.0
        score[:] = 0.0
        return 1.0
    for j in range(n):
        gap[j] = fast[j] / n_rows - usual[j]
    centre, spread = middle_and_spread(gap)
    # a calm minute must not make the next look wild: the scatter of the last hours counts, too
    scatter = slow[at.MINUTE_SCATTER]
    width = np.sqrt(spread**2 + scatter + FLOOR_V**2)
    slow[at.MINUTE_SPREAD_V] = width
    slow[at.MINUTE_SCATTER] += (spread**2 - scatter) / min(n_before + 1.0, _SCATTER_MEMORY)
    gain = max(1.0 / (n_before + 1.0), 1.0 / _MEMORY)
    is_learning = n_before < N_LEARN
    for j in range(n):
        left = gap[j] + usual[j]
        gap[j] -= centre
        away = gap[j] / width
        score[j] = 0.0 if is_learning else away
        if is_learning or abs(away) < _HOLD:
            usual[j] += gain * (left - usual[j])
    return n_before + 1.0
