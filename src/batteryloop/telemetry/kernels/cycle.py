"""The sums of each cycle of a battery."""

import math

import numpy as np
from numba import njit

from batteryloop.telemetry.kernels.counter import N_STATE, gained
from batteryloop.telemetry.kernels.intervals import (
    Floats,
    Ints,
    Records,
    degrees,
    is_gap,
    shares,
)

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
        ("temperature_sum", "f8"),  # degree seconds; plain degrees where no time passes
        ("temperature_span", "f8"),  # seconds, or rows
        ("temperature_max_degc", "f8"),
    ]
)


@njit(cache=True, nogil=True)
def _n_cycles(numbers: Ints) -> int:
    count = 1 if numbers.size else 0
    for k in range(1, numbers.size):
        count += numbers[k] != numbers[k - 1]
    return count


@njit(cache=True, nogil=True)
def _end_of_cycle(numbers: Ints, row: int) -> int:
    """Return the first row after `row` of another cycle."""
    number = numbers[row]
    for k in range(row + 1, numbers.size):
        if numbers[k] != number:
            return k
    return numbers.size


@njit(cache=True, nogil=True)
def _flows(  # noqa: C901 - one pass over the samples
    time_us: Ints,
    current_a: Floats,
    voltage_v: Floats,
    step_index: Floats,
    first: int,
    end: int,
    rest_a: float,
    end_v: float,
    gap_us: int,
) -> tuple[float, float, float, float, float, float, int]:
    """Return charge, energy and time in and out, `q_in, q_out, e_in, e_out, s_in, s_out`, and gaps.

    Row k has a share of the interval before it and one of the interval after it. A discharge that
    falls below `end_v` counts up to that row, and no more until a charge.
    """
    is_over = False
    q_in = q_out = e_in = e_out = s_in = s_out = 0.0
    gaps = 0
    seconds = 0.0
    if first > 0:
        _, seconds = shares(time_us, step_index, first, gap_us)
        gaps = 1 if is_gap(time_us, step_index, first, gap_us) else 0
    for k in range(first, end):
        own = share = 0.0
        if k + 1 < time_us.size:
            own, share = shares(time_us, step_index, k + 1, gap_us)
            seconds += own
            if k + 1 < end and share == 0.0 and is_gap(time_us, step_index, k + 1, gap_us):
                gaps += 1
        if current_a[k] > rest_a:
            is_over = False
        elif is_over:
            seconds = share
            continue
        elif voltage_v[k] < end_v and current_a[k] < -rest_a:
            is_over = True
            seconds -= own
        charge = current_a[k] * seconds
        energy = charge * voltage_v[k]
        if charge > 0.0:
            q_in += charge
            e_in += energy
        else:
            q_out -= charge
            e_out -= energy
        if current_a[k] > rest_a:
            s_in += seconds
        elif current_a[k] < -rest_a:
            s_out += seconds
        seconds = share
    return q_in, q_out, e_in, e_out, s_in, s_out, gaps


@njit(cache=True, nogil=True)
def _last_voltage(
    current_a: Floats, voltage_v: Floats, first: int, end: int, sign: float, rest_a: float
) -> float:
    """Return the voltage at the last row in which current flows in the sense of `sign`."""
    for k in range(end - 1, first - 1, -1):
        if sign * current_a[k] > rest_a:
            return float(voltage_v[k])
    return math.nan


@njit(cache=True, nogil=True)
def _highest(values: Floats, first: int, end: int) -> float:
    """Return the highest of the rows, NaN if none is known."""
    highest = math.nan
    for k in range(first, min(end, values.size)):
        if values[k] > highest or highest != highest:
            highest = values[k]
    return highest


@njit(cache=True, nogil=True)
def cycles_of(
    time_us: Ints,
    current_a: Floats,
    voltage_v: Floats,
    numbers: Ints,
    step_index: Floats,
    counters: tuple[Floats, Floats, Floats, Floats],
    temperature_degc: Floats,
    temperature_max_degc: Floats,
    rest_a: float,
    end_v: float,
    gap_us: int,
) -> Records:
    """Return the cycles of one battery, an array of `CYCLE`.

    Parameters
    ----------
    time_us : array of int, shape (n,)
        Microseconds, not falling.
    current_a, voltage_v : array of float, shape (n,)
        Known in every row. Positive charges. [A], [V]
    numbers : array of int, shape (n,)
        Each sample's cycle, as `numbered` or `counted` gives it.
    step_index : array of float, shape (n,) or (0,)
        The tester's step, empty where unknown.
    counters : four arrays of float, shape (n,) or (0,)
        Charge in, charge out [Ah], energy in, energy out [Wh].
    temperature_degc, temperature_max_degc : array of float, shape (n,) or (0,)
        [°C]
    rest_a : float
        Below this it rests. [A]
    end_v : float
        The voltage down to which a discharge counts, minus infinity for all of it. [V]
    gap_us : int
        Above this nothing is known between two samples. [µs]
    """
    first = 0
    out = np.empty(_n_cycles(numbers), CYCLE)
    charging, discharging, charging_wh, discharging_wh = counters
    states = np.zeros((4, N_STATE))
    for j in range(out.size):
        end = _end_of_cycle(numbers, first)
        c = out[j]
        c.cycle_count = numbers[first]
        c.row_first, c.row_last, c.n_rows = first, end - 1, end - first
        q_in, q_out, e_in, e_out, s_in, s_out, gaps = _flows(
            time_us, current_a, voltage_v, step_index, first, end, rest_a, end_v, gap_us
        )
        c.charge_as, c.discharge_as = q_in, q_out
        c.charge_j, c.discharge_j = e_in, e_out
        c.charge_s, c.discharge_s = s_in, s_out
        c.n_gaps = gaps
        c.counted_charge_ah = gained(charging, first, end, states[0])
        c.counted_discharge_ah = gained(discharging, first, end, states[1])
        c.counted_charge_wh = gained(charging_wh, first, end, states[2])
        c.counted_discharge_wh = gained(discharging_wh, first, end, states[3])
        c.voltage_end_of_charge_v = _last_voltage(current_a, voltage_v, first, end, 1.0, rest_a)
        c.voltage_end_of_discharge_v = _last_voltage(current_a, voltage_v, first, end, -1.0, rest_a)
        total, span = degrees(time_us[first:end], temperature_degc[first:end])
        c.temperature_sum, c.temperature_span = total, span
        c.temperature_max_degc = _highest(temperature_max_degc, first, end)
        first = end
    return out
