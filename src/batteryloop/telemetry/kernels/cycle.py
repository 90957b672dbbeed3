"""The sums of each cycle, in one pass over a battery's samples."""

import math

import numpy as np
from numba import njit

from batteryloop.telemetry.kernels.counter import N_STATE, added
from batteryloop.telemetry.kernels.runs import Floats, Ints, Records

CYCLE = np.dtype(
    [
        ("cycle_count", "i8"),
        ("row_first", "i8"),
        ("row_last", "i8"),
        ("n_rows", "i8"),
        ("n_gaps", "i8"),
        ("charge_as", "f8"),
        ("discharge_as", "f8"),
        ("charge_j", "f8"),
        ("discharge_j", "f8"),
        ("charge_s", "f8"),
        ("discharge_s", "f8"),
        ("counted_charge_ah", "f8"),
        ("counted_discharge_ah", "f8"),
        ("counted_charge_wh", "f8"),
        ("counted_discharge_wh", "f8"),
        ("voltage_end_of_charge_v", "f8"),
        ("voltage_end_of_discharge_v", "f8"),
        ("temperature_sum", "f8"),
        ("temperature_span", "f8"),
        ("temperature_max_degc", "f8"),
        ("n_steps", "i8"),
        ("resistance_ohm", "f8"),
        ("resistance_step_s", "f8"),
    ]
)


@njit(cache=True, nogil=True)
def _step_resistance(
    time_us: Ints, current_a: Floats, voltage_v: Floats, k: int, step_a: float, step_us: int
) -> tuple[float, float]:
    """Return the resistance of the current step that ends at row `k` or `k + 1`, and its length.

    NaN where there is no step, or it is too slow, or voltage moves against current. [ohm], [s]
    """
    i_before, v_before, t_before = current_a[k - 1], voltage_v[k - 1], time_us[k - 1]
    change = current_a[k] - i_before
    if not abs(change) > step_a:
        return math.nan, math.nan
    if k > 1 and abs(i_before - current_a[k - 2]) > 0.1 * abs(change):
        return math.nan, math.nan  # nothing settled to step from
    after = k
    n = time_us.size
    if k + 1 < n and time_us[k + 1] - t_before <= step_us:
        further = current_a[k + 1] - current_a[k]
        if further * change > 0.0 and abs(further) > 0.1 * abs(change):
            after = k + 1  # the sample at k fell into the ramp
    step = time_us[after] - t_before
    if step > step_us or step < 0:
        return math.nan, math.nan
    ohm = (voltage_v[after] - v_before) / (current_a[after] - i_before)
    if not 0.0 < ohm < 1e3:
        return math.nan, math.nan
    return ohm, step * 1e-6


