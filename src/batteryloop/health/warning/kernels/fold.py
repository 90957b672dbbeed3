"""Fold rows into the memory: gather, close minutes and windows, score, all without Python."""

import numpy as np
from numba import njit

from batteryloop.health.warning.kernels import layout as at
from batteryloop.health.warning.kernels.follow import N_ROWS_LEAST, follow
from batteryloop.health.warning.kernels.gather import PAUSE_US, gather
from batteryloop.health.warning.kernels.layout import Floats, Ints, Kind, Memory, Rows
from batteryloop.health.warning.kernels.minute import judge_minute
from batteryloop.health.warning.kernels.score import score_cells, score_pack, score_readings

_MINUTE_ROWS_LEAST = 4.0
_HOUR_US = 3.6e9


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


@njit(cache=True, nogil=True, error_model="numpy")
def _note_minute(memory: Memory, score: Floats, threshold: float) -> bool:
    """Count for how many minutes each cell stands out; return whether one does for the third."""
    before = memory.minute_scores
    has_alarm = False
    for j in range(score.size):
        # the lowest of three minutes, all to the same side
        lasting = min(abs(score[j]), abs(before[0, j]), abs(before[1, j]))
        if score[j] * before[0, j] > 0.0 and score[j] * before[1, j] > 0.0:
            memory.slow[at.MINUTE_HIGHEST] = max(memory.slow[at.MINUTE_HIGHEST], lasting)
        before[1, j] = before[0, j]
        before[0, j] = score[j]
        if abs(score[j]) < threshold:
            memory.minute_streak[j] = 0.0
        else:
            memory.minute_streak[j] += 1.0
            has_alarm |= memory.minute_streak[j] == 3.0
    return has_alarm


@njit(cache=True, nogil=True, error_model="numpy")
def fold(
    row: int,
    rows: Rows,
    kind: Kind,
    memory: Memory,
    minute_score_sd: float,
    cell_scores: Floats,
    pack_scores: Floats,
    closed_us: Ints,
    hottest: Ints,
) -> tuple[int, int, int]:
    """Fold from `row` on, until the output is full, a minute alarms, or the rows end.

    Returns
    -------
    row, n_closed, why : int
        Where to go on; how many windows were closed (written to the front of the outputs); 1
        where a cell has stood out for three minutes running, else 0.
    """
    head = memory.head
    n_closed, n = 0, rows.time_us.size
    score = np.zeros(memory.before.size)
    while row < n and n_closed < closed_us.size:
        row, why = gather(row, rows, kind, memory)
        has_alarm = False
        if why & 2:
            now = head[at.FAST_LAST]
            n_rows = head[at.FAST_ROWS]
            # where the curve bends, the rows count little: such a minute says nothing
            if n_rows >= _MINUTE_ROWS_LEAST and memory.fast_x[0] >= 0.6 * n_rows:
                memory.slow[at.N_MINUTES] = judge_minute(
                    n_rows, memory.fast, memory.usual,
                    memory.slow[at.N_MINUTES], memory.minute_gap, score,
                    memory.slow,
                )  # fmt: skip
                has_alarm = _note_minute(memory, score, minute_score_sd)
            memory.fast_x[:] = 0.0
            memory.fast[:] = 0.0
            head[at.FAST_ROWS] = 0.0
            if rows.time_us[row] - now > PAUSE_US:
                memory.slow[at.N_MINUTES] = 0.0
        if why & 1:
            closed_us[n_closed] = int(memory.sums[at.LAST_AT])
            hottest[n_closed] = _close(
                memory, kind.capacity_ah, cell_scores[n_closed], pack_scores[n_closed]
            )
            n_closed += 1
        if has_alarm:
            return row, n_closed, 1
    return row, n_closed, 0
