"""`python -m benchmarks.charge_feature_accuracy [--seeds 300 …]`: capacity from charges.

Within each laboratory, two ways of splitting, cells always disjoint. `half`: trained on half of
the cells, tested on the others. `five folds`: every cell is told by a model of the other four
fifths. Prints the mean absolute percentage error (mean over cells) by seed and against the target,
extremely randomised trees on the raw table in the same run, coverage of 90 % intervals by cell,
and what the trained range refuses and its error. Then a laboratory of which five cells are
labelled: learned from these alone, learned together with the three others (features and capacity
relative to the laboratory's own), and the median of the five. `--thorough` trains on more rows and
landmarks, as is worth it for MIT.
"""

import argparse
import os
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor

from batteryloop.health.learned.blend_types import BlendSettings
from batteryloop.health.learned.cell_blend import fit_cell_blend, predict_cell_blend
from batteryloop.health.learned.charge_features import CHARGE_FEATURES
from batteryloop.health.learned.charge_history import clean_features, history_views
from batteryloop.health.learned.feature_range import check_feature_range, fit_feature_range
from batteryloop.health.learned.health_model import SETTINGS
from batteryloop.health.learned.scaling import spread_rows

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

SHARED = Path(os.environ.get("BATTERYLOOP_SHARED_DATA", "../shared/data"))
TARGETS_FRAC = {"MIT": 0.0017, "TJU": 0.010, "XJTU": 0.010, "HUST": 0.013}
THOROUGH = BlendSettings(n_rows_cell=200, n_landmarks=500, ridges_frac=(0.005,))
FEW = BlendSettings(n_landmarks=250, n_rows_cell=60, n_trees=60, n_trees_fold=30)
N_TREES = 100
N_LABELLED, N_FOLDS = 5, 5


@cache
def records(laboratory: str) -> tuple[Array, Array, Ints, dict[str, Array], Array]:
    """Return raw rows, capacity, cell, views and filled rows of a laboratory."""
    path = SHARED / "charge_features" / "charge_features.parquet"
    table = pl.read_parquet(path).filter(pl.col("dataset") == laboratory).sort("cell", "cycle")
    cells = np.unique(table["cell"].to_numpy(), return_inverse=True)[1]
    raw = table.select(CHARGE_FEATURES).to_numpy()
    own = [raw[cells == cell] for cell in np.unique(cells)]
    made = [history_views(rows) for rows in own]
    views = {name: np.concatenate([view[name] for view in made]) for name in made[0]}
    clean = np.concatenate([clean_features(rows) for rows in own])
    return raw, table["capacity"].to_numpy(), cells, views, clean


def mean_by(values: Array, cells: Ints) -> float:
    """Return the mean over cells of the mean of each."""
    return float(np.mean([values[cells == cell].mean() for cell in np.unique(cells)]))


