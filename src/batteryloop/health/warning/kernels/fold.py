"""Fold rows into the memory: gather, close minutes and windows, score, all without Python."""

import numpy as np
from numba import njit

from batteryloop.health.warning.kernels import layout as at
from batteryloop.health.warning.kernels.follow import N_ROWS_LEAST, follow
from batteryloop.health.warning.kernels.gather import PAUSE_US, gather
from batteryloop.health.warning.kernels.layout import (
    Floats,
    Floats32,
    Judged,
    Kind,
    Memory,
    Rows,
    Said,
)
from batteryloop.health.warning.kernels.minute import judge_minute
from batteryloop.health.warning.kernels.score import score_cells, score_pack, score_readings

_MINUTE_ROWS_LEAST = 4.0
_HOUR_US = 3.6e9
# What was said is forgotten once its score has been below this share of its threshold so long.
_CALM, _FORGET_DAYS = 0.4, 30.0
_DAY_US = 24.0 * _HOUR_US


@njit(cache=True, nogil=True, error_model="numpy")
def _close(memory: Memory, capacity_ah: float, cell_scores: Floats, pack_scores: Floats) -> int:
    """Carry the filter over the window that is full, score, clear its sums."""
    head, sums, slow = memory.head, memory.sums, memory.slow
    now, n_rows = sums[at.LAST_AT], head[at.N_ROWS]
    if slow[at.BEGAN_AT] == 0.0:
        slow[at.BEGAN_AT] = slow[at.CLOSED_AT] = sums[at.FIRST_AT]
    span_days = max((now - slow[at.CLOSED_AT]) / 24.0 / _HOUR_US, 1e-6)
    balancing_h = (now - sums[at.FIRST_AT]) / _HOUR_US * sums[at.BALANCING_ROWS] / n_rows
    noise = follow(
        span_days, balancing_h, memory.gram, memory.moments, memory.squares, memory.factors,
        memory.covariance,
    )  # fmt: skip
    for a in range(at.N_REGRESSORS):
        for j in range(memory.factors.shape[1]):
            memory.expected[a, j] = memory.factors[a, j]
    slow[at.CLOSED_AT] = now
    if memory.gram[0, 0] >= N_ROWS_LEAST:
        slow[at.N_WINDOWS] += 1.0
        slow[at.NOISE_V] = noise
    if head[at.SUM_DI_DI] > 0.1:
        slow[at.OHM_V] = max(head[at.SUM_DI_DV] / head[at.SUM_DI_DI], 0.0)
    score_cells(memory, span_days, cell_scores)
    score_readings(memory, cell_scores)
    hottest = score_pack(memory, capacity_ah, pack_scores)
    if slow[at.N_RING] == 0.0 or now - slow[at.RING_AT] >= 0.9 * 24.0 * _HOUR_US:
        k = int(slow[at.N_RING]) % memory.ring_at.size
        memory.ring[k] = memory.factors
        memory.ring_pack[k] = memory.pack_now
        memory.ring_at[k] = int(now)
        slow[at.N_RING] += 1.0
        slow[at.RING_AT] = now
    memory.gram[:] = 0.0
    memory.moments[:] = 0.0
    memory.squares[:] = 0.0
    memory.sums[:] = 0.0
    memory.lost[:] = 0.0
    memory.still[:] = 0.0
    memory.heat[:] = 0.0
    head[at.N_ROWS] = 0.0
    slow[at.N_MINUTES] = 0.0
    return hottest


@njit(inline="always")
def _note_minute(memory: Memory, score: Floats, threshold: float) -> bool:
    """Count for how many minutes each cell stands out; return whether one does for the third."""
    before, streak = memory.minute_scores, memory.minute_streak
    highest = memory.slow[at.MINUTE_HIGHEST]
    n_third = 0
    for j in range(score.size):
        now, last, first = score[j], before[0, j], before[1, j]
        # the lowest of three minutes, all to the same side
        lasting = max(min(now, last, first), -max(now, last, first))
        highest = max(highest, lasting)
        before[1, j] = last
        before[0, j] = now
        streak[j] = streak[j] + 1.0 if abs(now) >= threshold else 0.0
        n_third += streak[j] == 3.0
    memory.slow[at.MINUTE_HIGHEST] = highest
    return n_third > 0


