"""Whole lives of cells of six laboratories, from the shared measurements; none of them ships.

How life is defined: outliers out, then the falling-only fit of the capacity; life is the first
cycle at the threshold with three points or more at or past it. The thresholds are those that the
cells of a laboratory lastingly reach: CALCE 80 % of the rated 1.1 Ah, MIT 85 % of the rated
1.1 Ah, HUST 80 % of the first, TJU, XJTU and NASA the lowest of a few shares of the first.
"""

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from batteryloop.health.lifetime.capacity_record import (
    CapacityRecord,
    end_of_life_efc,
    without_outliers,
)

SHARED = Path(
    os.environ.get(
        "BATTERYLOOP_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"
    )
)
LABORATORIES = ("CALCE", "NASA", "MIT", "HUST", "TJU", "XJTU")
RATED_AH = 1.1
SHARES = {"NASA": (0.7, 0.75, 0.8, 0.85, 0.9), "HUST": (0.8,), "CALCE": (), "MIT": ()}
OF_RATED = {"CALCE": 0.8, "MIT": 0.85}


@dataclass(frozen=True, slots=True)
class LifeTest:
    """One cell: laboratory, name, the group of its kind and protocol, its capacities over cycles.

    `threshold_ah` and `life_efc` are None where its record never lastingly ends.
    """

    laboratory: str
    cell: str
    group: str
    record: CapacityRecord
    threshold_ah: float | None
    life_efc: float | None


def life_tests(laboratories: tuple[str, ...] = LABORATORIES) -> list[LifeTest]:
    """Return every cell of the laboratories."""
    tests = []
    if "CALCE" in laboratories:
        tests += [_test("CALCE", name, "CALCE", q) for name, q in _calce().items()]
    if "NASA" in laboratories:
        tests += [_test("NASA", name, group, q) for name, (group, q) in _nasa().items()]
    asked = [name for name in laboratories if name not in ("CALCE", "NASA")]
    if asked:
        frame = charge_features().filter(pl.col("dataset").is_in(asked))
        for (laboratory, cell), rows in frame.group_by("dataset", "cell", maintain_order=True):
            name = cell.split("/", 1)[1].replace("_battery", "")
            capacity = rows.get_column("capacity").to_numpy()
            tests.append(_test(laboratory, name, _kind(laboratory, name), capacity))
    return tests


def charge_features() -> pl.DataFrame:
    """Return the table of charge features, one row a cycle."""
    return pl.read_parquet(SHARED / "charge_features" / "charge_features.parquet")


def grouped(tests: list[LifeTest]) -> dict[str, list[LifeTest]]:
    """Return the tests by group."""
    groups: dict[str, list[LifeTest]] = defaultdict(list)
    for test in tests:
        groups[test.group].append(test)
    return groups


def _test(laboratory: str, cell: str, group: str, capacity_ah: np.ndarray) -> LifeTest:
    raw = CapacityRecord(np.arange(1.0, len(capacity_ah) + 1), capacity_ah.astype(float))
    record = without_outliers(raw)
    threshold = life = None
    if record.ages_efc.size >= 8:
        first = record.initial_capacity_ah()
        tries = (
            [OF_RATED[laboratory] * RATED_AH]
            if laboratory in OF_RATED
            else [share * first for share in SHARES.get(laboratory, (0.8, 0.85, 0.9))]
        )
        reached = [(t, end_of_life_efc(record, t)) for t in tries]
        threshold, life = next(((t, end) for t, end in reached if end is not None), (None, None))
    return LifeTest(laboratory, cell, group, record, threshold, life)


def _kind(laboratory: str, cell: str) -> str:
    """Return cells of one kind under one protocol: facts that were known before the test."""
    if laboratory == "TJU":
        kind = cell.split("_")[1] if "/" not in cell else cell.split("/")[0]
        return f"TJU {kind} {cell.split('/')[-1].split('-#')[0].rsplit('_', 1)[0]}"
    if laboratory == "XJTU":
        return f"XJTU {cell.split('/')[-1].rsplit('-', 1)[0]}"
    return f"MIT {cell[:7]}" if laboratory == "MIT" else laboratory


def _calce() -> dict[str, np.ndarray]:
    cells = {}
    for name in ("CS2_35", "CS2_36"):
        counter = pl.col("Discharge_Capacity(Ah)")
        rows = (
            pl.scan_parquet(SHARED / "cycle_life" / f"calce_{name}.parquet")
            .group_by("file", "Cycle_Index")
            .agg(pl.col("Date_Time").min().alias("at"), (counter.max() - counter.min()).alias("q"))
            .sort("at")
            .collect()
        )
        cells[name] = rows.get_column("q").to_numpy()
    return cells


def _nasa() -> dict[str, tuple[str, np.ndarray]]:
    """Return each cell's first condition (ambient temperature, current) and its capacities."""
    frame = (
        pl.scan_parquet(SHARED / "cycle_life" / "nasa_discharges.parquet")
        .group_by("cell", "cycle_number")
        .agg(
            pl.col("capacity_ahr").max().alias("q"),
            pl.col("current").min().round().alias("current"),
            pl.col("ambient_temperature").first().alias("ambient"),
        )
        .sort("cell", "cycle_number")
        .collect()
    )
    cells = {}
    for (cell,), rows in frame.group_by("cell", maintain_order=True):
        conditions = list(zip(rows["ambient"].to_list(), rows["current"].to_list(), strict=True))
        same = [condition == conditions[0] for condition in conditions]
        n = same.index(False) if False in same else len(same)
        ambient, current = conditions[0]
        group = f"NASA {ambient:g} °C {current:g} A"
        cells[cell] = (group, rows["q"].to_numpy()[:n])
    return cells
