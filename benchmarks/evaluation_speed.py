"""`python -m benchmarks.evaluation_speed`: rows a second of the full evaluation of 96-cell packs.

SIMULATED packs, one a file, a row every 10 s while awake. Full means: segments, capacity,
resistance, cycles and the other features of the health report, and the warnings of 96 cells; each
step is measured by itself, all together in one process, and with two processes of a file each, as
a fleet is worked off. The floor is Arrow decoding the same columns of the same files in the same
run. CPU seconds are of all threads; rows per CPU second times two is what two idle cores would do.
"""

import gc
import os
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from batteryloop.health import evaluate
from batteryloop.health.warning import watch
from batteryloop.readers import read
from batteryloop.record import BatteryIdentity
from batteryloop.simulation import Horizon, simulate_pack
from batteryloop.simulation.types import PackSpec, Sensing
from batteryloop.storage import open_lake
from batteryloop.telemetry import Recording
from batteryloop.telemetry.segments import segments
from batteryloop.usecases.read_telemetry import for_each
from batteryloop.wiring.sources import FileSource
from benchmarks.warning_fleet import START

COLUMNS = (
    "battery_id", "time", "current_a", "voltage_v", "soc_frac", "temperature_min_degc",
    "temperature_max_degc", "cell_voltages_v", "cell_temperatures_degc", "n_balancing",
    "insulation_kohm",
)  # fmt: skip
N_PACKS, N_DAYS, N_REPEATS = 4, 180, 5


class Took(NamedTuple):
    """Seconds of wall and of CPU."""

    wall_s: float
    cpu_s: float


def identity(number: int) -> BatteryIdentity:
    return _spec(number).identity


def _spec(number: int) -> PackSpec:
    sensing = Sensing(sampling_s=10.0)
    name = f"SIM-{number:05d}"
    return PackSpec(name, "NMC622", "private-ev", "temperate", 96, 156.0, 0.9, (), sensing)


def _write(root: Path, number: int) -> tuple[Path, int]:
    rng = np.random.default_rng([3, number])
    pack = simulate_pack(_spec(number), Horizon(START, N_DAYS), rng=rng)
    frame = pack.recording.frame.select(COLUMNS)
    lake = open_lake(root / f"{number}")
    lake.append(frame, is_simulated=True)
    (file,) = (root / f"{number}").rglob("*.parquet")
    return file, frame.height


def decode(file: Path) -> None:
    """Decode the columns: the floor."""
    pq.read_table(file, columns=list(COLUMNS), use_threads=False)


def judged(file: Path, *, number: int) -> None:
    """Do everything, checks of the data included, as the commands do it."""

    def deed(who: BatteryIdentity, recording: Recording) -> None:
        evaluate(recording.frame, who, findings=recording.findings)
        watch(recording.frame, None, who)

    done = list(for_each(FileSource((file,)), identity(number), deed))
    assert done == [None], done


def unchecked(file: Path, *, number: int) -> None:
    """Decode, evaluate and watch: everything but the checks of the data."""
    frame, who = read(file).frame, identity(number)
    evaluate(frame, who)
    watch(frame, None, who)


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def timed(work: Callable[[], object]) -> Took:
    wall, cpu = time.perf_counter(), _cpu_s()
    work()
    return Took(time.perf_counter() - wall, _cpu_s() - cpu)


def best(work: Callable[[], object]) -> Took:
    """Return the least of several runs, by CPU and by wall."""
    runs = [timed(work) for _ in range(N_REPEATS)]
    return Took(min(r.wall_s for r in runs), min(r.cpu_s for r in runs))


def _one(kind: str, file: Path, number: int) -> Took:
    works: dict[str, Callable[[Path], None]] = {
        "decode": decode,
        "unchecked": partial(unchecked, number=number),
        "judged": partial(judged, number=number),
    }
    return timed(lambda: works[kind](file))


def _settled(files: list[Path]) -> None:
    """Compile and warm a worker; what is loaded by then need not be searched for garbage."""
    for kind in ("decode", "unchecked", "judged"):
        _one(kind, files[0], 0)
    gc.freeze()


def _together(pool: ProcessPoolExecutor, kind: str, files: list[Path]) -> Took:
    runs = []
    for _ in range(N_REPEATS):
        began = time.perf_counter()
        parts = list(pool.map(_one, [kind] * len(files), files, range(len(files))))
        wall = time.perf_counter() - began
        runs.append(Took(wall, sum(part.cpu_s for part in parts)))
    return Took(min(r.wall_s for r in runs), min(r.cpu_s for r in runs))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        written = [_write(Path(folder), number) for number in range(N_PACKS)]
        files, n_rows = [file for file, _ in written], sum(n for _, n in written)
        size = sum(file.stat().st_size for file in files) / n_rows
        print(
            f"{N_PACKS} SIMULATED packs of 96 cells, {n_rows:,} rows, {size:.0f} bytes a row; "
            f"least of {N_REPEATS} runs; load {os.getloadavg()[0]:.1f}"
        )
        _settled(files)
        floor = best(lambda: [decode(file) for file in files])
        _line("decode the columns (the floor)", floor, n_rows, floor)
        frames = [read(file).frame for file in files]
        parts: dict[str, Callable[[int], object]] = {
            "segments": lambda k: segments(frames[k], n_cells_series=96),
            "health report": lambda k: evaluate(frames[k], identity(k)),
            "warnings": lambda k: watch(frames[k], None, identity(k)),
        }
        for name, part in parts.items():
            took = best(lambda part=part: [part(k) for k in range(N_PACKS)])  # type: ignore[misc]
            _line(f"{name}, frame in memory", took, n_rows, floor)
        frames.clear()
        for name, work in (("full", unchecked), ("full, data checked first", judged)):
            took = best(lambda work=work: [work(f, number=k) for k, f in enumerate(files)])  # type: ignore[misc]
            _line(f"{name}, one process", took, n_rows, floor)
        settings = get_context("spawn")
        with ProcessPoolExecutor(2, settings, _settled, (files,)) as pool:
            floor = _together(pool, "decode", files)
            _line("decode, two processes", floor, n_rows, floor)
            for name, kind in (("full", "unchecked"), ("full, data checked first", "judged")):
                took = _together(pool, kind, files)
                _line(f"{name}, two processes", took, n_rows, floor)


def _line(words: str, took: Took, n_rows: int, floor: Took) -> None:
    print(
        f"{words:40}{n_rows / took.wall_s / 1e6:7.2f} M rows/s"
        f"{2 * n_rows / took.cpu_s / 1e6:8.2f} M rows/CPU s x 2"
        f"{took.cpu_s / floor.cpu_s:7.1f} x decoding"
    )


if __name__ == "__main__":
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    main()
