"""A string of cells through time: one equivalent circuit a cell, one current through all.

The terminal voltage of a cell, charging current positive, is

    v = ocv(soc) + hysteresis + v1 + v2 + i r0 + i r_contact

with two resistor-capacitor pairs v1 and v2, a leak across the terminals (an internal short),
self-discharge, a balancing shunt, and one lumped temperature. Resistances follow temperature
and state of charge. `docs/methods/simulated-ageing.md` has the equations.

Imported only by the function that runs it: importing numba takes half a second.
"""

import numpy as np
from numba import njit

from batteryloop.simulation.layout import (
    BEYOND_V_PER_FRAC,
    BLED_AS,
    CAPACITY_AS,
    CHARGE,
    CONTACT_OHM,
    COOLING,
    CURRENT,
    FAST_CHARGE,
    HEAT_J,
    HEAT_J_PER_K,
    HYSTERESIS,
    IS_CHARGED,
    LEAK_S,
    LEAKED_AS,
    OUT_BALANCING,
    OUT_CURRENT,
    OUT_SOC,
    POWER,
    R0_OHM,
    R1_OHM,
    R2_OHM,
    REST,
    SELF_A,
    SELF_AS,
    SOC,
    SOC_MAX,
    SOC_MIN,
    SUM_SOC_S,
    SUM_TEMPERATURE_S,
    TABLE_LOW_DEGC,
    TABLE_PER_DEGC,
    TEMPERATURE,
    V1,
    V2,
    WARM_EVERY_S,
    Floats,
    Floats32,
    Ints,
    Rules,
    Steps,
    Tables,
)


@njit(cache=True, nogil=True, error_model="numpy")
def _by_temperature(
    t_degc: Floats, tables: Tables, self_a: Floats, warm: Floats, own_a: Floats
) -> None:
    """Fill in how temperature scales each cell's resistance and self-discharge."""
    last = tables.resistance.shape[0] - 1
    for i in range(t_degc.shape[0]):
        row = int((t_degc[i] - TABLE_LOW_DEGC) * TABLE_PER_DEGC + 0.5)
        row = min(max(row, 0), last)
        warm[i] = tables.resistance[row]
        own_a[i] = self_a[i] * tables.self_discharge[row]


@njit(cache=True, nogil=True, error_model="numpy")
def _by_charge(
    soc: Floats, ocv_v: Floats, rise_table: Floats, ocv: Floats, slope: Floats, rise: Floats
) -> None:
    """Fill in open-circuit voltage, its slope and the rise of resistance; steep past the ends."""
    last = ocv_v.shape[0] - 1
    for i in range(soc.shape[0]):
        at = soc[i] * last
        low = min(max(int(at), 0), last - 1)
        step_v = ocv_v[low + 1] - ocv_v[low]
        ocv[i] = ocv_v[low] + (at - low) * step_v
        slope[i] = step_v * last
        rise[i] = rise_table[low]
        if at > last:
            ocv[i] = ocv_v[last] + BEYOND_V_PER_FRAC * (soc[i] - 1.0)
            slope[i] = BEYOND_V_PER_FRAC
        elif at < 0.0:
            ocv[i] = ocv_v[0] + BEYOND_V_PER_FRAC * soc[i]
            slope[i] = BEYOND_V_PER_FRAC


@njit(cache=True, nogil=True, error_model="numpy")
def _wanted_current(
    mode: int,
    request: float,
    mean_soc: float,
    coldest: float,
    base: float,
    ohm: float,
    rules: Rules,
) -> float:
    """Return the current that a request means, before any cell's limit. [A].

    A power is turned into the current at which the whole string, `base` volts behind `ohm`,
    takes it. Cold cells are charged slowly; a fast charge tapers off.
    """
    if mode == CURRENT:
        return request
    power = request
    if mode in (CHARGE, FAST_CHARGE):
        power *= min(max((coldest + 10.0) / 20.0, 0.1), 1.0)
        if mode == FAST_CHARGE and mean_soc > rules.taper_from_frac:
            power *= max((1.0 - mean_soc) / (1.0 - rules.taper_from_frac), 0.1)
    inside = base * base + 4.0 * ohm * power
    return float((np.sqrt(max(inside, 0.0)) - base) / (2.0 * ohm))


@njit(cache=True, nogil=True, error_model="numpy")
def _within_limits(current: float, base: Floats, ohm: Floats, v_min: float, v_max: float) -> float:
    """Return the current at which no cell leaves its voltage limits; never the other way round."""
    if current > 0.0:
        for i in range(base.shape[0]):
            if base[i] + current * ohm[i] > v_max:
                current = max((v_max - base[i]) / ohm[i], 0.0)
    elif current < 0.0:
        for i in range(base.shape[0]):
            if base[i] + current * ohm[i] < v_min:
                current = min((v_min - base[i]) / ohm[i], 0.0)
    return current


