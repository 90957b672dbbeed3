"""How far each cell stands out from its pack and from its own past, after each window."""

import math

import numpy as np
from numba import njit

from batteryloop.health.warning.kernels import layout as at
from batteryloop.health.warning.kernels.layout import Floats, Memory
from batteryloop.health.warning.kernels.middle import middle, middle_and_spread

DAY_US = 86_400e6
LEARN_DAYS, N_WINDOWS_LEARN = 7.0, 10
_FORGET_DAYS, _DRIFT_MEMORY_DAYS = 300.0, 12.0
# What a change must exceed to count as one standard deviation, however alike the cells are:
# offset [V], resistances [share of the pack's cell], gap, lack [share], drift [share a day].
_FLOOR = np.array([4e-4, 0.015, 0.015, 0.002, 0.002, 2e-4])
_FLOOR_SLOW_DRIFT = 3e-5
# Of the drift's variance, as much as a mean over twelve days leaves.
_DRIFT_LEFT = 0.15
# The same for what was off from the first day, where new cells differ already.
_FLOOR_FIRST = np.array([5e-3, 0.1, 0.1, 0.02, 0.02, 1e-3])
_OHM_LEAST_V = 0.02
_MOVES_LEAST = 12.0
_HEAT_FLOOR_K, _LOG_KOHM_FLOOR, _REST_FLOOR_A, _REST_FLOOR_PER_H = 0.25, 0.12, 0.06, 2e-4
_PACK_GAIN, _SOC_STEP_FRAC = 0.15, 0.01
# Cells to either side that a blocked plate warms; share of the resistance that is nothing yet;
# what the difference of a mean with falling shares over seven cells and a plain mean over seven
# leaves of one cell's variance.
_REACH, _WARMTH_FLOOR, _WARMTH_LEFT = 3, 0.01, 0.31
# Cells beside those that they are held against, and how few will do; at an end of the pack there
# are none on one side, and what the other side says counts for less.
_FLANK, _FLANK_LEAST, _ONE_SIDE = 7, 3, 0.6


@njit(cache=True, nogil=True, error_model="numpy")
def _standing_out(values: Floats, variance: float, floor: float) -> Floats:
    centre, spread = middle_and_spread(values)
    return (values - centre) / math.sqrt(spread**2 + variance + floor**2)


@njit(cache=True, nogil=True, error_model="numpy")
def score_cells(memory: Memory, span_days: float, scores: Floats) -> None:
    """Carry base and mean drift along; write `scores` (n cell kinds, n_cells)."""
    slow, factors, base = memory.slow, memory.factors, memory.base
    n_cells = factors.shape[1]
    scores[:] = 0.0
    keep = math.exp(-span_days / _DRIFT_MEMORY_DAYS)
    usual = middle(factors[at.DRIFT])
    for j in range(n_cells):
        drift = factors[at.DRIFT, j] - usual
        memory.drift_mean[j] = keep * memory.drift_mean[j] + (1.0 - keep) * drift
    if slow[at.LEARNED] == 0.0:
        is_long = slow[at.CLOSED_AT] - slow[at.BEGAN_AT] >= LEARN_DAYS * DAY_US
        if is_long and slow[at.N_WINDOWS] >= N_WINDOWS_LEARN:
            slow[at.LEARNED] = 1.0
            base[:] = factors
            for f in range(at.N_FACTORS):
                memory.base_variance[f] = memory.covariance[f, f]
        return
    ohm_v = max(slow[at.OHM_V], _OHM_LEAST_V)
    # days that nobody recorded teach nothing
    gain = min(span_days, 1.0) / _FORGET_DAYS
    for kind, f in ((at.WEAK, at.LACK), (at.LOOSE, at.OHMIC), (at.SENSOR, at.OFFSET)):
        scale = ohm_v if f == at.OHMIC else 1.0
        variance, before = memory.covariance[f, f], memory.base_variance[f]
        grown = _standing_out(factors[f] - base[f], variance + before, _FLOOR[f] * scale)
        first = _standing_out(factors[f], variance, _FLOOR_FIRST[f] * scale)
        for j in range(n_cells):
            z = grown[j] if abs(grown[j]) > abs(first[j]) else first[j]
            scores[kind, j] = abs(z) if kind == at.SENSOR else z
    variance = memory.covariance[at.DRIFT, at.DRIFT]
    quick = _standing_out(factors[at.DRIFT], variance, _FLOOR[at.DRIFT])
    steady = _standing_out(memory.drift_mean, _DRIFT_LEFT * variance, _FLOOR_SLOW_DRIFT)
    for j in range(n_cells):
        scores[at.SHORT, j] = max(-quick[j], -steady[j])
    for f in range(at.N_FACTORS):
        for j in range(n_cells):
            base[f, j] += gain * (factors[f, j] - base[f, j])
        memory.base_variance[f] += gain * (memory.covariance[f, f] - memory.base_variance[f])


