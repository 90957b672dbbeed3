"""What the unit says of the whole pack: its state of charge, insulation, temperatures, rests."""

import math

from numba import njit

from batteryloop.health.warning.kernels import layout as at

_RESTING_PER_H = 0.03
_ASLEEP_S = 120.0
_JUMP_S = 300.0


@njit(cache=True, nogil=True, error_model="numpy")
def note_unit(
    row: int, rows: at.Rows, rate_per_h: float, dt_s: float, told_soc_frac: float, memory: at.Memory
) -> None:
    """Add a row to the sums of the pack's own signals; the rate is current over capacity."""
    head, sums = memory.head, memory.sums
    if math.isfinite(told_soc_frac):
        _note_jump(rate_per_h, dt_s, told_soc_frac, memory)
    is_resting = abs(rate_per_h) < _RESTING_PER_H and abs(head[at.CURRENT_BEFORE]) < _RESTING_PER_H
    if is_resting and dt_s >= _ASLEEP_S and head[at.HAS_ROW]:
        sums[at.REST_SUM] += rows.current_a[row]
        sums[at.REST_N] += 1.0
    if rows.insulation_kohm.size > row:
        kohm = rows.insulation_kohm[row]
        if kohm > 0.0 and math.isfinite(kohm):
            sums[at.LOG_KOHM_SUM] += math.log(kohm)
            sums[at.KOHM_N] += 1.0
    if rows.n_balancing.size > row and rows.n_balancing[row] > 0.0:
        sums[at.BALANCING_ROWS] += 1.0
    if rows.temperatures.shape[0] > row:
        _note_heat(row, rows, memory)


@njit(cache=True, nogil=True, error_model="numpy")
def _note_jump(rate_per_h: float, dt_s: float, told_soc_frac: float, memory: at.Memory) -> None:
    """Keep the window's largest step of the told charge that the current does not explain."""
    head, sums = memory.head, memory.sums
    if head[at.HAS_ROW] and math.isfinite(head[at.SOC_BEFORE]) and dt_s <= _JUMP_S:
        counted = 0.5 * (rate_per_h + head[at.CURRENT_BEFORE]) * dt_s / 3600.0
        # the current between two rows may have been as high as the higher of both
        open_to = 0.5 * abs(rate_per_h - head[at.CURRENT_BEFORE]) * dt_s / 3600.0
        jump = told_soc_frac - head[at.SOC_BEFORE] - counted
        left = max(abs(jump) - open_to, 0.0)
        if left > abs(sums[at.JUMP]):
            sums[at.JUMP] = math.copysign(left, jump)
    head[at.SOC_BEFORE] = told_soc_frac


@njit(cache=True, nogil=True, error_model="numpy")
def _note_heat(row: int, rows: at.Rows, memory: at.Memory) -> None:
    """Add each sensor's difference from their mean, where all of them tell."""
    n = rows.temperatures.shape[1]
    total = 0.0
    for k in range(n):
        total += rows.temperatures[row, k]
    if n == 0 or not math.isfinite(total):
        return
    memory.sums[at.TEMPERATURE_ROWS] += 1.0
    for k in range(n):
        memory.heat[k] += rows.temperatures[row, k] - total / n
