"""Where each number of the running state is kept: the arrays of the kernels by place.

Everything a battery carries from row to row lies in these arrays, of a size that depends on its
numbers of cells and sensors alone. They are plain numbers, so that a state can be written down.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Said = NDArray[np.int8]

# Regressors of a cell's deviation from its pack's mean, in volt each:
# 1, current, current as the cell's inside still feels it, curve's slope, slope times charge.
N_REGRESSORS = 5
ONE, CURRENT, LAGGED, SLOPE, TILT = range(N_REGRESSORS)

# What the filter keeps of each cell: a factor a regressor, and the gap's drift a day.
N_FACTORS = 6
OFFSET, OHMIC, DIFFUSIVE, GAP, LACK, DRIFT = range(N_FACTORS)

# head: the row before, and the running estimates of the pack
N_HEAD = 13
(
    TIME_BEFORE,
    CURRENT_BEFORE,
    SOC_BEFORE,
    MEAN_BEFORE,
    CURRENT_LAGGED,
    SUM_DI_DI,
    SUM_DI_DV,
    WINDOW,
    N_ROWS,
    FAST_ROWS,
    FAST_BEGAN,
    FAST_LAST,
    HAS_ROW,
) = range(N_HEAD)

# sums of the window that are of the whole pack
N_SUMS = 10
(
    REST_SUM,
    REST_N,
    LOG_KOHM_SUM,
    KOHM_N,
    JUMP,
    BALANCING_ROWS,
    MOVES,
    FIRST_AT,
    LAST_AT,
    TEMPERATURE_ROWS,
) = range(N_SUMS)

# slow side: what is carried from window to window
N_SLOW = 15
(
    BEGAN_AT,
    N_WINDOWS,
    LEARNED,
    CLOSED_AT,
    N_MINUTES,
    N_RING,
    RING_AT,
    NOISE_V,
    N_HEAT,
    N_KOHM,
    N_REST,
    OHM_V,
    MINUTE_SPREAD_V,
    MINUTE_HIGHEST,
    MINUTE_SCATTER,
) = range(N_SLOW)

# series of the whole pack, and scores in the order of `types.KINDS`
N_PACK_SERIES = 4
LOG_KOHM, REST_A, JUMP_FRAC, HEAT_K = range(N_PACK_SERIES)
N_CELL_KINDS, N_PACK_KINDS = 5, 4
SHORT, WEAK, LOOSE, SENSOR, STUCK = range(N_CELL_KINDS)
HOT, INSULATION, CURRENT_SENSOR, SOC_JUMP = range(N_PACK_KINDS)


class Rows(NamedTuple):
    """Columns of a frame as arrays; a column that is absent has no rows."""

    time_us: Ints
    current_a: Floats
    soc_frac: Floats
    n_balancing: Floats
    insulation_kohm: Floats
    cells: Floats32
    temperatures: Floats32


class Kind(NamedTuple):
    """What is known of a battery beforehand: curve tables evenly spaced, capacity."""

    slope_v: Floats
    soc_frac: Floats
    v_low: float
    v_high: float
    typical_slope_v: float
    capacity_ah: float


class Memory(NamedTuple):
    """What is carried from row to row; changed in place by the kernels."""

    head: Floats
    gram: Floats
    moments: Floats32
    squares: Floats32
    fast_x: Floats
    fast: Floats32
    sums: Floats
    lost: Floats
    still: Floats
    heat: Floats
    before: Floats32
    slow: Floats
    factors: Floats
    expected: Floats32
    covariance: Floats
    base: Floats
    base_variance: Floats
    drift_mean: Floats
    usual: Floats
    minute_streak: Floats
    minute_gap: Floats
    minute_scores: Floats
    heat_base: Floats
    heat_now: Floats
    pack_base: Floats
    pack_now: Floats
    pack_variance: Floats
    ring: Floats32
    ring_pack: Floats32
    ring_at: Ints
    score_before: Floats
    latched: Said
    high_day: Floats32


class Judged(NamedTuple):
    """Thresholds in, and what a window gave out: written in place.

    `lasting` (n cell kinds, n_cells) and `of_pack` (n pack kinds) are scores; `closed_us` and
    `hottest` have one element each.
    """

    limits: Floats
    pack_limits: Floats
    minute_limit: float
    lasting: Floats
    of_pack: Floats
    closed_us: Ints
    hottest: Ints
