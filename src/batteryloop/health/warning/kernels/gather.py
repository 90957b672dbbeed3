"""One pass over rows and cells: what each window of time says of each cell against its pack."""

import math

import numpy as np
from numba import njit

from batteryloop.health.warning.kernels import layout as at
from batteryloop.health.warning.kernels.layout import Floats, Floats32, Ints32
from batteryloop.health.warning.kernels.unit import note_heat, note_unit

WINDOW_US = 4 * 3600 * 1_000_000
FAST_US = 60 * 1_000_000
FAST_ROWS_LEAST = 8
PAUSE_US = 900 * 1_000_000
_LAG_S = 300.0
_STEP_S = 60.0
_STEEP_V = 0.3
# Where the slope changes by this much over the whole charge, a row counts half: the charge is
# known to 2 %, cells lie 1 % apart, and the product of the three is then a noise of 2 mV.
_BEND_V = 10.0
_BEND_STEP = 0.02
# Steeper than this, near empty and full, rows are left out.
_TOO_STEEP_FLAT_V, _TOO_STEEP_V, _FLAT_V = 1.0, 2.0, 0.3
# The ends themselves, where a cell may lie past what its curve says.
_EMPTY_FRAC, _FULL_FRAC, _NEARLY_FULL_FRAC = 0.03, 0.985, 0.9
# One row moves a cell's factors by no more than a surprise of this size.
_CLIP_V = 0.03
_CELL_LOW_V, _CELL_HIGH_V = 0.5, 5.5
_MOVE_V = 0.008


@njit(cache=True, nogil=True, error_model="numpy")
def _interpolated(table: Floats, place: float) -> float:
    """Return the table's value at `place` of 0 to 1; the ends beyond them."""
    x = min(max(place, 0.0), 1.0) * (table.size - 1)
    k = min(int(x), table.size - 2)
    return float(table[k] + (x - k) * (table[k + 1] - table[k]))


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def _row_mean(
    cells: Floats32, bits: Ints32, ends: Floats32, end_bits: Ints32
) -> tuple[float, float, float]:
    """Return the mean without the highest and the lowest, the lowest and the highest.

    `bits` and `end_bits` are views of `cells` and `ends` (2,) as integers: positive numbers are in
    the same order so, and the lowest of integers is found several at once. A negative reading comes
    out as the lowest, one that is not a number as the highest.
    """
    total = np.float32(0.0)
    first = cells[0]
    lowest = highest = bits[0]
    for j in range(cells.size):
        total += cells[j] - first
        lowest = min(lowest, bits[j])
        highest = max(highest, bits[j])
    end_bits[0], end_bits[1] = lowest, highest
    low, high = ends[0], ends[1]
    n = cells.size
    if n < 3:
        return float(first + total / n), float(low), float(high)
    inner = total - (low - first) - (high - first)
    return float(first + inner / (n - 2)), float(low), float(high)


@njit(cache=True, nogil=True, error_model="numpy")
def _repaired(cells: Floats32, lost: Floats, mean_before: float) -> tuple[float, int]:
    """Put the pack's mean in place of readings that cannot be; return it and how many were lost."""
    total, n = 0.0, 0
    for value in cells:
        if _CELL_LOW_V < value < _CELL_HIGH_V:
            total += value
            n += 1
    mean = total / n if n else mean_before
    for j in range(cells.size):
        if not (_CELL_LOW_V < cells[j] < _CELL_HIGH_V):
            cells[j] = mean
            lost[j] += 1.0
    return mean, cells.size - n


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def _add(
    cells: Floats32, mean: np.float32, weight: np.float32, x: Floats32, expected: Floats32,
    moments: Floats32, squares: Floats32, fast: Floats32,
) -> None:  # fmt: skip
    """Add a row to the sums of each cell: what surprises in it, up to a bound."""
    x1, x2, x3, x4 = x[1], x[2], x[3], x[4]
    clip = np.float32(_CLIP_V)
    for j in range(cells.size):
        d = cells[j] - mean - expected[0, j] - x1 * expected[1, j] - x2 * expected[2, j]
        d -= x3 * expected[3, j] + x4 * expected[4, j]
        d = min(max(d, -clip), clip)
        w = weight * d
        moments[0, j] += w
        moments[1, j] += w * x1
        moments[2, j] += w * x2
        moments[3, j] += w * x3
        moments[4, j] += w * x4
        squares[j] += w * d
        fast[j] += w