@njit(cache=True, nogil=True, error_model="numpy")
def _surroundings(
    ambient: float, is_awake: bool, is_charging: bool, hottest: float, mean_t: float, rules: Rules
) -> tuple[float, float]:
    """Return the temperature that the cells drift to, and how fast. [degC], [s]."""
    if is_awake and hottest > rules.cool_above_degc:
        return min(ambient, rules.coolant_degc), rules.active_cooling_s
    if is_awake and is_charging and mean_t < rules.heat_below_degc:
        return rules.coolant_degc, rules.active_cooling_s
    return ambient, rules.passive_cooling_s


@njit(cache=True, nogil=True, error_model="numpy")
def _ended(
    mode: int,
    is_charging: bool,
    current: float,
    mean_soc: float,
    target: float,
    rules: Rules,
    memory: Floats,
) -> float:
    """Return the current, or none where the charge or the discharge has come to its end.

    A charge that is over stays over until something else was done.
    """
    if mode == POWER and current < 0.0 and mean_soc <= target:
        return 0.0
    if not is_charging:
        memory[IS_CHARGED] = 0.0
    elif mean_soc >= target or current < rules.cutoff_a:
        memory[IS_CHARGED] = 1.0
    return 0.0 if memory[IS_CHARGED] > 0.5 else current


@njit(cache=True, nogil=True, error_model="numpy")
def _turn(current: float, dt: float, hysteresis_as: float, memory: Floats) -> None:
    """Turn the hysteresis toward the branch that the current runs on."""
    if current != 0.0:
        toward = 1.0 if current > 0.0 else -1.0
        turned = 1.0 - np.exp(-abs(current) * dt / hysteresis_as)
        memory[HYSTERESIS] += (toward - memory[HYSTERESIS]) * turned


@njit(cache=True, nogil=True, error_model="numpy")
def _looked_ahead(
    dt: float,
    keep1: float,
    keep2: float,
    shift: float,
    wobble: float,
    cells: Floats,
    state: Floats,
    ocv: Floats,
    slope: Floats,
    factor: Floats,
    base: Floats,
    ohm: Floats,
) -> None:
    """Fill in the voltage at the step's end without current, and what a current would meet."""
    v1, v2 = state[V1], state[V2]
    for i in range(base.shape[0]):
        lasting = cells[R1_OHM, i] * (1.0 - keep1) + cells[R2_OHM, i] * (1.0 - keep2)
        base[i] = ocv[i] + shift + v1[i] * keep1 + v2[i] * keep2
        ohm[i] = (
            factor[i] * (cells[R0_OHM, i] + lasting)
            + cells[CONTACT_OHM, i] * wobble
            + slope[i] * dt / cells[CAPACITY_AS, i]
        )


@njit(cache=True, nogil=True, error_model="numpy")
def _surveyed(
    base: Floats, ohm: Floats, soc: Floats, t: Floats
) -> tuple[float, float, float, float, float, float, float]:
    """Return sum of base and ohm, mean charge and temperature, hottest, coldest, lowest base."""
    base_v = total_ohm = sum_soc = sum_t = 0.0
    hottest, coldest, lowest = -1e9, 1e9, 1e9
    for i in range(base.shape[0]):
        base_v += base[i]
        total_ohm += ohm[i]
        sum_soc += soc[i]
        sum_t += t[i]
        hottest = t[i] if t[i] > hottest else hottest
        coldest = t[i] if t[i] < coldest else coldest
        lowest = base[i] if base[i] < lowest else lowest
    n = base.shape[0]
    return base_v, total_ohm, sum_soc / n, sum_t / n, hottest, coldest, lowest


@njit(cache=True, nogil=True, error_model="numpy")
def _moved_on(
    dt: float,
    current: float,
    keep1: float,
    keep2: float,
    shift: float,
    wobble: float,
    balance_a: float,
    bleed_above: float,
    air: float,
    tau_s: float,
    cells: Floats,
    state: Floats,
    sums: Floats,
    ocv: Floats,
    slope: Floats,
    factor: Floats,
    own_a: Floats,
    base: Floats,
    out: Floats32,
) -> tuple[int, float]:
    """Carry every cell through one step; return how many were bled and the mean charge."""
    soc, v1, v2, t = state[SOC], state[V1], state[V2], state[TEMPERATURE]
    bleeding = 0
    sum_soc = 0.0
    for i in range(base.shape[0]):
        r0 = factor[i] * cells[R0_OHM, i]
        bled = balance_a if base[i] > bleed_above else 0.0
        bleeding += base[i] > bleed_above
        leak = (base[i] + current * r0) * cells[LEAK_S, i]
        net = current - leak - bled
        v1[i] = v1[i] * keep1 + net * factor[i] * cells[R1_OHM, i] * (1.0 - keep1)
        v2[i] = v2[i] * keep2 + net * factor[i] * cells[R2_OHM, i] * (1.0 - keep2)
        moved = (net - own_a[i]) * dt / cells[CAPACITY_AS, i]
        across = current * cells[CONTACT_OHM, i] * wobble
        over = v1[i] + v2[i] + net * r0
        out[i] = ocv[i] + slope[i] * moved + shift + over + across
        heat = net * over + base[i] * leak + 0.5 * current * across
        share = dt * cells[COOLING, i] / tau_s
        t[i] = (t[i] + heat * dt / cells[HEAT_J_PER_K, i] + share * air) / (1.0 + share)
        soc[i] += moved
        sums[SUM_SOC_S, i] += soc[i] * dt
        sums[SUM_TEMPERATURE_S, i] += t[i] * dt
        sums[SOC_MIN, i] = soc[i] if soc[i] < sums[SOC_MIN, i] else sums[SOC_MIN, i]
        sums[SOC_MAX, i] = soc[i] if soc[i] > sums[SOC_MAX, i] else sums[SOC_MAX, i]
        sums[LEAKED_AS, i] += leak * dt
        sums[SELF_AS, i] += own_a[i] * dt
        sums[BLED_AS, i] += bled * dt
        sums[HEAT_J, i] += heat * dt
        sum_soc += soc[i]
    return bleeding, sum_soc / base.shape[0]


