"""Make the shipped population anew: `python -m benchmarks.make_population`.

From the shared measurements it writes `population.npz` (means and covariances of fitted
trajectories by group; no measurement) and `population.json`, its card: data, range, errors by
laboratory when that laboratory was not seen.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from batteryloop.health.lifetime.population import ANY_LAW, BROAD_LIFE_EFC, fitted, population_prior
from batteryloop.health.lifetime.posterior import update_trajectory
from batteryloop.health.lifetime.remaining_life import (
    interval_stretch,
    life_estimate,
    life_samples,
    life_score,
    soh_samples,
)
from benchmarks.life_tests import LifeTest, life_tests

FOLDER = Path(__file__).resolve().parents[1] / "src" / "batteryloop" / "health" / "lifetime"
LABORATORIES = ("MIT", "HUST", "TJU", "XJTU")
SEEN_FRAC = 0.4
SOURCE = (
    "charge and capacity table of Wang et al., Nature Communications 2024 (PINN4SOH): MIT "
    "(Severson 2019), HUST (Ma 2022), TJU (Zhu 2022), XJTU (Wang 2024)"
)


def main() -> int:
    """Learn, hold against each laboratory in turn, write."""
    tests = life_tests(LABORATORIES)
    fits = {(t.laboratory, t.cell): fitted(t.record) for t in tests}
    groups = _groups(tests, fits)
    rows = {name: _held_out(name, tests, fits) for name in LABORATORIES}
    for name, row in rows.items():
        others = np.concatenate([r["life_scores"] for n, r in rows.items() if n != name])
        row["life_stretch_of_others_frac"] = round(interval_stretch(others), 3)
    lives = np.concatenate([r["life_scores"] for r in rows.values()])
    healths = np.concatenate([r["soh_scores"] for r in rows.values()])
    ends = [t.life_efc for t in tests if t.life_efc]
    np.savez_compressed(FOLDER / "population.npz", **population_prior(groups).as_arrays())
    card: dict[str, Any] = {
        "model": "two-power-law trajectories, a mixture of normals: groups of cells, and any law",
        "data": SOURCE,
        "holds": "means and covariances of fitted parameters; no measurement",
        "n_cells": len(tests),
        "n_groups": len(set(population_prior(groups).names) - {ANY_LAW}),
        "cycles_of_life": [min(ends), max(ends)],
        "life": f"left open: log-normal about {BROAD_LIFE_EFC:g}",
        "life_stretch_frac": round(interval_stretch(lives), 3),
        "soh_stretch_frac": round(interval_stretch(healths), 3),
        "stretch": (
            "90 % conformal quantile over cells, each forecast from the first 40 % of its life by "
            "the other three laboratories"
        ),
        "laboratories": {
            name: {k: v for k, v in row.items() if not k.endswith("scores")}
            for name, row in rows.items()
        },
    }
    text = json.dumps(card, indent=2, ensure_ascii=False)
    (FOLDER / "population.json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0


def _groups(tests: list[LifeTest], fits: dict[Any, Any]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for test in tests:
        fit = fits[test.laboratory, test.cell]
        if fit is not None:
            groups[test.group].append(fit)
    return groups


def _held_out(name: str, tests: list[LifeTest], fits: dict[Any, Any]) -> dict[str, Any]:
    """Return how cells of a laboratory fare when the prior knows only the others."""
    rng = np.random.default_rng(0)
    prior = population_prior(_groups([t for t in tests if t.laboratory != name], fits))
    errors, inside, life_scores, soh_scores = [], [], [], []
    for test in tests:
        if test.laboratory != name or test.life_efc is None or test.threshold_ah is None:
            continue
        seen = test.record.until(np.floor(SEEN_FRAC * test.life_efc))
        if seen.ages_efc.size < 8:
            continue
        posterior = update_trajectory(
            seen, seen.initial_capacity_ah(), prior, rng, n_particles=1500
        )
        samples = life_samples(posterior, test.threshold_ah, rng)
        estimate = life_estimate(samples, posterior.age_efc)
        errors.append(abs(estimate.value / test.life_efc - 1))
        inside.append(estimate.low <= test.life_efc <= estimate.high)
        life_scores.append(life_score(samples, test.life_efc, posterior.age_efc))
        soh_scores.append(_soh_score(test, posterior, rng))
    return {
        "n_cells": len(errors),
        "life_error_mean_frac": round(float(np.mean(errors)), 3),
        "coverage_before_stretch_frac": round(float(np.mean(inside)), 3),
        "life_scores": np.array(life_scores),
        "soh_scores": np.array(soh_scores),
    }


def _soh_score(test: LifeTest, posterior: Any, rng: np.random.Generator) -> float:
    """Return how far out the health at 70 % of life lies, in half-widths of the 90 % interval."""
    at = 0.7 * float(test.life_efc or 0.0)
    near = np.abs(test.record.ages_efc - at) <= max(2.0, 0.01 * at)
    true = float(np.median(test.record.capacity_ah[near])) / posterior.initial_capacity_ah
    path = soh_samples(posterior, np.array([at]), rng)[:, 0]
    low, middle, high = np.quantile(path, [0.05, 0.5, 0.95])
    side = high - middle if true > middle else middle - low
    return float(abs(true - middle) / max(side, 1e-6))


if __name__ == "__main__":
    sys.exit(main())
