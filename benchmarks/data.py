"""The data that is measured on: made here from a seed, SIMULATED, written once."""

from pathlib import Path

import numpy as np
import polars as pl

FOLDER = Path(__file__).parent / "data"
CYCLER = FOLDER / "cycler_SIMULATED.parquet"
FLEET = FOLDER / "fleet_SIMULATED"

N_CELLS, N_CELL_ROWS = 20, 250_000
N_FILES, N_PACKS_A_FILE, N_PACK_ROWS = 50, 20, 50_000

_START = np.datetime64("2026-01-01T00:00:00", "us")
# one cycle of the tester: kind, rows, seconds between rows
_REST, _CC, _CV, _DISCHARGE = (6, 10.0), (160, 30.0), (24, 60.0), (110, 30.0)


def cycler() -> Path:
    """Return the frame of 5 million rows: 20 cells on a tester, 1C out, 0.5C in, CV, rests."""
    if not CYCLER.exists():
        FOLDER.mkdir(exist_ok=True)
        frames = [_cell(cell) for cell in range(N_CELLS)]
        pl.concat(frames).write_parquet(
            CYCLER, compression="zstd", metadata={"SIMULATED": "benchmarks/data.py"}
        )
    return CYCLER


def fleet() -> Path:
    """Return the folder of 50 files, each 20 packs of 50,000 rows: drives, charges, rests."""
    FLEET.mkdir(parents=True, exist_ok=True)
    for number in range(N_FILES):
        path = FLEET / f"packs-{number:02d}.parquet"
        if not path.exists():
            part = path.with_suffix(".part")
            _packs(number).write_parquet(
                part, compression="zstd", metadata={"SIMULATED": "benchmarks/data.py"}
            )
            part.rename(path)
    return FLEET


def _cell(cell: int) -> pl.DataFrame:
    """One cell: capacity falls from 1.1 Ah; counters count on; samples carry a tester's noise."""
    rng = np.random.default_rng([7, cell])
    parts = (_REST, _CC, _CV, _REST, _DISCHARGE, _REST)
    rows = np.array([n for n, _ in parts])
    a_cycle = int(rows.sum())
    n_cycles = -(-N_CELL_ROWS // a_cycle)
    step = np.tile(np.repeat(np.arange(1, 7), rows), n_cycles)[:N_CELL_ROWS]
    dt = np.tile(np.repeat([s for _, s in parts], rows), n_cycles)[:N_CELL_ROWS]
    place = np.tile(np.concatenate([np.arange(n) / n for n in rows]), n_cycles)[:N_CELL_ROWS]
    cycle = np.repeat(np.arange(1, n_cycles + 1), a_cycle)[:N_CELL_ROWS]
    fade = 1.0 - 0.3 * cycle / n_cycles
    level = np.select(
        [step == 2, step == 3, step == 5],
        [0.55 * fade, 0.55 * fade * np.exp(-3 * place), -1.1 * fade],
    )
    current = level + np.where(level != 0, rng.normal(0, 2e-4, level.size), 0.0)
    charged = np.cumsum(np.maximum(current, 0) * dt) / 3600
    discharged = np.cumsum(np.maximum(-current, 0) * dt) / 3600
    open_v = 3.4 + 0.75 * np.select([step <= 2, step >= 5], [0.9 * place, 1 - place], 0.95)
    voltage = open_v + current * (0.08 + 0.05 * cycle / n_cycles)
    voltage += rng.normal(0, 1e-4, level.size)
    power = current * voltage
    time = _START + np.round(np.cumsum(dt) * 1e6 + rng.integers(0, 20_000, dt.size)).astype(
        "timedelta64[us]"
    )
    return pl.DataFrame(
        {
            "battery_id": np.full(N_CELL_ROWS, f"CELL-{cell:02d}"),
            "time": time,
            "current_a": current.round(6),
            "voltage_v": voltage.round(6),
            "temperature_degc": (25 + 6 * np.abs(current) + rng.normal(0, 0.05, dt.size)).round(3),
            "cycle_count": cycle,
            "step_index": step,
            "charge_capacity_ah": charged.round(6),
            "discharge_capacity_ah": discharged.round(6),
            "charge_energy_wh": (np.cumsum(np.maximum(power, 0) * dt) / 3600).round(6),
            "discharge_energy_wh": (np.cumsum(np.maximum(-power, 0) * dt) / 3600).round(6),
        }
    ).with_columns(pl.col("time").dt.replace_time_zone("UTC"))


def _packs(number: int) -> pl.DataFrame:
    """One file of packs: a day of drives that brake, rests and a night's charge, every 10 s."""
    rng = np.random.default_rng([11, number])
    shape = (N_PACKS_A_FILE, N_PACK_ROWS)
    hour = (np.arange(N_PACK_ROWS)[None, :] / 360 + rng.uniform(0, 3, (N_PACKS_A_FILE, 1))) % 24
    is_drive = ((hour > 7) & (hour < 8.5)) | ((hour > 17) & (hour < 18.5))
    is_charge = (hour > 22) | (hour < 2)
    load = rng.normal(0, 1, shape)
    current = np.where(
        is_drive, -30 + 45 * load, np.where(is_charge, 22.5 + 0.1 * load, 0.05 * load)
    )
    current = np.round(current, 1)
    soc = 0.8 + np.cumsum(current, axis=1) * 10 / 3600 / 150
    soc = np.clip(soc, 0.02, 1.0)
    cell = 3.45 + 0.6 * soc + current * 5e-4
    degrees = 24 + 6 * is_drive + rng.normal(0, 0.4, shape)
    first = _START + (rng.integers(0, 86_400, N_PACKS_A_FILE) * 1_000_000).astype("timedelta64[us]")
    time = first[:, None] + (np.arange(N_PACK_ROWS) * 10_000_000).astype("timedelta64[us]")
    names = [f"PACK-{number * N_PACKS_A_FILE + k:05d}" for k in range(N_PACKS_A_FILE)]
    return pl.DataFrame(
        {
            "battery_id": np.repeat(names, N_PACK_ROWS),
            "time": time.ravel(),
            "current_a": current.ravel(),
            "voltage_v": np.round(96 * cell + 0.1 * load, 1).ravel(),
            "soc_frac": np.round(soc, 3).ravel(),
            "temperature_min_degc": np.round(degrees - 2).ravel(),
            "temperature_max_degc": np.round(degrees).ravel(),
            "cell_voltage_min_v": np.round(cell - 0.008, 3).ravel(),
            "cell_voltage_max_v": np.round(cell + 0.006, 3).ravel(),
        }
    ).with_columns(pl.col("time").dt.replace_time_zone("UTC"))
