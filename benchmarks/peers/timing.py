"""What a peer's script prints: one JSON line, from Parquet to result. Runs without this house."""

import json
import resource
import sys
import time
from collections.abc import Callable
from importlib.metadata import version


def measured(
    package: str, gives: str, summarise: Callable[[str, list[str]], tuple[int, int]]
) -> None:
    """Run `summarise(path, cells)`, which returns rows read and cycles made, and print its cost.

    The arguments are the file, the number of cells, and how often; the first run is not counted.
    """
    path, n_cells, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    cells = [f"CELL-{k:02d}" for k in range(n_cells)]
    runs = []
    for _ in range(repeats + 1):
        wall, cpu = time.perf_counter(), _cpu_s()
        n_rows, n_result = summarise(path, cells)
        runs.append((time.perf_counter() - wall, _cpu_s() - cpu))
    first, *warm = runs
    print(
        json.dumps(
            {
                "package": f"{package} {version(package)}",
                "gives": gives,
                "n_rows": n_rows,
                "n_result": n_result,
                "first": first,
                "warm": warm or [first],
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
