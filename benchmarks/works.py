"""What is measured: each work by name, and its floor, the decoding of the same columns."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from batteryloop.telemetry.cycles import cycles
from batteryloop.telemetry.segments import segments
from benchmarks import data

FLEET_COLUMNS = (
    "battery_id",
    "time",
    "current_a",
    "voltage_v",
    "soc_frac",
    "temperature_min_degc",
    "temperature_max_degc",
)
CYCLER_COLUMNS = (
    "battery_id",
    "time",
    "current_a",
    "voltage_v",
    "temperature_degc",
    "cycle_count",
    "step_index",
    "charge_capacity_ah",
    "discharge_capacity_ah",
    "charge_energy_wh",
    "discharge_energy_wh",
)


@dataclass(frozen=True, slots=True)
class Work:
    """A name, the data it needs, what it does (returning the rows of its result), its floor."""

    name: str
    about: str
    make: Callable[[], Path]
    run: Callable[[Path], int]
    n_rows: int
    floor: str = ""


def _decode(path: Path, columns: tuple[str, ...]) -> int:
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    return sum(
        pl.scan_parquet(file).select(columns).collect(engine="streaming").height for file in files
    )


def _segments(path: Path) -> int:
    return segments(pl.scan_parquet(path / "*.parquet")).collect().height


def _cycles(path: Path) -> int:
    return cycles(pl.scan_parquet(path)).height


_N_FLEET = data.N_FILES * data.N_PACKS_A_FILE * data.N_PACK_ROWS
_N_CYCLER = data.N_CELLS * data.N_CELL_ROWS

WORKS = (
    Work(
        "fleet-floor", f"Polars decodes the {len(FLEET_COLUMNS)} columns of 50 files, file by file",
        data.fleet, lambda path: _decode(path, FLEET_COLUMNS), _N_FLEET,
    ),
    Work(
        "segments", "segments of 1,000 packs x 50,000 rows, streamed from 50 files",
        data.fleet, _segments, _N_FLEET, "fleet-floor",
    ),
    Work(
        "cycler-floor", f"Polars decodes the {len(CYCLER_COLUMNS)} columns of one file",
        data.cycler, lambda path: _decode(path, CYCLER_COLUMNS), _N_CYCLER,
    ),
    Work(
        "cycles", "cycle table of 20 cells x 250,000 rows, every figure",
        data.cycler, _cycles, _N_CYCLER, "cycler-floor",
    ),
)  # fmt: skip