def score(
    laboratory: str, seed: int, settings: BlendSettings, *, n_folds: int = 0
) -> dict[str, float]:
    """Return the figures of one split: one half tested, or all cells fold by fold."""
    raw, capacity, cells, views, clean = records(laboratory)
    order = np.random.default_rng(seed).permutation(cells.max() + 1)
    tests = np.array_split(order, n_folds) if n_folds else [order[len(order) // 2 :]]
    names = ("value", "low", "high", "half", "trees", "inside")
    told = {name: np.full(capacity.size, np.nan) for name in names}
    filled = np.where(np.isfinite(raw), raw, 0.0)
    for test in tests:
        is_test = np.isin(cells, test)
        is_train = ~is_test
        blend, _ = fit_cell_blend(
            {name: rows[is_train] for name, rows in views.items()},
            capacity[is_train],
            cells[is_train],
            settings,
            np.random.default_rng(1000 + seed),
        )
        found = predict_cell_blend(blend, {name: rows[is_test] for name, rows in views.items()})
        trees = ExtraTreesRegressor(N_TREES, random_state=seed)
        base = trees.fit(filled[is_train], capacity[is_train]).predict(filled[is_test])
        limits = fit_feature_range(clean[is_train])
        is_inside = check_feature_range(limits, clean[is_test]).is_inside
        parts = (found.value, found.low, found.high, found.halfwidth_frac, base, is_inside)
        for name, part in zip(names, parts, strict=True):
            told[name][is_test] = part
    is_told = np.isfinite(told["value"])
    told = {name: values[is_told] for name, values in told.items()}
    true, cell, is_inside = capacity[is_told], cells[is_told], told["inside"] > 0
    errors = np.abs(told["value"] / true - 1.0)
    is_covered = (true >= told["low"]) & (true <= told["high"])
    return {
        "error": mean_by(errors, cell),
        "trees": mean_by(np.abs(told["trees"] / true - 1.0), cell),
        "coverage": mean_by(is_covered.astype(float), cell),
        "halfwidth": mean_by(told["half"], cell),
        "refused": float(1.0 - is_inside.mean()),
        "inside": mean_by(errors[is_inside], cell[is_inside]),
        "outside": float(errors[~is_inside].mean()) if not is_inside.all() else float("nan"),
    }


def few_labels(laboratory: str, seed: int) -> dict[str, tuple[float, float]]:
    """Return error and coverage on a laboratory of which five cells are labelled."""
    thin = {name: _thinned(name) for name in TARGETS_FRAC}
    views, capacity, cells = thin[laboratory]
    order = np.random.default_rng(seed).permutation(cells.max() + 1)
    is_known = np.isin(cells, order[:N_LABELLED])
    true, cell = capacity[~is_known], cells[~is_known]

    def result(value: Array, low: Array, high: Array) -> tuple[float, float]:
        is_covered = ((true >= low) & (true <= high)).astype(float)
        return mean_by(np.abs(value / true - 1.0), cell), mean_by(is_covered, cell)

    own, _ = fit_cell_blend(
        {name: rows[is_known] for name, rows in views.items()},
        capacity[is_known],
        cells[is_known],
        FEW,
        np.random.default_rng(seed),
    )
    alone = predict_cell_blend(own, {name: rows[~is_known] for name, rows in views.items()})
    pooled_rows: dict[str, list[Array]] = {"drift": [], "rate": []}
    targets, groups = [], []
    for number, (other, (their_views, theirs, their_cells)) in enumerate(thin.items()):
        some = np.random.default_rng(seed).permutation(their_cells.max() + 1)[: 3 * N_LABELLED]
        chosen = is_known if other == laboratory else np.isin(their_cells, some)
        for name, parts in pooled_rows.items():
            rows = their_views[name][chosen]
            parts.append((rows - np.median(rows, 0)) / (rows.std(0) + 1e-9))
        targets.append(theirs[chosen] / _first(theirs[chosen], their_cells[chosen]))
        groups.append(their_cells[chosen] + 1000 * number)
    both, _ = fit_cell_blend(
        {name: np.concatenate(parts) for name, parts in pooled_rows.items()},
        np.concatenate(targets),
        np.concatenate(groups),
        FEW,
        np.random.default_rng(seed),
    )
    asked = {}
    for name in pooled_rows:
        rows = views[name][is_known]
        asked[name] = (views[name][~is_known] - np.median(rows, 0)) / (rows.std(0) + 1e-9)
    shared = predict_cell_blend(both, asked)
    scale = _first(capacity[is_known], cells[is_known])
    middle = np.full(true.size, np.median(capacity[is_known]))
    return {
        "own five": result(alone.value, alone.low, alone.high),
        "with others": result(scale * shared.value, scale * shared.low, scale * shared.high),
        "median": result(middle, middle, middle),
    }


def _thinned(laboratory: str) -> tuple[dict[str, Array], Array, Ints]:
    _, capacity, cells, views, _ = records(laboratory)
    keep = spread_rows(cells, FEW.n_rows_cell)
    return {name: rows[keep] for name, rows in views.items()}, capacity[keep], cells[keep]


def _first(capacity: Array, cells: Ints) -> float:
    return float(np.median([np.median(capacity[cells == cell][:3]) for cell in np.unique(cells)]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.charge_feature_accuracy")
    parser.add_argument("--seeds", type=int, nargs="+", default=[300, 301, 302, 303])
    parser.add_argument("--only", nargs="+", choices=list(TARGETS_FRAC), default=list(TARGETS_FRAC))
    parser.add_argument("--thorough", action="store_true")
    parser.add_argument("--no-transfer", action="store_true")
    args = parser.parse_args()
    settings = THOROUGH if args.thorough else replace(SETTINGS["charge-features"])
    print(f"Seeds {', '.join(map(str, args.seeds))}; errors and half-widths in %, mean over cells")
    _table("half", args.only, args.seeds, settings)
    _table("five folds", args.only, args.seeds[:1], settings, n_folds=N_FOLDS)
    if args.no_transfer:
        return
    print("\nA laboratory of which five cells are labelled: error % (90 % intervals cover %)")
    for laboratory in args.only:
        told = [few_labels(laboratory, seed) for seed in args.seeds[:2]]
        words = []
        for name in told[0]:
            error, cover = 100 * np.mean([run[name] for run in told], axis=0)
            words.append(f"{name} {error:.2f}" + ("" if name == "median" else f" ({cover:.0f})"))
        print(f"{laboratory:6s}" + ", ".join(words), flush=True)


def _table(
    words: str, laboratories: list[str], seeds: list[int], settings: BlendSettings, *,
    n_folds: int = 0,
) -> None:  # fmt: skip
    names = ("error", "target", "trees", "covers", "±", "refused", "inside", "outside")
    print(f"\n{words:11s}" + "".join(f"{name:>9s}" for name in names) + "  by seed", flush=True)
    for laboratory in laboratories:
        runs = [score(laboratory, seed, settings, n_folds=n_folds) for seed in seeds]
        mean = {name: 100 * float(np.nanmean([run[name] for run in runs])) for name in runs[0]}
        row = (mean["error"], 100 * TARGETS_FRAC[laboratory], mean["trees"], mean["coverage"],
               mean["halfwidth"], mean["refused"], mean["inside"], mean["outside"])  # fmt: skip
        by_seed = " ".join(f"{100 * run['error']:.2f}" for run in runs)
        line = f"{laboratory:11s}" + "".join(f"{value:9.2f}" for value in row)
        print(f"{line}  {by_seed}", flush=True)


if __name__ == "__main__":
    main()
