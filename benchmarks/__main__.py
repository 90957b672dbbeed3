"""`python -m benchmarks [segments] [cycles] [peers]`: print what each costs beside its floor.

Every figure is of a process of its own: CPU (user and system, all threads) and peak memory as the
system counts them, medians over rounds in which floor and work take turns. Peers are run where
BATTERYLOOP_PEERS_PYTHON names an interpreter that has them installed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import data
from benchmarks.works import WORKS, Work

ROOT = Path(__file__).resolve().parents[1]
PEERS = {"pyprobe": data.N_CELLS, "battdat": 4, "beep": 1}  # the slower, the fewer cells
MEASURED = [work.name for work in WORKS if work.floor]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join([*MEASURED, 'peers'])}")
    parser.add_argument("--rounds", type=int, default=3, help="processes of each")
    parser.add_argument("--repeat", type=int, default=3, help="warm runs in each process")
    args = parser.parse_args()
    unknown = set(args.names) - {*MEASURED, "peers"}
    if unknown:
        parser.error(f"not known: {', '.join(sorted(unknown))}")
    asked = args.names or [*MEASURED, "peers"]
    console = Console(width=132)
    load = os.getloadavg()[0]
    console.print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load {load:.1f}")
    table = _head("SIMULATED data, from Parquet to result", "against its floor")
    for name in asked:
        if name != "peers":
            _add_pair(table, next(w for w in WORKS if w.name == name), args.rounds, args.repeat)
    if table.rows:
        console.print(table)
    if "peers" in asked:
        console.print(_peers(args.repeat))


def _head(title: str, last: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("work")
    for column in ("rows", "CPU s", "wall s", "M rows/s", "peak MB", "first s", "cold s"):
        table.add_column(column, justify="right")
    table.add_column(last, justify="right")
    return table


def _child(work: Work, repeat: int, **env: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.child", work.name, str(repeat)]
    return _json(command, ROOT, env)


def _json(command: list[str], folder: Path, env: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1:] or ["no word"]}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _add_pair(table: Table, work: Work, rounds: int, repeat: int) -> None:
    floor = next(w for w in WORKS if w.name == work.floor)
    work.make()
    _child(work, 0)  # compile and fill the caches, not counted
    turns = [(_child(floor, repeat), _child(work, repeat)) for _ in range(rounds)]
    with tempfile.TemporaryDirectory() as folder:
        cold = _child(work, 0, NUMBA_CACHE_DIR=folder)["first"][0]
    floor_cpu = _add_row(table, floor, [turn[0] for turn in turns], "")
    _add_row(table, work, [turn[1] for turn in turns], f"{cold:.1f}", floor_cpu)


def _add_row(
    table: Table, work: Work, runs: list[dict[str, Any]], cold: str, floor_cpu_s: float = 0.0
) -> float:
    walls, cpus = zip(*(pair for run in runs for pair in run["warm"]), strict=True)
    cpu_s, wall_s = median(cpus), median(walls)
    ratio = f"{cpu_s / floor_cpu_s:.2f} x its CPU" if floor_cpu_s else "the floor"
    table.add_row(
        f"{work.name}: {work.about}",
        f"{work.n_rows:,}",
        f"{cpu_s:.2f}",
        f"{wall_s:.2f}",
        f"{work.n_rows / wall_s / 1e6:.1f}",
        f"{max(run['peak_mb'] for run in runs):.0f}",
        f"{median(run['first'][0] for run in runs):.1f}",
        cold,
        ratio,
    )
    return cpu_s


def _peers(repeat: int) -> Table:
    """Return others' cycle summaries of the same file beside ours, by rows a second."""
    work = next(w for w in WORKS if w.name == "cycles")
    path = work.make()
    ours = _child(work, repeat)
    walls, cpus = zip(*ours["warm"], strict=True)
    own_wall, own_cpu = (work.n_rows / median(v) / 1e6 for v in (walls, cpus))
    table = Table(title="Cycle summaries of the same file", title_justify="left")
    for column in ("package", "gives", "rows", "M rows/s", "M rows/CPU s", "peak MB"):
        table.add_column(column, justify="left" if column in ("package", "gives") else "right")
    table.add_column("ours is faster by (wall, CPU)", justify="right")
    gives = "capacity, energy, efficiency, resistance"
    peak = f"{ours['peak_mb']:.0f}"
    table.add_row(
        "batteryloop", gives, f"{work.n_rows:,}", f"{own_wall:.2f}", f"{own_cpu:.2f}", peak, ""
    )
    python = os.environ.get("BATTERYLOOP_PEERS_PYTHON")
    for name, n_cells in PEERS.items():
        if python is None:
            table.add_row(name, "not run: set BATTERYLOOP_PEERS_PYTHON", "", "", "", "", "")
            continue
        command = [python, f"{name}_cycles.py", str(path), str(n_cells), str(min(repeat, 3))]
        found = _json(command, ROOT / "benchmarks" / "peers", {})
        if "failed" in found:
            table.add_row(name, f"failed: {found['failed'][0]}", "", "", "", "", "")
            continue
        walls, cpus = zip(*found["warm"], strict=True)
        wall, cpu = (found["n_rows"] / median(v) / 1e6 for v in (walls, cpus))
        table.add_row(
            found["package"],
            found["gives"],
            f"{found['n_rows']:,}",
            f"{wall:.3f}",
            f"{cpu:.3f}",
            f"{found['peak_mb']:.0f}",
            f"{own_wall / wall:.1f} x, {own_cpu / cpu:.1f} x",
        )
    return table


if __name__ == "__main__":
    main()
