"""`python -m benchmarks.matching`: modules into packs, against random, sorting, bound and exact.

First 10,000 modules into 1,000 packs of 10 by two features, drawn from a normal distribution of
correlation -0.5 (SIMULATED; squared spread in standard deviations). Then small batches, heuristic
against exact. Then the real retired cells, eight in series, where their folder is at hand.
"""

import os
import time
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from batteryloop.circular.remanufacture.exact import best_grouping
from batteryloop.circular.remanufacture.group import grouped, spread_bound, squared_spread
from batteryloop.circular.remanufacture.types import PackDesign
from batteryloop.usecases.match_modules import match_modules

N, K = 10_000, 10


def _points(seed: int, n: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.multivariate_normal([0.0, 0.0], [[1.0, -0.5], [-0.5, 1.0]], n)


def large() -> None:
    grouped(_points(9, 200), K, rng=np.random.default_rng(0))  # compiled and warm
    print(f"{N:,} modules into packs of {K}, SIMULATED, load {os.getloadavg()[0]:.1f}")
    print(f"{'seed':>5}{'random':>10}{'sorted':>10}{'matched':>10}", end="")
    print(f"{'bound':>8}{'wall s':>8}{'CPU s':>8}")
    for seed in range(3):
        points = _points(seed, N)
        began, cpu = time.perf_counter(), time.process_time()
        label = grouped(points, K, rng=np.random.default_rng(seed))
        wall_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
        by_first = np.empty(N, dtype=np.int64)
        by_first[np.argsort(points[:, 0])] = np.arange(N) // K
        shares = [squared_spread(points, part, K) for part in (np.arange(N) // K, by_first, label)]
        print(
            f"{seed:>5}{shares[0]:>10,.0f}{shares[1]:>10,.0f}{shares[2]:>10.2f}"
            f"{spread_bound(points, K):>8.1f}{wall_s:>8.2f}{cpu_s:>8.2f}"
        )


def small() -> None:
    print("\nsmall batches, SIMULATED: how far the search is from the exact set partition")
    for n, k in ((16, 4), (20, 5), (24, 4)):
        over, took = [], []
        for seed in range(5):
            points = _points(100 + seed, n)
            label = grouped(points, k, rng=np.random.default_rng(seed))
            began = time.process_time()
            best, bound = best_grouping(points, k, label)
            took.append(time.process_time() - began)
            exact = squared_spread(points, best, k)
            if not np.isclose(bound, exact, rtol=1e-6):
                raise SystemExit(f"not proven: {bound} below {exact}")
            over.append(squared_spread(points, label, k) / exact - 1.0)
        print(
            f"{n} modules in packs of {k}: search over exact by {np.mean(over):.1%} on average, "
            f"{max(over):.1%} at most; exact in {np.mean(took):.1f} s of CPU"
        )


def retired(folder: Path) -> None:
    table = pl.read_parquet(folder / "retired_cells" / "pulse_response.parquet")
    print("\nreal retired cells (PulseBat), eight in series: share of the capacity that packs use")
    for kind in table["batch"].unique().sort():
        rows = table.filter((pl.col("batch") == kind) & (pl.col("SOC") == 50))
        rows = rows.unique("cell", keep="first").sort("cell")
        # The step of the first pulse stands for the resistance; per unit of current it is the same.
        cells = pl.DataFrame(
            {
                "module_id": rows["cell"],
                "capacity_ah": rows["Q"],
                "resistance_ohm": (rows["U1"] - rows["U2"]).abs() / (0.5 * rows["Qn"]),
            }
        )
        used = {}
        for objective in ("capacity", "spread"):
            found = match_modules(
                cells, PackDesign(8), on=date(2026, 11, 25), rng=np.random.default_rng(0),
                objective=objective,
            )  # fmt: skip
            used[objective] = found.matching.usable_frac
        rng = np.random.default_rng(1)
        order = np.argsort(-cells["capacity_ah"].to_numpy(), kind="stable")
        n = cells.height // 8 * 8
        kept = cells["capacity_ah"].to_numpy()[np.sort(order[:n])]
        random = (
            np.mean(
                [8.0 * rng.permutation(kept).reshape(-1, 8).min(axis=1).sum() for _ in range(500)]
            )
            / kept.sum()
        )
        print(
            f"{kind:10} {cells.height:>3} cells: random {random:.3f}, sorted by capacity "
            f"{used['capacity']:.3f}, matched in capacity and resistance {used['spread']:.3f}"
        )


def main() -> None:
    large()
    small()
    here = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("BATTERYLOOP_SHARED_DATA", here))
    if folder.is_dir():
        retired(folder)
    else:
        print("\nreal retired cells: not at hand; set BATTERYLOOP_SHARED_DATA")


if __name__ == "__main__":
    main()
