"""`python -m benchmarks.triage_speed`: how fast and how close the plan of whole packs is.

SIMULATED returns: 10,000 and 50,000 packs x 5 fates x 20 facilities, with limits by mass at every
facility, by fate, and by chemistry at the recyclers. Wall and CPU of prices and placing together.
"""

import argparse
import os
import time
from datetime import date

import numpy as np

from batteryloop.circular.gates import gates
from batteryloop.circular.triage.assign import assign, lost_share, used
from batteryloop.circular.triage.judge import USUAL, judge
from batteryloop.circular.triage.network import Facility, Origins, transport
from batteryloop.circular.triage.packs import ReturnedPack, returned_packs
from batteryloop.circular.triage.problem import (
    AssignmentProblem,
    Lane,
    Limit,
    assignment_problem,
)
from batteryloop.circular.triage.tables import FATES, fate_table, transport_figures
from batteryloop.quantities import Estimate
from batteryloop.simulation.returns import simulated_facilities, simulated_returns

ON = date(2026, 11, 25)
TIGHT = {"reuse": 0.12, "repair": 0.18, "remanufacture": 0.05, "repurpose": 0.35}


def problem_of(n_packs: int, seed: int) -> AssignmentProblem:
    """Return a SIMULATED assignment in which every facility offers three fates or more."""
    rng = np.random.default_rng(seed)
    made = simulated_returns(n_packs, rng=rng)
    packs = returned_packs(
        [
            ReturnedPack(
                name, made.chemistry[i], made.energy_kwh[i], made.mass_kg[i],
                _estimate("soh_frac", made.soh_mean_frac[i], made.soh_sd_frac[i]),
                _estimate("spread_frac", made.spread_mean_frac[i], made.spread_sd_frac[i]),
                float(made.unsafe_frac[i]), bool(made.is_before_expiry[i]),
            )
            for i, name in enumerate(made.battery_ids)
        ]
    )  # fmt: skip
    judged = judge(packs, fate_table(packs.chemistries), gates(on=ON))
    mass = float(packs.mass_kg.sum())
    places = simulated_facilities(mass)
    offers = [tuple(f for f in FATES if f == "recycle" or rng.random() < 0.65) for _ in places]
    network = [
        Facility(p.facility, p.latitude_deg, p.longitude_deg, p.region, offer, p.capacity_kg)
        for p, offer in zip(places, offers, strict=True)
    ]
    origins = Origins(made.latitude_deg, made.longitude_deg, made.region)
    moved, _ = transport(packs, origins, network, transport_figures())
    lanes, columns = [], []
    for k, facility in enumerate(network):
        for fate in facility.fates:
            f = FATES.index(fate)
            lanes.append(Lane(fate, facility.name))
            worth = judged.worth_eur[USUAL, :, f] - moved[:, k]
            columns.append(np.where(judged.is_allowed[:, f], worth, -np.inf))
    limits = [Limit(f.capacity_kg * 0.85, "kg", facility=f.name) for f in network]
    limits += [Limit(share * n_packs, "packs", fate=fate) for fate, share in TIGHT.items()]
    limits += [
        Limit(0.02 * mass, "kg", facility=f.name, fate="recycle", chemistry="LFP")
        for f in network[:6]
    ]
    return assignment_problem(
        lanes, packs.chemistries, np.stack(columns, axis=1), np.full(n_packs, -2000.0),
        packs.mass_kg, packs.kind, limits,
    )  # fmt: skip


def _estimate(quantity: str, mean: float, sd: float) -> Estimate:
    return Estimate(quantity, mean, mean - 1.645 * sd, mean + 1.645 * sd, 0.9, "SIMULATED")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.triage_speed", description=__doc__)
    parser.add_argument("--packs", type=int, nargs="*", default=[10_000, 50_000])
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    assign(problem_of(200, 0), is_exact=False)  # compiled and warm
    load = os.getloadavg()[0]
    print(f"SIMULATED returns, 5 fates x 20 facilities, {os.cpu_count()} cores, load {load:.1f}")
    print(f"{'packs':>8}{'seed':>5}{'columns':>10}{'limits':>8}{'wall s':>8}{'CPU s':>8}", end="")
    print(f"{'plan EUR':>14}{'bound EUR':>14}{'short of bound':>16}")
    for n_packs in args.packs:
        for seed in range(1, args.seeds + 1):
            problem = problem_of(n_packs, seed)
            began, cpu = time.perf_counter(), time.process_time()
            found = assign(problem, is_exact=False)
            wall_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
            most = np.array([limit.most for limit in problem.limits])
            if (used(problem, found.chosen) > most * (1 + 1e-9)).any():
                raise SystemExit("a limit is broken")
            columns = int(np.isfinite(problem.value_eur).sum())
            print(
                f"{n_packs:>8,}{seed:>5}{columns:>10,}{len(most):>8}{wall_s:>8.2f}{cpu_s:>8.2f}"
                f"{found.value_eur:>14,.0f}{found.bound_eur:>14,.0f}{lost_share(found):>16.5%}"
            )


if __name__ == "__main__":
    main()
