"""`python -m benchmarks.pulse_grading_accuracy [--seeds 300 …]`: health from pulses.

Two ways of splitting, cells always disjoint. `half`: trained on half of the physical cells, tested
on the others. `ten folds`: every cell is told by a model of the other nine tenths. Half of the
public set is about as many cells as that: the file at hand holds half of its cells. The records of
the NMC 2.1 Ah cells come from about a dozen of them, each at several ages; `by record` splits them
by name, so that a cell may have taught at another age. Prints the mean absolute percentage error
(mean over cells) by seed and against the target, extremely randomised trees on the raw voltages in
the same run, the median of the training cells, coverage of 90 % intervals by cell, and the error
by record before and after abstaining where the interval is widest (at 10 % of the cells).
`together` is no single pulse: the median over the pulses of one cell at its ten states of charge.
"""

import argparse
import os
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor

from batteryloop.health.learned.cell_blend import fit_cell_blend, predict_cell_blend
from batteryloop.health.learned.health_model import SETTINGS
from batteryloop.health.learned.pulse_response import PULSE_VOLTAGES, pulse_views

Array = NDArray[np.float64]

SHARED = Path(os.environ.get("BATTERYLOOP_SHARED_DATA", "../shared/data"))
TARGETS_FRAC = {"10Ah LMO": 0.032, "2.1Ah NMC": 0.032, "21Ah NMC": 0.016, "35Ah LFP": 0.036}
N_TREES, N_FOLDS = 60, 10


def records(
    batch: str, *, by_record: bool = False
) -> tuple[Array, Array, NDArray[np.int64], NDArray[np.int64]]:
    """Return voltages, state of health, physical cell and tested state of each record."""
    path = SHARED / "retired_cells" / "pulse_response.parquet"
    table = pl.read_parquet(path).filter(pl.col("batch") == batch).sort("cell", "SOC")
    # "H4-600" is the cell H4 after 600 cycles.
    is_aged_here = batch.startswith("2.1") and not by_record
    names = [name.split("-")[0] if is_aged_here else name for name in table["ID"]]
    cells = np.unique(names, return_inverse=True)[1]
    states = np.unique(table["cell"].to_numpy(), return_inverse=True)[1]
    voltages = table.select(PULSE_VOLTAGES).to_numpy()
    return voltages, table["SOH"].to_numpy(), cells, states


def mean_by(values: Array, cells: NDArray[np.int64]) -> float:
    """Return the mean over cells of the mean of each."""
    return float(np.mean([values[cells == cell].mean() for cell in np.unique(cells)]))


def score(batch: str, seed: int, *, n_folds: int = 0, by_record: bool = False) -> dict[str, float]:
    """Return the figures of one split: one half tested, or all cells fold by fold."""
    voltage_v, soh, cells, states = records(batch, by_record=by_record)
    order = np.random.default_rng(seed).permutation(cells.max() + 1)
    tests = np.array_split(order, n_folds) if n_folds else [order[len(order) // 2 :]]
    told = {name: np.full(len(soh), np.nan) for name in ("value", "low", "high", "half", "trees")}
    middle = np.full(len(soh), np.nan)
    views = pulse_views(voltage_v)
    for test in tests:
        is_test = np.isin(cells, test)
        is_train = ~is_test
        blend, _ = fit_cell_blend(
            {name: rows[is_train] for name, rows in views.items()},
            soh[is_train],
            cells[is_train],
            SETTINGS["pulses"],
            np.random.default_rng(1000 + seed),
        )
        found = predict_cell_blend(blend, {name: rows[is_test] for name, rows in views.items()})
        trees = ExtraTreesRegressor(N_TREES, random_state=seed)
        raw = trees.fit(voltage_v[is_train], soh[is_train]).predict(voltage_v[is_test])
        parts = (found.value, found.low, found.high, found.halfwidth_frac, raw)
        for name, part in zip(told, parts, strict=True):
            told[name][is_test] = part
        middle[is_test] = np.median(soh[is_train])
    is_told = np.isfinite(told["value"])
    told = {name: values[is_told] for name, values in told.items()}
    true, cell, state = soh[is_told], cells[is_told], states[is_told]
    errors = np.abs(told["value"] / true - 1.0)
    shown = np.unique(state)
    half = np.array([told["half"][state == s].mean() for s in shown])
    kept = np.isin(state, shown[half <= np.quantile(half, 0.9)])
    is_covered = (true >= told["low"]) & (true <= told["high"])
    together = np.array([np.median(told["value"][state == s]) for s in state])
    return {
        "error": mean_by(errors, cell),
        "together": mean_by(np.abs(together / true - 1.0), cell),
        "trees": mean_by(np.abs(told["trees"] / true - 1.0), cell),
        "median": mean_by(np.abs(middle[is_told] / true - 1.0), cell),
        "coverage": mean_by(is_covered.astype(float), cell),
        "halfwidth": float(told["half"].mean()),
        "all": float(errors.mean()),
        "kept": float(errors[kept].mean()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pulse_grading_accuracy")
    parser.add_argument("--seeds", type=int, nargs="+", default=[300, 301, 302, 303])
    seeds = parser.parse_args().seeds
    print(f"Seeds {', '.join(map(str, seeds))}; errors and half-widths in %, mean over cells")
    _table("half", list(TARGETS_FRAC), seeds)
    _table("half, by record", ["2.1Ah NMC"], seeds, by_record=True)
    _table("ten folds", list(TARGETS_FRAC), seeds[:2], n_folds=N_FOLDS)
    _table("ten folds, by record", ["2.1Ah NMC"], seeds[:2], n_folds=N_FOLDS, by_record=True)


def _table(
    words: str, batches: list[str], seeds: list[int], *, n_folds: int = 0, by_record: bool = False
) -> None:
    names = ("error", "target", "together", "trees", "median", "covers", "±", "all", "abstaining")
    print(f"\n{words:21s}" + "".join(f"{name:>11s}" for name in names) + "  by seed")
    for batch in batches:
        runs = [score(batch, seed, n_folds=n_folds, by_record=by_record) for seed in seeds]
        mean = {name: 100 * float(np.mean([run[name] for run in runs])) for name in runs[0]}
        row = (mean["error"], 100 * TARGETS_FRAC[batch], mean["together"], mean["trees"],
               mean["median"], mean["coverage"], mean["halfwidth"], mean["all"],
               mean["kept"])  # fmt: skip
        by_seed = " ".join(f"{100 * run['error']:.1f}" for run in runs)
        line = f"{batch:21s}" + "".join(f"{value:11.2f}" for value in row)
        print(f"{line}  {by_seed}", flush=True)


if __name__ == "__main__":
    main()
