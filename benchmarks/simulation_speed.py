"""`python -m benchmarks.simulation_speed`: the compiled loop beside a plain loop over numpy.

Both carry the same pack of 96 cells through the same steps; the plain one handles all cells of a
step at once, as one would write it first. The figure is the ratio of their CPU times; the voltages
must agree, or it counts for nothing. Then a whole fleet: rows with sensors, tables and all.
"""

import argparse
import time
from datetime import UTC, datetime
from statistics import median

import numpy as np

from batteryloop.simulation import FleetSpec, Horizon, fleet, layout
from batteryloop.simulation.ageing import Ageing
from batteryloop.simulation.duties import duty
from batteryloop.simulation.faults import Effects
from batteryloop.simulation.layout import CHARGE, FAST_CHARGE, POWER, REST, Rules, Steps, Tables
from batteryloop.simulation.string import (
    Run,
    cells_now,
    first_run,
    make_string,
    rules_of,
    run_steps,
    tables_of,
)

N_CELLS = 96


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--steps", type=int, default=8640, help="one day at 10 s")
    args = parser.parse_args()

    made = make_string("NMC622", 156.0, N_CELLS, _rng(1))
    rules, tables = rules_of(made, duty("private-ev")), tables_of(made)
    cells = cells_now(made, Ageing.new(N_CELLS), Effects.none(N_CELLS))
    cells[layout.LEAK_S, 7] = 1 / 100.0
    steps, sensors = _steps(args.steps), np.arange(0, N_CELLS, 12)

    def compiled() -> np.ndarray:
        run = first_run(made, 0.7, 15.0)
        return run_steps(made, run, cells, steps, rules, tables, sensors).cell_v

    def plain() -> np.ndarray:
        return plain_loop(first_run(made, 0.7, 15.0), cells, steps, rules, tables)

    first_s = _cpu_s(compiled)
    apart_v = float(np.abs(compiled() - plain()).max())
    if apart_v > 1e-4:
        raise SystemExit(f"the loops disagree by {apart_v * 1e3:.3f} mV")
    fast_s = median(_cpu_s(compiled) for _ in range(args.repeat * 3))
    slow_s = median(_cpu_s(plain) for _ in range(args.repeat))
    per_cell_ns = fast_s / args.steps / N_CELLS * 1e9
    print(f"one pack, {N_CELLS} cells, {args.steps:,} steps; the voltages agree to {apart_v:.0e} V")
    print(f"  plain numpy loop  {slow_s * 1e3:8.1f} ms CPU   1 x")
    print(
        f"  compiled loop     {fast_s * 1e3:8.1f} ms CPU   {slow_s / fast_s:.1f} x as fast", end=""
    )
    print(f"   ({per_cell_ns:.1f} ns a cell and step; first call {first_s:.1f} s)")
    _fleet()


