"""`python -m benchmarks.triage_value`: what the decision gains over simpler ones, truth known.

SIMULATED returns, no limits of room and no transport, so that only the decision differs. Each rule
sees what a returns desk sees; its packs are then paid by their true health. Unsafe use counts packs
with a hidden defect that leave the desk for reuse, repair, remanufacture or repurpose and keep the
defect (the deed finds the share that `fates.csv` states).
"""

import argparse
from collections.abc import Callable
from datetime import date

import numpy as np

from batteryloop.circular.gates import gates
from batteryloop.circular.triage.judge import (
    USUAL,
    Judged,
    judge,
    updated,
    worth_after_test,
)
from batteryloop.circular.triage.kernels.worth import worth
from batteryloop.circular.triage.packs import ReturnedPack, returned_packs
from batteryloop.circular.triage.tables import DETECTED, FATES, HOLD, fate_table, state_tests
from batteryloop.quantities import Estimate
from batteryloop.simulation.returns import SimulatedReturns, simulated_returns

ON = date(2026, 11, 25)
RECYCLE = FATES.index("recycle")


def judged_of(made: SimulatedReturns) -> Judged:
    def estimate(quantity: str, mean: float, sd: float) -> Estimate:
        return Estimate(quantity, mean, mean - 1.645 * sd, mean + 1.645 * sd, 0.9, "SIMULATED")

    packs = returned_packs(
        [
            ReturnedPack(
                name, made.chemistry[i], made.energy_kwh[i], made.mass_kg[i],
                estimate("soh_frac", made.soh_mean_frac[i], made.soh_sd_frac[i]),
                estimate("spread_frac", made.spread_mean_frac[i], made.spread_sd_frac[i]),
                float(made.unsafe_frac[i]), bool(made.is_before_expiry[i]),
            )
            for i, name in enumerate(made.battery_ids)
        ]
    )  # fmt: skip
    return judge(packs, fate_table(packs.chemistries), gates(on=ON))


def true_worth(judged: Judged, made: SimulatedReturns, fate: np.ndarray) -> np.ndarray:
    """Return what each pack turns out to be worth in its fate [EUR]."""
    packs, table = judged.packs, judged.table.values[USUAL]
    return np.array(
        [
            worth(
                made.true_soh_frac[i], made.true_spread_frac[i], packs.energy_kwh[i],
                packs.mass_kg[i], table[packs.kind[i], f],
            )[0]
            for i, f in enumerate(fate)
        ]
    )  # fmt: skip


def unsafe_use(judged: Judged, made: SimulatedReturns, fate: np.ndarray) -> float:
    """Return the expected number of packs in use with a hidden defect."""
    kept = 1.0 - judged.table.values[USUAL][judged.packs.kind, fate, DETECTED]
    return float((made.is_truly_unsafe * kept * (fate != RECYCLE)).sum())


def by_threshold(judged: Judged) -> np.ndarray:
    soh = judged.packs.soh_mean_frac
    reuse, repurpose = FATES.index("reuse"), FATES.index("repurpose")
    return np.where(soh >= 0.8, reuse, np.where(soh >= 0.6, repurpose, RECYCLE))


def on_the_mean(judged: Judged, is_safe: Callable[[Judged], np.ndarray]) -> np.ndarray:
    packs, table = judged.packs, judged.table.values[USUAL]
    values = np.array(
        [
            [
                worth(
                    packs.soh_mean_frac[i], packs.spread_mean_frac[i], packs.energy_kwh[i],
                    packs.mass_kg[i], table[packs.kind[i], f],
                )[0]
                for f in range(len(FATES))
            ]
            for i in range(packs.n_packs)
        ]
    )  # fmt: skip
    allowed = is_safe(judged)
    allowed[:, RECYCLE] = True
    return np.where(allowed, values, -np.inf).argmax(axis=1)


def by_distribution(judged: Judged) -> np.ndarray:
    return np.where(judged.is_allowed, judged.worth_eur[USUAL], -np.inf).argmax(axis=1)


def with_tests(
    judged: Judged, made: SimulatedReturns, rng: np.random.Generator
) -> tuple[np.ndarray, float, Judged]:
    """Return fates once the tests worth their cost are made, what they cost, and the beliefs."""
    packs = judged.packs
    net = np.zeros((packs.n_packs, len(FATES)))
    now = np.where(judged.is_allowed, judged.worth_eur[USUAL], -np.inf).max(axis=1)
    tests = state_tests()
    gains = np.stack(
        [
            worth_after_test(judged, test, net_of_eur=net, hold_eur=np.full(packs.n_packs, -1e6))
            - test.cost_eur
            - now
            for test in tests
        ]
    )
    best = np.where(gains.max(axis=0) > 0.0, gains.argmax(axis=0), -1)
    fate, cost = by_distribution(judged), 0.0
    for t, test in enumerate(tests):
        is_tested = best == t
        cost += float(is_tested.sum()) * test.cost_eur
        soh = made.true_soh_frac + test.soh_noise_frac * rng.standard_normal(packs.n_packs)
        spread = made.true_spread_frac + test.spread_noise_frac * rng.standard_normal(packs.n_packs)
        chance = np.where(made.is_truly_unsafe, test.found_frac, test.false_alarm_frac)
        alarm = rng.random(packs.n_packs) < chance
        again = judge(updated(packs, test, soh, spread, alarm), judged.table, judged.gates)
        fate = np.where(is_tested, by_distribution(again), fate)
    return fate, cost, judged


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.triage_value", description=__doc__)
    parser.add_argument("--packs", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    print(f"SIMULATED returns, {args.packs:,} packs a draw, {args.seeds} draws; sums a draw")
    print(f"{'rule':52}{'true worth EUR':>16}{'over thresholds':>17}{'unsafe in use':>15}")
    rows: dict[str, list[tuple[float, float]]] = {}
    for seed in range(1, args.seeds + 1):
        rng = np.random.default_rng([7, seed])
        made = simulated_returns(args.packs, rng=rng)
        judged = judged_of(made)
        tested, cost, _ = with_tests(judged, made, rng)
        rules = {
            "thresholds of health: 80 % reuse, 60 % repurpose": (by_threshold(judged), 0.0),
            "best worth at the mean, no thought of safety": (
                on_the_mean(judged, lambda j: np.ones_like(j.is_allowed)), 0.0,
            ),
            "best worth at the mean, same safety and gates": (
                on_the_mean(judged, lambda j: j.is_allowed.copy()), 0.0,
            ),
            "triage: mean worth, safety, gates, decided now": (by_distribution(judged), 0.0),
            "triage with tests first": (tested, cost),
        }  # fmt: skip
        for name, (fate, paid) in rules.items():
            total = float(true_worth(judged, made, fate).sum()) - paid
            rows.setdefault(name, []).append((total, unsafe_use(judged, made, fate)))
    base = np.mean([total for total, _ in next(iter(rows.values()))])
    for name, found in rows.items():
        total, unsafe = np.mean(found, axis=0)
        print(f"{name:52}{total:>16,.0f}{total - base:>+17,.0f}{unsafe:>15.1f}")
    print(
        f"{HOLD} is not a choice here; in all {made.is_truly_unsafe.sum()} packs of the last draw"
    )
    print("hide a defect.")


if __name__ == "__main__":
    main()