@njit(cache=True, nogil=True, error_model="numpy")
def score_readings(memory: Memory, scores: Floats) -> None:
    """Write how surely each reading is stuck or lost in this window, 0 to 10."""
    n_rows, moves = max(memory.head[at.N_ROWS], 1.0), memory.sums[at.MOVES]
    # where half of the readings stand still, the frame is stale and no sensor is stuck
    is_telling = moves >= _MOVES_LEAST and middle(memory.still) < 0.5 * moves
    for j in range(memory.lost.size):
        share = memory.lost[j] / n_rows
        if is_telling:
            share = max(share, memory.still[j] / moves)
        scores[at.STUCK, j] = 10.0 * min(share, 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _carry(series: int, count: int, level: float, memory: Memory) -> None:
    slow, now = memory.slow, memory.pack_now
    slow[count] += 1.0
    gain = max(1.0 / slow[count], _PACK_GAIN)
    away = level - now[series] if slow[count] > 1.0 else 0.0
    now[series] = level if slow[count] == 1.0 else now[series] + gain * away
    if slow[at.LEARNED] == 0.0 or slow[count] <= N_WINDOWS_LEARN:
        memory.pack_base[series] = now[series]
        variance = memory.pack_variance
        variance[series] += (away**2 - variance[series]) / slow[count]


@njit(cache=True, nogil=True, error_model="numpy")
def _fallen(series: int, memory: Memory, floor: float) -> float:
    variance = memory.pack_variance[series] * _PACK_GAIN / (2.0 - _PACK_GAIN)
    fallen = memory.pack_base[series] - memory.pack_now[series]
    return float(fallen / math.sqrt(variance + floor**2))


@njit(cache=True, nogil=True, error_model="numpy")
def _carry_heat(memory: Memory) -> int:
    rows, n = memory.sums[at.TEMPERATURE_ROWS], memory.heat.size
    if rows < 1.0 or n < 2:
        return -1
    slow, variance = memory.slow, memory.pack_variance
    slow[at.N_HEAT] += 1.0
    gain = max(1.0 / slow[at.N_HEAT], _PACK_GAIN)
    away = memory.heat / rows - memory.heat_now
    memory.heat_now[:] += gain * away
    if slow[at.LEARNED] == 0.0 or slow[at.N_HEAT] <= N_WINDOWS_LEARN:
        memory.heat_base[:] = memory.heat_now
        if slow[at.N_HEAT] > 1.0:
            seen = np.mean(away**2)
            variance[at.HEAT_K] += (seen - variance[at.HEAT_K]) / slow[at.N_HEAT]
    change = memory.heat_now - memory.heat_base
    hottest = int(np.argmax(change))
    memory.pack_now[at.HEAT_K] = change[hottest] - np.median(change)
    return hottest


@njit(cache=True, nogil=True, error_model="numpy")
def beyond_both_sides(j: int, gained: Floats, total: Floats) -> float:
    """Return by how much the cells around `j` have gained more than those on either side."""
    n = gained.size
    around, shares = 0.0, 0.0
    for k in range(max(j - _REACH, 0), min(j + _REACH + 1, n)):
        share = 1.0 - abs(k - j) / (_REACH + 1.0)
        around += share * gained[k]
        shares += share
    around /= shares
    least, n_sides = math.inf, 0
    for first, last in (
        (max(j - _REACH - _FLANK, 0), j - _REACH),
        (j + _REACH + 1, min(j + _REACH + 1 + _FLANK, n)),
    ):
        if last - first >= _FLANK_LEAST:
            least = min(least, around - (total[last] - total[first]) / (last - first))
            n_sides += 1
    return least if n_sides == 2 else _ONE_SIDE * least


@njit(cache=True, nogil=True, error_model="numpy")
def _score_warmth(memory: Memory) -> tuple[float, int]:
    """Return how surely neighbouring cells have lost resistance together, and around which cell.

    A cell that is warmer than its pack resists less, about 3 % a kelvin, and so do those beside
    it: a blocked cooling plate shows where no temperature sensor is near. A whole block of cells
    that is warmer, or a slope along the pack, comes with the seasons and is no fault: the cells
    must stand out from those on both sides.
    """
    now, base = memory.factors[at.OHMIC], memory.base[at.OHMIC]
    n = now.size
    if n < 2 * _REACH + 1 + _FLANK_LEAST:
        return 0.0, -1
    gained = base - now
    centre, spread = middle_and_spread(gained)
    bound = 5.0 * spread
    total = np.zeros(n + 1)
    for j in range(n):
        gained[j] = min(max(gained[j] - centre, -bound), bound)
        total[j + 1] = total[j] + gained[j]
    beyond = np.zeros(n)
    for j in range(n):
        beyond[j] = beyond_both_sides(j, gained, total)
    centre, spread = middle_and_spread(beyond)
    unsure = memory.covariance[at.OHMIC, at.OHMIC] + memory.base_variance[at.OHMIC]
    floor = _WARMTH_FLOOR * max(memory.slow[at.OHM_V], _OHM_LEAST_V)
    z = beyond / math.sqrt(spread**2 + _WARMTH_LEFT * unsure + floor**2)
    warmest = int(np.argmax(z))
    return z[warmest], warmest


@njit(cache=True, nogil=True, error_model="numpy")
def score_pack(memory: Memory, capacity_ah: float, scores: Floats) -> int:
    """Carry the pack's series along; write `scores` (n pack kinds); return what is warm.

    That is the number of the hottest sensor; -2 less a cell's number where cells' resistances
    tell more than the sensors; -1 for nothing.

    A series is learned while the cells are; from then on its running mean is held against that.
    """
    sums = memory.sums
    scores[:] = 0.0
    if sums[at.KOHM_N] >= 1.0:
        _carry(at.LOG_KOHM, at.N_KOHM, sums[at.LOG_KOHM_SUM] / sums[at.KOHM_N], memory)
    if sums[at.REST_N] >= 2.0:
        _carry(at.REST_A, at.N_REST, sums[at.REST_SUM] / sums[at.REST_N], memory)
    hottest = _carry_heat(memory)
    memory.pack_now[at.JUMP_FRAC] = sums[at.JUMP]
    scores[at.SOC_JUMP] = abs(sums[at.JUMP]) / _SOC_STEP_FRAC
    if memory.slow[at.LEARNED] == 0.0:
        return hottest
    scores[at.INSULATION] = _fallen(at.LOG_KOHM, memory, _LOG_KOHM_FLOOR)
    floor = max(_REST_FLOOR_A, _REST_FLOOR_PER_H * capacity_ah)
    scores[at.CURRENT_SENSOR] = abs(_fallen(at.REST_A, memory, floor))
    if hottest >= 0:
        variance = memory.pack_variance[at.HEAT_K] * _PACK_GAIN / (2.0 - _PACK_GAIN)
        scores[at.HOT] = memory.pack_now[at.HEAT_K] / math.sqrt(variance + _HEAT_FLOOR_K**2)
    warmth, warmest = _score_warmth(memory)
    if warmth > scores[at.HOT]:
        scores[at.HOT] = warmth
        return -2 - warmest
    return hottest
