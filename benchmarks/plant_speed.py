"""How long a plant's balance takes, and how well it closes: run as a module."""

import time
from datetime import date

import numpy as np

from batteryloop.circular.recycle import (
    OPENINGS,
    ROUTES,
    ReturnedPack,
    balance_plant,
    improve_plant,
    simulate_throughput,
    trace_returns,
)
from batteryloop.circular.recycle.flowsheet import fitting_steps
from batteryloop.reference.compositions import compositions


def floor_s():
    """CPU seconds of one dense solve of 300 unknowns, to hold the others against."""
    matrix = np.random.default_rng(1).normal(size=(300, 300))
    start = time.process_time()
    for _ in range(20):
        np.linalg.solve(matrix, matrix[0])
    return (time.process_time() - start) / 20


def main():
    floor = floor_s()
    worst = 0.0
    start = time.process_time()
    n = 0
    for opening in OPENINGS:
        for route in ROUTES:
            for steps in ((), fitting_steps(opening, route)):
                for chemistry in compositions():
                    plant = balance_plant(
                        {chemistry: 5e4}, opening=opening, route=route, steps=steps
                    )
                    worst = max(worst, plant.worst_closure_frac)
                    n += 1
    took = (time.process_time() - start) / n
    print(f"{n} balances: worst closure {worst:.1e}")
    print(f"{1e3 * took:.1f} ms each, {took / floor:.1f} times a dense solve of 300 unknowns")
    start = time.process_time()
    plan = improve_plant({"LFP": 3e4, "NMC622": 2e4}, 5e4, date(2031, 12, 31))
    took = time.process_time() - start
    print(f"{plan.n_tried} sets of added steps, each with its blend: {took:.1f} s")
    start = time.process_time()
    simulate_throughput(50_000.0, np.random.default_rng(1))
    print(f"a year of lines: {time.process_time() - start:.2f} s")
    packs = [ReturnedPack(f"P{i}", ("LFP", "NMC622", "NCA")[i % 3], 400.0) for i in range(10_000)]
    start = time.process_time()
    traced = trace_returns(packs)
    took, gap = time.process_time() - start, max(traced.gaps_frac().values())
    print(f"10,000 packs traced in {took:.1f} s, worst gap {gap:.1e}")


if __name__ == "__main__":
    main()