@njit(cache=True, nogil=True, error_model="numpy")
def run_string(
    steps: Steps,
    rules: Rules,
    tables: Tables,
    cells: Floats,
    state: Floats,
    memory: Floats,
    sums: Floats,
    sensors: Ints,
    out_cells: Floats32,
    out_temperatures: Floats32,
    out_pack: Floats,
) -> None:
    """Carry the string through `steps`; `state`, `memory` and `sums` are changed in place.

    Parameters
    ----------
    steps, rules, tables
        See `Steps`, `Rules`, `Tables`.
    cells : array, shape (9, n_cells)
        Parameters, rows as numbered in `layout`.
    state : array, shape (4, n_cells)
        State of charge, the two polarisations [V], temperature [degC].
    memory : array, shape (2,)
        Hysteresis between -1 and 1; whether the charge is over (1) or not (0).
    sums : array, shape (8, n_cells)
        Sums over the run and extremes.
    sensors : array of int, shape (n_sensors,)
        Which cells carry a temperature sensor.
    out_cells : array, shape (n_steps, n_cells)
        Terminal voltage at each step's end. [V]
    out_temperatures : array, shape (n_steps, n_sensors)
        Temperature at each step's end. [degC]
    out_pack : array, shape (n_steps, 3)
        Current during the step [A], mean state of charge at its end, cells being bled.
    """
    n_cells = cells.shape[1]
    soc, t = state[SOC], state[TEMPERATURE]
    ocv, slope, rise = np.empty(n_cells), np.empty(n_cells), np.empty(n_cells)
    warm, own_a, factor = np.empty(n_cells), np.empty(n_cells), np.empty(n_cells)
    base, ohm = np.empty(n_cells), np.empty(n_cells)
    since_warm_s = WARM_EVERY_S
    for k in range(steps.dt_s.shape[0]):
        dt, mode, wobble = steps.dt_s[k], steps.mode[k], steps.wobble[k]
        keep1, keep2 = np.exp(-dt / rules.tau1_s), np.exp(-dt / rules.tau2_s)
        if since_warm_s >= WARM_EVERY_S:
            since_warm_s = 0.0
            _by_temperature(t, tables, cells[SELF_A], warm, own_a)
        since_warm_s += dt
        _by_charge(soc, tables.ocv_v, tables.rise, ocv, slope, rise)
        for i in range(n_cells):
            factor[i] = warm[i] * rise[i]
        shift = rules.hysteresis_v * memory[HYSTERESIS]
        _looked_ahead(dt, keep1, keep2, shift, wobble, cells, state, ocv, slope, factor, base, ohm)
        base_v, total_ohm, mean_soc, mean_t, hottest, coldest, lowest = _surveyed(base, ohm, soc, t)
        is_charging = mode in (CHARGE, FAST_CHARGE)
        current = 0.0
        if mode != REST:
            current = _wanted_current(
                mode, steps.request[k], mean_soc, coldest, base_v, total_ohm, rules
            )
            current = min(max(current, -rules.current_max_a), rules.current_max_a)
            current = _within_limits(current, base, ohm, rules.v_min, rules.v_max)
        current = _ended(mode, is_charging, current, mean_soc, steps.target_frac[k], rules, memory)
        is_awake = steps.is_awake[k]
        air, tau_s = _surroundings(
            steps.ambient_degc[k], is_awake, is_charging, hottest, mean_t, rules
        )
        bleeds = is_awake and mean_soc > rules.balance_above_frac and (is_charging or mode == REST)
        bleed_above = lowest + rules.balance_over_v if bleeds else 1e9
        _turn(current, dt, rules.hysteresis_as, memory)
        shift = rules.hysteresis_v * memory[HYSTERESIS]
        bleeding, mean_soc = _moved_on(
            dt, current, keep1, keep2, shift, wobble, rules.balance_a, bleed_above, air, tau_s,
            cells, state, sums, ocv, slope, factor, own_a, base, out_cells[k],
        )  # fmt: skip
        for j in range(sensors.shape[0]):
            out_temperatures[k, j] = t[sensors[j]]
        out_pack[k, OUT_CURRENT] = current
        out_pack[k, OUT_SOC] = mean_soc
        out_pack[k, OUT_BALANCING] = bleeding