def _fleet() -> None:
    spec = FleetSpec(10, Horizon(datetime(2025, 3, 3, tzinfo=UTC), 30), duties=("private-ev",))
    wall, cpu = time.perf_counter(), time.process_time()
    n_rows = sum(pack.recording.frame.height for pack in fleet(spec, rng=_rng(1)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    lived = 10 * 30 * 86_400 / cpu
    print(f"fleet: 10 cars of {N_CELLS} cells, 30 days, every 10 s in use, every 10 min parked")
    print(f"  {n_rows:,} rows in {cpu:.1f} s CPU ({wall:.1f} s wall): {n_rows / cpu:,.0f} rows/s,")
    print(f"  {lived:,.0f} x faster than they live")


def _rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def _cpu_s(work) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def _steps(n_steps: int) -> Steps:
    rng = _rng(2)
    mode = np.full(n_steps, REST, np.int8)
    mode[n_steps // 8 : n_steps // 3] = POWER
    mode[n_steps // 2 : 3 * n_steps // 4] = CHARGE
    power = np.where(mode == POWER, -9e3 + 15e3 * rng.standard_normal(n_steps), 11e3)
    return Steps(
        np.full(n_steps, 10.0), mode, power, np.where(mode == CHARGE, 0.95, 0.05),
        np.full(n_steps, 12.0), np.ones(n_steps), mode != REST,
    )  # fmt: skip


def plain_loop(
    run: Run, cells: np.ndarray, steps: Steps, rules: Rules, tables: Tables
) -> np.ndarray:
    """Return the cell voltages of the same equations, a Python loop over steps. [V]."""
    soc, v1, v2, t = (row.copy() for row in run.state)
    h, is_charged, since_warm_s = 0.0, False, layout.WARM_EVERY_S
    soc_at = np.linspace(0.0, 1.0, tables.ocv_v.shape[0])
    last = soc_at.shape[0] - 1
    out = np.empty((steps.dt_s.shape[0], cells.shape[1]), np.float32)
    for k, (dt, mode) in enumerate(zip(steps.dt_s, steps.mode, strict=True)):
        keep1, keep2 = np.exp(-dt / rules.tau1_s), np.exp(-dt / rules.tau2_s)
        if since_warm_s >= layout.WARM_EVERY_S:
            since_warm_s = 0.0
            row = ((t - layout.TABLE_LOW_DEGC) * layout.TABLE_PER_DEGC + 0.5).astype(int)
            warm = tables.resistance[row]
            own = cells[layout.SELF_A] * tables.self_discharge[row]
        since_warm_s += dt
        low = np.clip((soc * last).astype(int), 0, last - 1)
        slope = (tables.ocv_v[low + 1] - tables.ocv_v[low]) * last
        ocv = np.interp(soc, soc_at, tables.ocv_v)
        factor = warm * tables.rise[low]
        r0, r1, r2 = (factor * cells[row] for row in (layout.R0_OHM, layout.R1_OHM, layout.R2_OHM))
        base = ocv + rules.hysteresis_v * h + v1 * keep1 + v2 * keep2
        ohm = r0 + cells[layout.CONTACT_OHM] * steps.wobble[k] + r1 * (1 - keep1) + r2 * (1 - keep2)
        ohm = ohm + slope * dt / cells[layout.CAPACITY_AS]
        is_charging = mode in (CHARGE, FAST_CHARGE)
        mean_soc = soc.mean()
        current = _asked(mode, steps.request[k], t, base, ohm, rules)
        if mode == POWER and current < 0 and mean_soc <= steps.target_frac[k]:
            current = 0.0
        done = mean_soc >= steps.target_frac[k] or current < rules.cutoff_a
        is_charged = is_charging and (is_charged or done)
        current = 0.0 if is_charged else current
        air, tau = _air(steps.ambient_degc[k], steps.is_awake[k], is_charging, t, rules)
        bleeds = steps.is_awake[k] and mean_soc > rules.balance_above_frac
        bleeds = bleeds and (is_charging or mode == REST)
        bled = np.where(bleeds & (base > base.min() + rules.balance_over_v), rules.balance_a, 0.0)
        if current != 0.0:
            h += (np.sign(current) - h) * (1 - np.exp(-abs(current) * dt / rules.hysteresis_as))
        leak = (base + current * r0) * cells[layout.LEAK_S]
        net = current - leak - bled
        v1 = v1 * keep1 + net * r1 * (1 - keep1)
        v2 = v2 * keep2 + net * r2 * (1 - keep2)
        moved = (net - own) * dt / cells[layout.CAPACITY_AS]
        across = current * cells[layout.CONTACT_OHM] * steps.wobble[k]
        over = v1 + v2 + net * r0
        out[k] = ocv + slope * moved + rules.hysteresis_v * h + over + across
        heat = net * over + base * leak + 0.5 * current * across
        share = dt * cells[layout.COOLING] / tau
        t = (t + heat * dt / cells[layout.HEAT_J_PER_K] + share * air) / (1 + share)
        soc = soc + moved
    return out


def _asked(mode, power, t, base, ohm, rules) -> float:
    if mode == REST:
        return 0.0
    if mode != POWER:
        power *= min(max((t.min() + 10.0) / 20.0, 0.1), 1.0)
    total, behind = base.sum(), ohm.sum()
    current = (np.sqrt(max(total**2 + 4 * behind * power, 0)) - total) / (2 * behind)
    if current > 0:
        return max(min(current, ((rules.v_max - base) / ohm).min()), 0.0)
    return min(max(current, ((rules.v_min - base) / ohm).max()), 0.0)


def _air(ambient, is_awake, is_charging, t, rules) -> tuple[float, float]:
    if is_awake and t.max() > rules.cool_above_degc:
        return min(ambient, rules.coolant_degc), rules.active_cooling_s
    if is_awake and is_charging and t.mean() < rules.heat_below_degc:
        return rules.coolant_degc, rules.active_cooling_s
    return ambient, rules.passive_cooling_s


if __name__ == "__main__":
    main()
