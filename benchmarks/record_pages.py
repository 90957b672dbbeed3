"""Measure how long the pages of a large record take to read, as medians.

`python -m benchmarks.record_pages --url fleet.sqlite`, of a record that `make_record` filled. Each
question is asked many times with other values each time; counts are asked anew, not remembered.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median, quantiles

import msgspec
import numpy as np

from batteryloop.record import FleetOrder, FleetQuery, Stage
from batteryloop.storage.records import SqlRecord, open_record
from batteryloop.storage.records.fleet import Fleet
from benchmarks.record_fleet import N_OPERATORS, NOW


def timed_ms(deed: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return median and 95th percentile."""
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        deed()
        found.append(1e3 * (time.perf_counter() - begun))
    return median(found), quantiles(found, n=20)[-1]


def questions(record: SqlRecord, n_batteries: int) -> dict[str, Callable[[], object]]:
    rng = np.random.default_rng(7)
    database = record.database

    def some_id() -> str:
        return f"SIM-{rng.integers(n_batteries):07d}"

    def fresh(query: FleetQuery) -> object:
        # A reader that remembers no count.
        return Fleet(database).rows(query)

    def whole_battery() -> object:
        name = some_id()
        return (
            record.battery(name),
            record.components(name),
            record.history(name, n_most=50),
            record.lineage(name),
            record.documents(name, "evaluation"),
        )

    def deep(order: FleetOrder) -> Callable[[], object]:
        # The page somewhere in the middle, by the cursor that the page before would have given.
        query = FleetQuery(order=order, is_descending=order is FleetOrder.SEVERITY)
        for _ in range(40):
            query = replace(query, after=record.fleet_rows(replace(query, n_most=1000)).next_after)
        return lambda: fresh(query)

    def operator() -> frozenset[str]:
        return frozenset({f"SIM-OPERATOR-{rng.integers(N_OPERATORS):02d}"})

    found: dict[str, Callable[[], object]] = {
        "battery page": whole_battery,
        "stage counts": record.stage_counts,
        "stage counts of an operator": lambda: record.stage_counts(operator()),
        "find by words": lambda: fresh(FleetQuery(words=some_id().lower())),
        "find by a broad word": lambda: fresh(FleetQuery(words="truck")),
    }
    for order in FleetOrder:
        found[f"fleet by {order}"] = lambda order=order: fresh(FleetQuery(order=order))
        found[f"fleet by {order}, descending"] = lambda order=order: fresh(
            FleetQuery(order=order, is_descending=True)
        )
        found[f"fleet by {order}, 40,000 in"] = deep(order)
        found[f"fleet of an operator by {order}"] = lambda order=order: fresh(
            FleetQuery(order=order, organisation_ids=operator())
        )
    by_soh = FleetQuery(order=FleetOrder.SOH)
    found |= {
        "weakest in use": lambda: fresh(replace(by_soh, stage=Stage.USE)),
        "weakest of a rare stage": lambda: fresh(replace(by_soh, stage=Stage.RENEW)),
        "below 70 % in a country": lambda: fresh(
            replace(by_soh, soh_below_frac=0.7, country="NO", chemistry="LFP")
        ),
        "grave warnings, newest first": lambda: fresh(
            FleetQuery(severity_min=3, order=FleetOrder.LAST_EVENT, is_descending=True)
        ),
        "nothing fits": lambda: fresh(replace(by_soh, country="XX", application="ship")),
        "typed page of 100": lambda: record.batteries(FleetQuery()),
    }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="simulated-fleet.sqlite")
    parser.add_argument("--rounds", type=int, default=40)
    args = parser.parse_args()
    with open_record(args.url, now=lambda: NOW) as record:
        first = record.batteries(FleetQuery(n_most=1))
        kind = "SQLite" if record.database.is_sqlite else "PostgreSQL"
        n_events = record.head()[0]
        print(f"{kind}: {first.n_total:,} SIMULATED batteries, {n_events:,} events; ms")
        print(f"{'question':36} {'median':>8} {'95 %':>8}")
        worst = 0.0
        for name, deed in questions(record, first.n_total).items():
            deed()
            middle, high = timed_ms(deed, args.rounds)
            worst = max(worst, middle)
            print(f"{name:36} {middle:8.2f} {high:8.2f}")
        print(f"{'slowest median':36} {worst:8.2f}")
        print(f"list of 100 batteries, read and encoded: {lists_per_s(record):,.0f}/s on one core")


def lists_per_s(record: SqlRecord, *, seconds: float = 2.0) -> float:
    """Return how many pages of 100 batteries are read and encoded in a second of CPU."""
    encoder = msgspec.json.Encoder()
    query, n = FleetQuery(), 0
    assert len(json.loads(encoder.encode(record.fleet_rows(query)))["batteries"]) == 100
    begun = time.process_time()
    while time.process_time() - begun < seconds:
        encoder.encode(record.fleet_rows(query))
        n += 1
    return n / (time.process_time() - begun)


if __name__ == "__main__":
    main()
