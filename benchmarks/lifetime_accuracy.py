"""`python -m benchmarks.lifetime_accuracy [life|early|knee …]`: how far forecasts of life are off.

Prints method × laboratory: mean and median absolute percentage error of the end of life, how many
true lives the 90 % intervals cover, and how wide they are (high over low, median).
"""

import argparse
import warnings
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import ElasticNetCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from batteryloop.health.lifetime.capacity_record import CapacityRecord
from batteryloop.health.lifetime.early_life import (
    CHARGE_FEATURES,
    early_features,
    predict_life,
    train_early_life,
)
from batteryloop.health.lifetime.knee import find_knee
from batteryloop.health.lifetime.population import fitted, model_card, population_prior
from batteryloop.health.lifetime.posterior import update_trajectory
from batteryloop.health.lifetime.remaining_life import life_estimate, life_samples
from batteryloop.quantities import Estimate
from benchmarks.life_tests import LABORATORIES, LifeTest, charge_features, grouped, life_tests
from benchmarks.lifetime_baselines import fit_double, line_life, particle_life
from benchmarks.make_population import LABORATORIES as SHIPPED

SIBLINGS = "own history, siblings known"
STRANGERS = "own history, other laboratories only"
STRETCHED = "the same, stretched as it ships"
HE_2011 = "double exponential, particles (He 2011)"
LINE = "straight line"
TREES = "first 100 charges, trees"
ELASTIC_NET = "elastic net on capacity (Severson 2019)"
TRAINED_MEAN = "mean of the training cells"
N_EARLY = 100


@dataclass
class Score:
    """Errors and coverage of one method on one laboratory."""

    errors: list[float] = field(default_factory=list)
    inside: list[bool] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)

    def add(self, true: float, value: float, low: float = 0.0, high: float = 0.0) -> None:
        """Take one cell in; without an interval high is 0."""
        self.errors.append(abs(value / true - 1.0))
        if high:
            self.inside.append(low <= true <= high)
            self.widths.append(high / max(low, 1e-9))

    def row(self) -> tuple[int, float, float, float | None, float | None]:
        """Return n, mean and median error, coverage, width."""
        return (
            len(self.errors),
            float(np.mean(self.errors)),
            float(np.median(self.errors)),
            float(np.mean(self.inside)) if self.inside else None,
            float(np.median(self.widths)) if self.widths else None,
        )


Scores = dict[tuple[str, str], Score]


def life_scores(
    laboratories: tuple[str, ...] = LABORATORIES,
    *,
    known: tuple[str, ...] = LABORATORIES,
    seen_frac: float = 0.4,
    seed: int = 0,
    n_particles: int = 3000,
) -> Scores:
    """Score forecasts from the first `seen_frac` of life, each cell left out of what is known.

    Other laboratories are those of the shipped population, without the cell's own; their stretch
    is the card's, found without the cell's own laboratory too.
    """
    card = model_card()
    rng = np.random.default_rng(seed)
    tests = life_tests(tuple(dict.fromkeys((*laboratories, *known))))
    fits = {(t.laboratory, t.cell): fitted(t.record) for t in tests if _teaches(t)}
    kin = {
        id(t): fit_double(t.record) for t in tests if t.life_efc and t.laboratory in laboratories
    }
    scores: Scores = defaultdict(Score)
    for test in tests:
        if test.laboratory not in laboratories or not _is_usable(test, seen_frac):
            continue
        seen = test.record.until(np.floor(seen_frac * test.life_efc))
        first, age, true = seen.initial_capacity_ah(), seen.ages_efc[-1], test.life_efc
        strange = set(SHIPPED) - {test.laboratory}
        for method in (SIBLINGS, STRANGERS):
            others = [
                t for t in tests
                if t is not test and (method == SIBLINGS or t.laboratory in strange)
            ]  # fmt: skip
            groups = {
                name: [f for t in cells if (f := fits.get((t.laboratory, t.cell))) is not None]
                for name, cells in grouped(others).items()
            }
            like = test.group if method == SIBLINGS else None
            prior = population_prior(groups, like=like)
            posterior = update_trajectory(seen, first, prior, rng, n_particles=n_particles)
            lives = life_samples(posterior, test.threshold_ah, rng)
            _put(scores[method, test.laboratory], true, life_estimate(lives, age))
            if method == STRANGERS:
                row = card["laboratories"].get(test.laboratory, {})
                stretch = row.get("life_stretch_of_others_frac", card["life_stretch_frac"])
                told = life_estimate(lives, age, stretch_frac=stretch)
                _put(scores[STRETCHED, test.laboratory], true, told)
        alike = [
            kin[id(t)] for t in tests if t is not test and t.group == test.group and id(t) in kin
        ]
        lives = particle_life(seen, test.threshold_ah, alike, rng)
        _put(scores[HE_2011, test.laboratory], true, life_estimate(lives, age))
        scores[LINE, test.laboratory].add(true, line_life(seen, test.threshold_ah))
    return scores


