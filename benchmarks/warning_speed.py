"""`python -m benchmarks.warning_speed`: rows a second of the watch, beside decoding its columns.

SIMULATED packs of 96 cells, a row every 10 s; one thread, then two with a file each.
"""

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl

from batteryloop.health.warning import watch_frame
from batteryloop.simulation import Horizon, simulate_pack
from batteryloop.simulation.types import PackSpec, Sensing
from benchmarks.warning_fleet import START

COLUMNS = (
    "battery_id", "time", "current_a", "soc_frac", "n_balancing", "insulation_kohm",
    "cell_voltages_v", "cell_temperatures_degc",
)  # fmt: skip
N_PACKS, N_DAYS, N_REPEATS = 4, 60, 5


def _spec(number: int) -> PackSpec:
    sensing = Sensing(sampling_s=10.0)
    name = f"SIM-{number:05d}"
    return PackSpec(name, "NMC622", "private-ev", "temperate", 96, 156.0, 0.9, (), sensing)


def _fastest(work: Callable[[], object]) -> float:
    times = []
    for _ in range(N_REPEATS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        files, n_rows = [], 0
        for number in range(N_PACKS):
            rng = np.random.default_rng([3, number])
            pack = simulate_pack(_spec(number), Horizon(START, N_DAYS), rng=rng)
            file = Path(folder) / f"{number}.parquet"
            pack.recording.frame.select(COLUMNS).write_parquet(file)
            files.append(file)
            n_rows += pack.recording.frame.height
        identity = _spec(0).identity
        frames = [pl.read_parquet(file) for file in files]

        def watch(file: Path) -> None:
            watch_frame(pl.read_parquet(file), identity)

        watch(files[0])  # compiled and warm
        decode = _fastest(lambda: [pl.read_parquet(file) for file in files])
        memory = _fastest(lambda: [watch_frame(frame, identity) for frame in frames])
        alone = _fastest(lambda: [watch(file) for file in files])
        with ThreadPoolExecutor(2) as pool:
            shared = _fastest(lambda: list(pool.map(lambda f: watch_frame(f, identity), frames)))
            both = _fastest(lambda: list(pool.map(watch, files)))
    print(f"{N_PACKS} SIMULATED packs of 96 cells, {n_rows:,} rows; best of {N_REPEATS}")
    for words, took in (
        ("decode the columns", decode),
        ("watch, frame in memory, one thread", memory),
        ("watch, frame in memory, two threads", shared),
        ("decode and watch, one file after another", alone),
        ("decode and watch, two files at a time", both),
    ):
        print(f"{words:42}{n_rows / took:12,.0f} rows/s{took / decode:8.1f} x decoding")


if __name__ == "__main__":
    main()
