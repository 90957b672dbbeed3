"""`python -m benchmarks.pulse_grading_accuracy [--seeds 0 1 …]`: health from pulses.

Trained on half of the physical cells, tested on the others; the records of the NMC 2.1 Ah cells
come from about a dozen of them, each at several ages. Prints the mean absolute percentage error
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
N_TREES = 60


def records(batch: str) -> tuple[Array, Array, NDArray[np.int64], NDArray[np.int64]]:
    """Return voltages, state of health, physical cell and tested state of each record."""
    path = SHARED / "retired_cells" / "pulse_response.parquet"
    table = pl.read_parquet(path).filter(pl.col("batch") == batch).sort("cell", "SOC")
    # "H4-600" is the cell H4 after 600 cycles.
    is_aged_here = batch.startswith("2.1")
    names = [name.split("-")[0] if is_aged_here else name for name in table["ID"]]
    cells = np.unique(names, return_inverse=True)[1]
    states = np.unique(table["cell"].to_numpy(), return_inverse=True)[1]
    voltages = table.select(PULSE_VOLTAGES).to_numpy()
    return voltages, table["SOH"].to_numpy(), cells, states


def mean_by(values: Array, cells: NDArray[np.int64]) -> float:
    """Return the mean over cells of the mean of each."""
    return float(np.mean([values[cells == cell].mean() for cell in np.unique(cells)]))


def score(batch: str, seed: int) -> dict[str, float]:
    """Return the figures of one split."""
    voltage_v, soh, cells, states = records(batch)
    order = np.random.default_rng(seed).permutation(cells.max() + 1)
    is_train = np.isin(cells, order[: len(order) // 2])
    is_test = ~is_train
    views = pulse_views(voltage_v)
    blend, _ = fit_cell_blend(
        {name: rows[is_train] for name, rows in views.items()},
        soh[is_train],
        cells[is_train],
        SETTINGS["pulses"],
        np.random.default_rng(1000 + seed),
    )
    found = predict_cell_blend(blend, {name: rows[is_test] for name, rows in views.items()})
    true, cell, state = soh[is_test], cells[is_test], states[is_test]
    errors = np.abs(found.value / true - 1.0)
    trees = ExtraTreesRegressor(N_TREES, random_state=seed)
    raw = trees.fit(voltage_v[is_train], soh[is_train]).predict(voltage_v[is_test])
    shown = np.unique(state)
    half = np.array([found.halfwidth_frac[state == s].mean() for s in shown])
    kept = np.isin(state, shown[half <= np.quantile(half, 0.9)])
    is_covered = (true >= found.low) & (true <= found.high)
    together = np.array([np.median(found.value[state == s]) for s in state])
    return {
        "error": mean_by(errors, cell),
        "together": mean_by(np.abs(together / true - 1.0), cell),
        "trees": mean_by(np.abs(raw / true - 1.0), cell),
        "median": mean_by(np.abs(np.median(soh[is_train]) / true - 1.0), cell),
        "coverage": mean_by(is_covered.astype(float), cell),
        "halfwidth": float(found.halfwidth_frac.mean()),
        "all": float(errors.mean()),
        "kept": float(errors[kept].mean()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pulse_grading_accuracy")
    parser.add_argument("--seeds", type=int, nargs="+", default=[100, 101, 102, 103])
    seeds = parser.parse_args().seeds
    print(f"Seeds {', '.join(map(str, seeds))}; errors and half-widths in %, mean over cells")
    names = ("error", "target", "together", "trees", "median", "covers", "±", "all", "abstaining")
    print(f"{'batch':10s}" + "".join(f"{name:>11s}" for name in names) + "  by seed")
    for batch, target in TARGETS_FRAC.items():
        runs = [score(batch, seed) for seed in seeds]
        mean = {name: 100 * float(np.mean([run[name] for run in runs])) for name in runs[0]}
        row = (mean["error"], 100 * target, mean["together"], mean["trees"], mean["median"],
               mean["coverage"], mean["halfwidth"], mean["all"], mean["kept"])  # fmt: skip
        by_seed = " ".join(f"{100 * run['error']:.1f}" for run in runs)
        print(f"{batch:10s}" + "".join(f"{value:11.2f}" for value in row) + f"  {by_seed}")


if __name__ == "__main__":
    main()