def early_scores(
    *, seed: int = 0, n_repeats: int = 2, n_trees: int = 300, n_folds: int = 5
) -> Scores:
    """Score forecasts of the MIT cells from their first 100 charges, in folds of cells."""
    rng = np.random.default_rng(seed)
    tests = {t.cell: t for t in life_tests(("MIT",)) if t.life_efc and t.life_efc > 1.25 * N_EARLY}
    features, cells = [], []
    for (name,), rows in (
        charge_features().filter(pl.col("dataset") == "MIT").group_by("cell", maintain_order=True)
    ):
        test = tests.get(name.split("/", 1)[1].replace("_battery", ""))
        if test is not None:
            cells.append(test)
            features.append(early_features({n: rows[n].to_numpy() for n in CHARGE_FEATURES}))
    x, lives = np.array(features), np.array([t.life_efc for t in cells])
    plain = np.array([_capacity_features(t.record) for t in cells])
    scores: Scores = defaultdict(Score)
    for _ in range(n_repeats):
        order = rng.permutation(len(cells))
        for out in np.array_split(order, n_folds):
            train = np.setdiff1d(order, out)
            model = train_early_life(x[train], lives[train], rng, n_trees=n_trees)
            mean = float(np.exp(np.log(lives[train]).mean()))
            linear = _elastic_net(plain[train], np.log(lives[train]))
            for i in out:
                # The refusals are switched off: every cell counts.
                _put(
                    scores[TREES, "MIT"], lives[i], predict_life(model, x[i], 0.0, margin_frac=1e9)
                )
                told = float(np.exp(linear.predict(plain[i : i + 1])[0]))
                scores[ELASTIC_NET, "MIT"].add(lives[i], told)
                scores[TRAINED_MEAN, "MIT"].add(lives[i], mean)
                early = cells[i].record.until(N_EARLY)
                scores[LINE, "MIT"].add(lives[i], line_life(early, cells[i].threshold_ah))
    return scores


def knees() -> list[str]:
    """Return where knees are found, and how often on made-up records that have one or none."""
    rng = np.random.default_rng(0)
    n_found = n_inside = n_false = 0
    for _ in range(100):
        n = int(rng.integers(80, 1200))
        ages, place, slope = np.arange(1.0, n + 1), n * rng.uniform(0.3, 0.85), 0.08 / n
        wander = _wander(n, rng) * rng.choice([0.0005, 0.002, 0.005])
        bent = 1 - slope * ages - slope * rng.uniform(2, 8) * np.maximum(ages - place, 0)
        knee = find_knee(CapacityRecord(ages, bent + wander))
        n_found += knee.is_knee
        n_inside += knee.low_efc <= place <= knee.high_efc
        n_false += find_knee(CapacityRecord(ages, 1 - 2 * slope * ages + wander)).is_knee
    lines = [f"made-up knees: {n_found} of 100 found, 90 % interval covers {n_inside} %, "
             f"{n_false} found on straight lines"]  # fmt: skip
    for laboratory in LABORATORIES:
        records = [t.record for t in life_tests((laboratory,)) if t.record.ages_efc.size >= 12]
        found = [(k, r) for r in records if (k := find_knee(r)).is_knee]
        at = [np.interp(k.age_efc, r.ages_efc, r.capacity_ah) / r.initial_capacity_ah()
              for k, r in found]  # fmt: skip
        where = f", median at {np.median(at):.0%} of the first capacity" if at else ""
        lines.append(f"{laboratory}: a knee in {len(found)} of {len(records)} records{where}")
    return lines


def table(scores: Scores) -> list[str]:
    """Return the scores as lines of text, a row each."""
    lines = [f"{'method':40s} {'set':6s} {'n':>4s} {'mean %':>7s} {'median %':>8s} {'covers %':>8s}"
             f" {'high/low':>8s}"]  # fmt: skip
    for (method, laboratory), score in scores.items():
        n, mean, median, cover, width = score.row()
        inside = "–" if cover is None else f"{100 * cover:.0f}"
        wide = "–" if width is None else f"{width:.2f}"
        lines.append(
            f"{method:40s} {laboratory:6s} {n:4d} {100 * mean:7.1f} {100 * median:8.1f} "
            f"{inside:>8s} {wide:>8s}"
        )
    return lines


def _capacity_features(record: CapacityRecord) -> list[float]:
    """Return the features of Severson 2019 that need capacities alone: lines, first, rise, last."""
    ages = record.until(N_EARLY).ages_efc
    q = record.until(N_EARLY).capacity_ah
    whole, late = np.polyfit(ages[1:], q[1:], 1), np.polyfit(ages[-10:], q[-10:], 1)
    return [*whole, *late, q[1], q.max() - q[1], q[-1]]


def _elastic_net(features: np.ndarray, log_lives: np.ndarray) -> Pipeline:
    net = ElasticNetCV(l1_ratio=[0.1, 0.5, 0.9], cv=4, max_iter=20_000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return make_pipeline(StandardScaler(), net).fit(features, log_lives)


def _teaches(test: LifeTest) -> bool:
    return test.record.ages_efc.size >= 20 and test.record.initial_capacity_ah() > 0.5


def _is_usable(test: LifeTest, seen_frac: float) -> bool:
    if test.life_efc is None:
        return False
    return test.record.until(np.floor(seen_frac * test.life_efc)).ages_efc.size >= 8


def _put(score: Score, true: float, estimate: Estimate) -> None:
    score.add(true, estimate.value, estimate.low, estimate.high)


def _wander(n: int, rng: np.random.Generator) -> np.ndarray:
    wander, step = np.zeros(n), rng.standard_normal(n)
    for i in range(1, n):
        wander[i] = 0.9 * wander[i - 1] + 0.44 * step[i]
    return wander


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lifetime_accuracy")
    parser.add_argument("parts", nargs="*", choices=["life", "early", "knee", []], metavar="PART")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", choices=LABORATORIES, default=list(LABORATORIES))
    args = parser.parse_args()
    parts = args.parts or ["life", "early", "knee"]
    if "life" in parts:
        print("End of life from the first 40 % of life, each cell left out in turn")
        print(*table(life_scores(tuple(args.only), seed=args.seed)), sep="\n")
    if "early" in parts:
        for n_folds in (2, 5, 10):
            print(f"End of life of the MIT cells from their first 100 cycles, {n_folds} folds")
            print(*table(early_scores(seed=args.seed, n_folds=n_folds)), sep="\n")
    if "knee" in parts:
        print(*knees(), sep="\n")


if __name__ == "__main__":
    main()
