"""Faults put into the cell voltages of a real Leaf, and a short simulated by others.

The measurements are not part of the project; see the data's own README for origin and licence.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.health.warning import watch_frame
from batteryloop.health.warning.cells import as_matrix
from batteryloop.health.warning.types import CELL_KINDS
from batteryloop.health.warning.watch import cell_score_peaks
from batteryloop.readers import read
from batteryloop.record.types import BatteryIdentity
from batteryloop.telemetry.frame import TIME

LEAF = BatteryIdentity("LEAF-2013", "LMO", 66.0, 96)
_AGED_AH = 54.0
_SEED = 5
Array = NDArray[np.float64]
# kind, strength low and high, unit
STRENGTHS = {
    "internal-short": (20.0, 500.0, "ohm"),
    "weak-cell": (0.05, 0.3, "share in 100 days"),
    "loose-connection": (3e-4, 3e-3, "ohm"),
    "voltage-sensor": (0.01, 0.08, "V in 30 days"),
    "stuck-reading": (1.0, 1.0, ""),
}


def leaf_frame(shared_data: Path) -> pl.DataFrame:
    """Return the Leaf's record."""
    return read(shared_data / "field_ev" / "leaf_2013.parquet").frame


def injected(
    frame: pl.DataFrame, kind: str, strength: float, cell: int, onset_day: float
) -> pl.DataFrame:
    """Return the frame with a fault added to one cell's measured voltages, in steps of 1 mV.

    The slope of the open-circuit voltage is fitted to the car's own rests, not taken from the
    curve that the watch uses.
    """
    cells = as_matrix(frame.get_column("cell_voltages_v")).astype(np.float64)
    time_us = frame.get_column("time").to_physical().to_numpy()
    current = frame.get_column("current_a").fill_null(0.0).to_numpy()
    soc = frame.get_column("soc_frac").forward_fill().backward_fill().to_numpy()
    days = np.maximum((time_us - time_us[0]) / 86_400e6 - onset_day, 0.0)
    began = (time_us - time_us[0]) / 86_400e6 >= onset_day
    slope = _own_slope(cells, current, soc)
    middle = np.nanmedian(cells, axis=1)
    added: dict[str, Callable[[], Array]] = {
        # what leaks is topped up by balancing once the gap is a third of the charge: stop there
        "internal-short": lambda: -slope * np.minimum(3.8 / strength * 24.0 * days / _AGED_AH, 0.3),
        "weak-cell": lambda: slope * np.minimum(strength * days / 100.0, 0.5) * (soc - 0.6),
        "loose-connection": lambda: (
            current * strength * np.minimum(0.1 + 0.9 * days / 30.0, 2.0) * began
        ),
        "voltage-sensor": lambda: strength * np.minimum(days / 30.0, 2.0),
        "stuck-reading": lambda: np.where(
            began, middle[int(np.argmax(began))] - cells[:, cell], 0.0
        ),
    }
    cells[:, cell] = np.rint((cells[:, cell] + added[kind]()) * 1000.0) / 1000.0
    lists = pl.Series("cell_voltages_v", values=cells.astype(np.float32)).cast(pl.List(pl.Float32))
    return frame.with_columns(lists)


def _own_slope(cells: Array, current: Array, soc: Array) -> Array:
    resting = (np.abs(current) < 5.0) & np.isfinite(soc)
    fit = np.polyfit(soc[resting], np.nanmedian(cells[resting], axis=1), 3)
    return np.asarray(np.clip(np.polyval(np.polyder(fit), soc), 0.05, 2.0))


def report_leaf(shared_data: Path, budget: float, *, n_each: int = 20) -> None:
    """Print what the untouched car raises, and what is found of each kind put into it."""
    frame = leaf_frame(shared_data)
    untouched = watch_frame(frame, LEAF, budget_per_year=budget)
    print(f"\nreal Leaf, untouched: {len(untouched)} warnings, "
          f"{sum(w.severity >= 3 for w in untouched)} of severity 3+")  # fmt: skip
    for w in untouched:
        print(
            f"  {w.raised_at:%Y-%m-%d %H:%M} {w.kind} {w.cell_label} "
            f"severity {w.severity}: {w.found}"
        )
    known = {(w.kind, w.cell) for w in untouched}
    healthy = cell_score_peaks(frame, LEAF)
    rng = np.random.default_rng(_SEED)
    print("real Leaf, faults put in: AUROC of the cell against its 95 untouched neighbours")
    print(
        f"{'kind':18}{'runs':>5}{'AUROC':>7}{'warned':>8}{'cell ok':>9}{'kind ok':>9}{'delay d':>9}"
    )
    for kind, (low, high, _) in STRENGTHS.items():
        row = CELL_KINDS.index(kind)
        areas, delays, named = [], [], Counter[str]()
        n_cell = n_kind = 0
        for _ in range(n_each):
            cell = int(rng.integers(96))
            strength = float(np.exp(rng.uniform(np.log(low), np.log(high))))
            onset = float(rng.uniform(40.0, 400.0))
            changed = injected(frame, kind, strength, cell, onset)
            peak = cell_score_peaks(changed, LEAF)[row, cell]
            others = np.delete(healthy[row], cell)
            areas.append(float(np.mean((peak > others) + 0.5 * (peak == others))))
            new = [
                w
                for w in watch_frame(changed, LEAF, budget_per_year=budget)
                if w.cell is not None and (w.kind, w.cell) not in known
            ]
            if new:
                n_cell += new[0].cell == cell
                named[new[0].kind] += 1
                n_kind += new[0].kind == kind and new[0].cell == cell
                began = frame.get_column("time")[0].timestamp() + onset * 86_400
                delays.append((new[0].raised_at.timestamp() - began) / 86_400)
        delay = f"{np.median(delays):9.1f}" if delays else f"{'-':>9}"
        print(
            f"{kind:18}{n_each:5d}{np.mean(areas):7.3f}{len(delays):5d}/{n_each:<2d}"
            f"{n_cell:6d}/{n_each:<2d}{n_kind:6d}/{n_each:<2d}{delay}   "
            + ", ".join(f"{name} {n}" for name, n in named.most_common())
        )


def short_frame(shared_data: Path) -> pl.DataFrame:
    """Return the twelve cells simulated by BattDiag, 10 rows a second."""
    raw = pl.read_csv(shared_data / "fault" / "internal_short_SIMULATED.csv")
    n = raw.height
    cells = raw.select(pl.col("^U_.*_V$")).to_numpy().astype(np.float32)
    return pl.DataFrame(
        {
            "battery_id": ["BATTDIAG-SIMULATED"] * n,
            "time": pl.Series(np.arange(n, dtype=np.int64) * 100_000).cast(TIME),
            "current_a": raw.get_column("I_A"),
            "cell_voltages_v": pl.Series(values=cells).cast(pl.List(pl.Float32)),
        }
    )


def report_short(shared_data: Path, budget: float) -> None:
    """Print what is said of the simulated short: 1 ohm in cell 1 at 900 s."""
    print("SIMULATED short of 1 ohm in cell 1 at 900 s (BattDiag):")
    identity = BatteryIdentity("BATTDIAG-SIMULATED", n_cells_series=12)
    for w in watch_frame(short_frame(shared_data), identity, budget_per_year=budget):
        print(f"  {w.raised_at.timestamp():.0f} s: {w.kind} {w.cell_label} severity {w.severity}, "
              f"{w.found}, sure {w.confidence_frac:.2f}")  # fmt: skip