@njit(inline="always")
def _forget(said: Said, high_day: Floats32, k: int, j: int, is_calm: bool, day: float) -> None:
    """Forget what was said of a kind and cell when it has long been calm."""
    if not is_calm:
        high_day[k, j] = day
    elif said[k, j] >= 0 and day - high_day[k, j] > _FORGET_DAYS:
        said[k, j] = -1


@njit(cache=True, nogil=True, error_model="numpy")
def _passes(memory: Memory, scores: Floats, knows_capacity: bool, judged: Judged) -> bool:
    """Keep what lasts over two windows, forget what is over; return whether a threshold is passed.

    A reading that stands still is sure at once: the next trip may be a week away.
    """
    before, said, high_day = memory.score_before, memory.latched, memory.high_day
    day = judged.closed_us[0] / _DAY_US
    n_kinds, n_cells = scores.shape
    has_alarm = False
    for k in range(n_kinds):
        limit = judged.limits[k]
        for j in range(n_cells):
            score = scores[k, j]
            lasting = score if k == at.STUCK else min(score, before[k, j])
            judged.lasting[k, j] = lasting
            before[k, j] = score
            _forget(said, high_day, k, j, score < _CALM * limit, day)
            has_alarm |= lasting >= limit
    if not knows_capacity:
        judged.of_pack[at.SOC_JUMP] = 0.0
    for k in range(judged.of_pack.size):
        is_calm = judged.of_pack[k] < _CALM * judged.pack_limits[k]
        _forget(said, high_day, n_kinds + k, 0, is_calm, day)
        has_alarm |= judged.of_pack[k] >= judged.pack_limits[k]
    return has_alarm


@njit(inline="always")
def _minute(row: int, rows: Rows, memory: Memory, score: Floats, threshold: float) -> bool:
    """Close a minute before `row`; return whether a cell stands out for the third."""
    head = memory.head
    now, n_rows, has_alarm = head[at.FAST_LAST], head[at.FAST_ROWS], False
    # where the curve bends, the rows count little: such a minute says nothing
    if n_rows >= _MINUTE_ROWS_LEAST and memory.fast_x[0] >= 0.6 * n_rows:
        memory.slow[at.N_MINUTES] = judge_minute(
            n_rows, memory.fast, memory.usual, memory.slow[at.N_MINUTES], memory.minute_gap,
            score, memory.slow,
        )  # fmt: skip
        has_alarm = _note_minute(memory, score, threshold)
    memory.fast_x[:] = 0.0
    memory.fast[:] = 0.0
    head[at.FAST_ROWS] = 0.0
    if rows.time_us[row] - now > PAUSE_US:
        memory.slow[at.N_MINUTES] = 0.0
    return has_alarm


@njit(cache=True, nogil=True, error_model="numpy")
def fold(
    row: int, rows: Rows, kind: Kind, memory: Memory, knows_capacity: bool, judged: Judged
) -> tuple[int, int]:
    """Fold from `row` on, until a window passes a threshold, a minute alarms, or the rows end.

    Returns
    -------
    row, why : int
        Where to go on; 0 at the end of the rows, 1 for a window, 2 for a minute, 3 for both.
    """
    n = rows.time_us.size
    score = np.zeros(memory.before.size)
    scores = np.zeros((at.N_CELL_KINDS, memory.before.size))
    while row < n:
        row, over = gather(row, rows, kind, memory)
        why = 0
        if over & 2 and _minute(row, rows, memory, score, judged.minute_limit):
            why += 2
        if over & 1:
            judged.closed_us[0] = int(memory.sums[at.LAST_AT])
            judged.hottest[0] = _close(memory, kind.capacity_ah, scores, judged.of_pack)
            if _passes(memory, scores, knows_capacity, judged):
                why += 1
        if why:
            return row, why
    return row, 0