@njit(cache=True, nogil=True, error_model="numpy")
def _is_over(now: int, head: Floats) -> int:
    """Return what ends before a row at `now`: 1 the window, 2 the minute, 3 both, 0 nothing."""
    why = 1 if head[at.N_ROWS] > 0 and float(now // WINDOW_US) != head[at.WINDOW] else 0
    if head[at.FAST_ROWS] > 0 and (
        why
        or now - head[at.FAST_LAST] > PAUSE_US
        or (now - head[at.FAST_BEGAN] >= FAST_US and head[at.FAST_ROWS] >= FAST_ROWS_LEAST)
    ):
        why += 2
    return why


@njit(cache=True, nogil=True, error_model="numpy")
def _ohm(dt_s: float, rate: float, mean: float, head: Floats) -> float:
    """Carry the current's memory and the pack's resistance along; return it. [V per C-rate]."""
    if dt_s <= _STEP_S:
        di = rate - head[at.CURRENT_BEFORE]
        if abs(di) > 0.05:
            head[at.SUM_DI_DI] = head[at.SUM_DI_DI] * 0.999 + di * di
            head[at.SUM_DI_DV] = head[at.SUM_DI_DV] * 0.999 + di * (mean - head[at.MEAN_BEFORE])
    keep = math.exp(-dt_s / _LAG_S)
    head[at.CURRENT_LAGGED] = keep * head[at.CURRENT_LAGGED] + (1.0 - keep) * rate
    if head[at.SUM_DI_DI] <= 0.1:
        return 0.0
    return float(max(head[at.SUM_DI_DV] / head[at.SUM_DI_DI], 0.0))


@njit(inline="always")
def _place(
    open_v: float, told_soc: float, slope_v: Floats, soc_frac: Floats, v_low: float,
    v_high: float, too_steep: float,
) -> tuple[float, float, float]:  # fmt: skip
    """Return charge, slope there, and how much a row counts: 0 near the ends, less in bends.

    The charge is read off the voltage where that tells; where the curve is flat, the unit's own
    count is taken.
    """
    soc = _interpolated(soc_frac, (open_v - v_low) / (v_high - v_low))
    slope = _interpolated(slope_v, soc)
    counts = slope <= too_steep and _EMPTY_FRAC < soc < _FULL_FRAC
    # what the unit calls full is full, unless the voltage says that it cannot be
    counts = counts and not (told_soc > _FULL_FRAC and soc > _NEARLY_FULL_FRAC)
    if slope < _STEEP_V and math.isfinite(told_soc):
        soc = told_soc
        slope = min(_interpolated(slope_v, soc), _STEEP_V)
        counts = counts and soc < _FULL_FRAC
    if not counts:
        return soc, slope, 0.0
    above = _interpolated(slope_v, soc + _BEND_STEP)
    bend = (above - _interpolated(slope_v, soc - _BEND_STEP)) / (2.0 * _BEND_STEP)
    return soc, slope, 1.0 / (1.0 + (bend / _BEND_V) ** 2)


@njit(inline="always")
def _sum_up(x: Floats32, weight: float, fast_x: Floats, gram: Floats) -> None:
    """Add a row's regressors to the sums of the minute and of the window."""
    for a in range(at.N_REGRESSORS):
        fast_x[a] += weight * x[a]
        for b in range(at.N_REGRESSORS):
            gram[a, b] += weight * x[a] * x[b]


@njit(inline="always")
def _count_still(
    values: Floats32, mean: float, head: Floats, sums: Floats, still: Floats, before: Floats32
) -> None:
    """Count the readings that stand still while their pack moves."""
    if head[at.HAS_ROW] and abs(mean - head[at.MEAN_BEFORE]) > _MOVE_V:
        sums[at.MOVES] += 1.0
        for j in range(values.size):
            if values[j] == before[j]:
                still[j] += 1.0
    before[:] = values


@njit(inline="always")
def _note_row(now: int, rate: float, mean: float, head: Floats, sums: Floats) -> None:
    """Keep what the next row needs of this one."""
    if head[at.N_ROWS] == 0:
        sums[at.FIRST_AT] = now
    sums[at.LAST_AT] = now
    if head[at.FAST_ROWS] == 0:
        head[at.FAST_BEGAN] = now
    head[at.N_ROWS] += 1.0
    head[at.FAST_ROWS] += 1.0
    head[at.FAST_LAST] = now
    head[at.TIME_BEFORE] = now
    head[at.CURRENT_BEFORE] = rate
    head[at.MEAN_BEFORE] = mean
    head[at.HAS_ROW] = 1.0
    head[at.WINDOW] = float(now // WINDOW_US)


@njit(cache=True, nogil=True, error_model="numpy")
def gather(row: int, rows: at.Rows, kind: at.Kind, memory: at.Memory) -> tuple[int, int]:
    """Go on from `row` until a window is full or the rows end; return the row and why it stopped.

    The second number is 0 at the end of the rows, 1 where the window of `WINDOW_US` is over
    (before that row is counted), 2 where a minute is over, 3 where both are.
    """
    # taken out of their tuples once: at every row it would cost more than the sums themselves
    time_us, current_a, soc_frac, n_balancing, insulation_kohm, cells, temperatures = rows
    slope_v, soc_table, v_low, v_high, typical_slope_v, capacity_ah = kind
    head, gram, moments, squares = memory.head, memory.gram, memory.moments, memory.squares
    fast_x, fast, sums, lost = memory.fast_x, memory.fast, memory.sums, memory.lost
    still, heat, before, expected = memory.still, memory.heat, memory.before, memory.expected
    too_steep = _TOO_STEEP_FLAT_V if typical_slope_v < _FLAT_V else _TOO_STEEP_V
    n, n_cells = cells.shape
    x = np.empty(at.N_REGRESSORS, np.float32)
    values, ends = np.empty(n_cells, np.float32), np.empty(2, np.float32)
    bits, end_bits = values.view(np.int32), ends.view(np.int32)
    has_soc = soc_frac.size == n
    while row < n:
        now, current = time_us[row], current_a[row]
        if not math.isfinite(current):
            row += 1
            continue
        why = _is_over(now, head)
        if why:
            return row, why
        values[:] = cells[row]
        mean, low, high = _row_mean(values, bits, ends, end_bits)
        if not (low > _CELL_LOW_V and high < _CELL_HIGH_V and math.isfinite(mean)):
            mean, n_lost = _repaired(values, lost, head[at.MEAN_BEFORE])
            if 2 * n_lost > n_cells:
                row += 1
                continue
        dt_s = (now - head[at.TIME_BEFORE]) * 1e-6 if head[at.HAS_ROW] else 1e9
        rate = current / capacity_ah
        ohm = _ohm(dt_s, rate, mean, head)
        told_soc = soc_frac[row] if has_soc else math.nan
        open_v = mean - ohm * (rate + 0.5 * head[at.CURRENT_LAGGED])
        soc, slope, weight = _place(open_v, told_soc, slope_v, soc_table, v_low, v_high, too_steep)
        x[at.ONE] = 1.0
        x[at.CURRENT] = rate
        x[at.LAGGED] = head[at.CURRENT_LAGGED]
        x[at.SLOPE] = slope
        x[at.TILT] = slope * (soc - 0.5)
        if weight > 0.0:
            _add(values, np.float32(mean), np.float32(weight), x, expected, moments, squares, fast)
            _sum_up(x, weight, fast_x, gram)
        _count_still(values, mean, head, sums, still, before)
        note_unit(row, rate, dt_s, told_soc, current, n_balancing, insulation_kohm, head, sums)
        if temperatures.shape[0] == n:
            note_heat(row, temperatures, sums, heat)
        _note_row(now, rate, mean, head, sums)
        row += 1
    return row, 0