@njit(cache=True, nogil=True)
def cycles_of(  # noqa: C901, PLR0915 - one pass: a call a row would cost more than the sums
    time_us: Ints,
    current_a: Floats,
    voltage_v: Floats,
    numbers: Ints,
    step_index: Floats,
    counters: tuple[Floats, Floats, Floats, Floats],
    temperature_degc: Floats,
    temperature_max_degc: Floats,
    rest_a: float,
    step_a: float,
    step_us: int,
    gap_us: int,
) -> Records:
    """Return the cycles of one battery, an array of `CYCLE`.

    Parameters
    ----------
    time_us : array of int, shape (n,)
        Microseconds, not falling.
    current_a, voltage_v : array of float, shape (n,)
        Positive charges. [A], [V]
    numbers : array of int, shape (n,)
        Each sample's cycle, as `numbered` or `counted` gives it.
    step_index : array of float, shape (n,) or (0,)
        Where it changes, the interval belongs to the new step, at its current: testers record a
        step's last moment, then change the current. While it stays, no interval is a gap.
    counters : four arrays of float, shape (n,) or (0,)
        Charge in, charge out [Ah], energy in, energy out [Wh].
    temperature_degc, temperature_max_degc : array of float, shape (n,) or (0,)
        [°C]
    rest_a, step_a : float
        Below the one it rests, changes above the other are steps. [A]
    step_us, gap_us : int
        Longest step, and longest interval over which anything is known. [µs]
    """
    n = time_us.size
    out = np.empty(64, CYCLE)
    m = 0
    counting, discharging, charging_wh, discharging_wh = counters
    has_steps = step_index.size > 0
    states = np.zeros((4, N_STATE))
    ohms = np.empty(64)
    spans = np.empty(64)
    n_ohms = 0
    row_first = row_last = -1
    n_rows = n_gaps = 0
    number = 0
    q_in = q_out = e_in = e_out = s_in = s_out = 0.0
    c_in = c_out = w_in = w_out = 0.0
    v_in = v_out = deg_max = math.nan
    deg_sum = deg_span = deg_plain = 0.0
    n_deg = 0
    t_last = 0
    i_last = p_last = 0.0
    v_held = deg_held = math.nan
    step_last = math.nan
    for k in range(n + 1):
        is_gap = False
        before = after = 0.0
        i_new = v_new = p_new = 0.0
        deg_new = math.nan
        is_new = k == n
        if k < n:
            i_new = current_a[k]
            if i_new != i_new:
                continue
            is_new = row_last >= 0 and numbers[k] != number
            step = time_us[k] - t_last
            if row_last >= 0 and step > 0:
                is_gap = step > gap_us and not (has_steps and step_index[k] == step_last)
                if has_steps and step_index[k] != step_last:
                    after = step * 1e-6
                else:
                    before = after = step * 5e-7
                if is_gap:
                    before = after = 0.0
            v_new = voltage_v[k]
            if v_new != v_new:
                v_new = v_held
            p_new = i_new * v_new if v_new == v_new else 0.0
            if temperature_degc.size > 0:
                deg_new = temperature_degc[k]
                if deg_new != deg_new:
                    deg_new = deg_held
        if before > 0.0:
            if i_last > 0.0:
                q_in += i_last * before
                e_in += p_last * before
            else:
                q_out -= i_last * before
                e_out -= p_last * before
            if i_last > rest_a:
                s_in += before
            elif i_last < -rest_a:
                s_out += before
            if deg_held == deg_held:
                deg_sum += deg_held * before
                deg_span += before
        if is_new and row_first >= 0:
            if m == out.size:
                larger = np.empty(2 * m, CYCLE)
                larger[:m] = out
                out = larger
            c = out[m]
            c.cycle_count = number
            c.row_first = row_first
            c.row_last = row_last
            c.n_rows = n_rows
            c.n_gaps = n_gaps
            c.charge_as, c.discharge_as = q_in, q_out
            c.charge_j, c.discharge_j = e_in, e_out
            c.charge_s, c.discharge_s = s_in, s_out
            c.counted_charge_ah, c.counted_discharge_ah = c_in, c_out
            c.counted_charge_wh, c.counted_discharge_wh = w_in, w_out
            c.voltage_end_of_charge_v = v_in
            c.voltage_end_of_discharge_v = v_out
            c.temperature_sum = deg_sum if deg_span > 0.0 else deg_plain
            c.temperature_span = deg_span if deg_span > 0.0 else n_deg
            c.temperature_max_degc = deg_max
            c.n_steps = n_ohms
            c.resistance_ohm = np.median(ohms[:n_ohms]) if n_ohms else math.nan
            c.resistance_step_s = np.median(spans[:n_ohms]) if n_ohms else math.nan
            m += 1
            row_first = -1
        if k == n:
            break
        if row_first < 0:
            row_first = k
            n_rows = n_gaps = n_ohms = n_deg = 0
            q_in = q_out = e_in = e_out = s_in = s_out = 0.0
            c_in = c_out = w_in = w_out = 0.0
            v_in = v_out = deg_max = math.nan
            deg_sum = deg_span = deg_plain = 0.0
            number = numbers[k]
        if is_gap:
            n_gaps += 1
        if i_new > 0.0:
            q_in += i_new * after
            e_in += p_new * after
        else:
            q_out -= i_new * after
            e_out -= p_new * after
        if i_new > rest_a:
            s_in += after
            v_in = v_new
        elif i_new < -rest_a:
            s_out += after
            v_out = v_new
        if deg_new == deg_new:
            deg_sum += deg_new * after
            deg_span += after
            deg_plain += deg_new
            n_deg += 1
        if temperature_max_degc.size > 0:
            highest = temperature_max_degc[k]
            if highest == highest and not highest <= deg_max:
                deg_max = highest
        if counting.size > 0:
            c_in += added(counting, k, False, states[0])
        if discharging.size > 0:
            c_out += added(discharging, k, False, states[1])
        if charging_wh.size > 0:
            w_in += added(charging_wh, k, False, states[2])
        if discharging_wh.size > 0:
            w_out += added(discharging_wh, k, False, states[3])
        if row_last >= 0 and not is_gap and abs(i_new - i_last) > step_a:
            ohm, span = _step_resistance(time_us, current_a, voltage_v, k, step_a, step_us)
            if ohm == ohm:
                if n_ohms == ohms.size:
                    ohms = np.append(ohms, np.empty(n_ohms))
                    spans = np.append(spans, np.empty(n_ohms))
                ohms[n_ohms] = ohm
                spans[n_ohms] = span
                n_ohms += 1
        n_rows += 1
        row_last = k
        t_last = time_us[k]
        i_last = i_new
        p_last = p_new
        v_held = v_new
        deg_held = deg_new
        if has_steps:
            step_last = step_index[k]
    return out[:m].copy()
