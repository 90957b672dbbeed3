"""What the unit says of the whole pack: its state of charge, insulation, temperatures, rests."""

import math

from numba import njit

from batteryloop.health.warning.kernels import layout as at
from batteryloop.health.warning.kernels.layout import Floats, Floats32

_RESTING_PER_H = 0.03
_ASLEEP_S = 120.0
_JUMP_S = 300.0


@njit(inline="always")
def note_unit(
    row: int,
    rate_per_h: float,
    dt_s: float,
    told_soc_frac: float,
    current_a: float,
    n_balancing: Floats,
    insulation_kohm: Floats,
    head: Floats,
    sums: Floats,
) -> None:
    """Add a row to the sums of the pack's own signals; the rate is current over capacity."""
    if math.isfinite(told_soc_frac):
        _note_jump(rate_per_h, dt_s, told_soc_frac, head, sums)
    is_resting = abs(rate_per_h) < _RESTING_PER_H and abs(head[at.CURRENT_BEFORE]) < _RESTING_PER_H
    if is_resting and dt_s >= _ASLEEP_S and head[at.HAS_ROW]:
        sums[at.REST_SUM] += current_a
        sums[at.REST_N] += 1.0
    if insulation_kohm.size > row:
        kohm = insulation_kohm[row]
        if kohm > 0.0 and math.isfinite(kohm):
            sums[at.LOG_KOHM_SUM] += math.log(kohm)
            sums[at.KOHM_N] += 1.0
    if n_balancing.size > row and n_balancing[row] > 0.0:
        sums[at.BALANCING_ROWS] += 1.0


@njit(inline="always")
def _note_jump(rate: float, dt_s: float, told_soc: float, head: Floats, sums: Floats) -> None:
    """Keep the window's largest step of the told charge that the current does not explain."""
    if head[at.HAS_ROW] and math.isfinite(head[at.SOC_BEFORE]) and dt_s <= _JUMP_S:
        counted = 0.5 * (rate + head[at.CURRENT_BEFORE]) * dt_s / 3600.0
        # the current between two rows may have been as high as the higher of both
        open_to = 0.5 * abs(rate - head[at.CURRENT_BEFORE]) * dt_s / 3600.0
        jump = told_soc - head[at.SOC_BEFORE] - counted
        left = max(abs(jump) - open_to, 0.0)
        if left > abs(sums[at.JUMP]):
            sums[at.JUMP] = math.copysign(left, jump)
    head[at.SOC_BEFORE] = told_soc


@njit(inline="always")
def note_heat(row: int, temperatures: Floats32, sums: Floats, heat: Floats) -> None:
    """Add each sensor's difference from their mean, where all of them tell."""
    n = temperatures.shape[1]
    total = 0.0
    for k in range(n):
        total += temperatures[row, k]
    if n > 0 and math.isfinite(total):
        sums[at.TEMPERATURE_ROWS] += 1.0
        for k in range(n):
            heat[k] += temperatures[row, k] - total / n
