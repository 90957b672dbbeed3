"""One work in a process of its own: `python -m benchmarks.child NAME REPEATS`, JSON on stdout."""

import json
import resource
import sys
import time

from benchmarks.works import WORKS


def main() -> None:
    name, repeats = sys.argv[1], int(sys.argv[2])
    work = next(w for w in WORKS if w.name == name)
    path = work.make()
    runs = []
    for _ in range(repeats + 1):
        wall, cpu = time.perf_counter(), _cpu_s()
        n_result = work.run(path)
        runs.append((time.perf_counter() - wall, _cpu_s() - cpu))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    first, *warm = runs
    print(json.dumps({"first": first, "warm": warm, "peak_mb": peak, "n_result": n_result}))


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
