"""Steps of the current, and how the voltage answers: the resistance of a moment."""

import numpy as np
from numba import njit

from batteryloop.telemetry.kernels.intervals import Floats, Ints, Records

STEP = np.dtype(
    [
        ("row_first", "i8"),  # the sample before the step
        ("row_last", "i8"),  # the sample after it
        ("change_a", "f8"),
        ("change_v", "f8"),
        ("step_s", "f8"),
    ]
)
SETTLED_FRAC = 0.1


@njit(cache=True, nogil=True)
def _row_after(time_us: Ints, current_a: Floats, k: int, step_us: int) -> int:
    """Return the row after the step between rows `k` - 1 and `k`: `k`, `k` + 1, or -1 for none.

    There is none if the current was not settled before; it is the next row if the sample at `k`
    fell into the ramp.
    """
    change = current_a[k] - current_a[k - 1]
    if k > 1 and abs(current_a[k - 1] - current_a[k - 2]) > SETTLED_FRAC * abs(change):
        return -1
    after = k
    if k + 1 < time_us.size:
        further = current_a[k + 1] - current_a[k]
        is_ramp = further * change > 0.0 and abs(further) > SETTLED_FRAC * abs(change)
        if is_ramp and time_us[k + 1] - time_us[k - 1] <= step_us:
            after = k + 1
    span = time_us[after] - time_us[k - 1]
    return after if 0 <= span <= step_us else -1


@njit(cache=True, nogil=True)
def steps_of(
    time_us: Ints, current_a: Floats, voltage_v: Floats, step_a: float, step_us: int
) -> Records:
    """Return the steps of the current to which the voltage answers in its sense.

    Parameters
    ----------
    time_us : array of int, shape (n,)
        Microseconds, not falling.
    current_a, voltage_v : array of float, shape (n,)
        Known in every row. Positive charges. [A], [V]
    step_a : float
        The least change. [A]
    step_us : int
        The longest time that it may take. [µs]

    Returns
    -------
    array of STEP
    """
    found = np.empty(current_a.size, STEP)
    count = 0
    last = current_a[0] if current_a.size else 0.0
    for k in range(1, current_a.size):
        now = current_a[k]
        is_step = abs(now - last) > step_a
        last = now
        if not is_step:
            continue
        after = _row_after(time_us, current_a, k, step_us)
        if after < 0:
            continue
        change_a = current_a[after] - current_a[k - 1]
        change_v = voltage_v[after] - voltage_v[k - 1]
        if not change_a * change_v > 0.0:
            continue
        step = found[count]
        step.row_first, step.row_last = k - 1, after
        step.change_a, step.change_v = change_a, change_v
        step.step_s = (time_us[after] - time_us[k - 1]) * 1e-6
        count += 1
    return found[:count].copy()
