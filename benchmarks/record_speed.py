"""Measure how fast SIMULATED events get into the record, beside a bare executemany of the rows.

`python -m benchmarks.record_speed [--url postgresql://…]`: the floor inserts the finished rows
into one table with the ledger's indexes by the bare driver, in batches with a commit each; the
record checks, chains, hashes, folds and projects them too. Floor and record take turns.
"""

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from batteryloop.record import LifeEvent
from batteryloop.record.ledger import GENESIS, Line, chained
from batteryloop.storage.records import open_record
from benchmarks.record_fleet import NOW, batches

RECORDED_AT = NOW + timedelta(days=20)


def measured(deed: Callable[[], None], n_events: int) -> tuple[float, float]:
    """Return events a second of wall clock and of this process's CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    deed()
    return n_events / (time.perf_counter() - wall), n_events / (time.process_time() - cpu)


def bare(path: Path, ready: list[list[Line]]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    names = ", ".join(f"{name} TEXT NOT NULL" for name in Line._fields[1:])
    connection.execute(f"CREATE TABLE ledger (sequence INTEGER PRIMARY KEY, {names})")
    connection.execute("CREATE UNIQUE INDEX one ON ledger (event_id)")
    connection.execute("CREATE INDEX two ON ledger (battery_id, sequence)")
    marks = ", ".join("?" * len(Line._fields))
    for lines in ready:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO ledger VALUES ({marks})", lines)
        connection.execute("COMMIT")
    connection.close()


def recorded(url: str, ready: list[list[LifeEvent]]) -> None:
    with open_record(url, now=lambda: RECORDED_AT) as record:
        for events in ready:
            record.append(events, recorded_by="benchmark", recorded_at=RECORDED_AT)


def lines_of(ready: list[list[LifeEvent]]) -> list[list[Line]]:
    found: list[list[Line]] = []
    number, last = 0, GENESIS
    for events in ready:
        lines = chained(
            events, recorded_by="b", recorded_at=RECORDED_AT, sequence=number, entry_hash=last
        )
        number, last = lines[-1].sequence, lines[-1].entry_hash
        found.append(lines)
    return found


def fresh_database(url: str, number: int) -> str:
    """Make an empty database beside the one at a PostgreSQL URL; return its URL."""
    import psycopg

    name = f"record_speed_{number}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--url", help="a PostgreSQL to measure too, in databases of its own")
    args = parser.parse_args()
    ready = list(batches(args.events // 20, args.events))
    lines = lines_of(ready)
    found: dict[str, list[tuple[float, float]]] = {}
    for number in range(args.rounds):
        with tempfile.TemporaryDirectory() as folder:
            works: dict[str, Callable[[], None]] = {
                "bare sqlite3 executemany": lambda at=folder: bare(Path(at, "bare"), lines),
                "record in SQLite": lambda at=folder: recorded(f"{at}/record", ready),
            }
            if args.url:
                url = fresh_database(args.url, number)
                works["record in PostgreSQL"] = lambda url=url: recorded(url, ready)
            for name, deed in works.items():
                found.setdefault(name, []).append(measured(deed, args.events))
    floor = median(wall for wall, _ in found["bare sqlite3 executemany"])
    print(f"{args.events:,} SIMULATED events in batches of 10,000, median of {args.rounds} rounds")
    for name, rates in found.items():
        wall, cpu = (median(rate[i] for rate in rates) for i in (0, 1))
        print(f"{name:28} {wall:9,.0f} events/s, {cpu:9,.0f} a CPU second, {wall / floor:.2f} ×")


if __name__ == "__main__":
    main()
