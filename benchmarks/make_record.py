"""Fill a record with SIMULATED lives, for benchmarks, pages and tries.

`python -m benchmarks.make_record --batteries 100000 --events 2000000 --url fleet.sqlite`
"""

import argparse
import time
from datetime import timedelta

from batteryloop.storage.records import open_record
from benchmarks.record_fleet import NOW, batches, parties


def fill(url: str, n_batteries: int, n_events: int, *, seed: int = 1) -> float:
    """Append the lives to the record at a URL; return the events a second, all in all."""
    recorded_at = NOW + timedelta(days=20)
    with open_record(url, now=lambda: recorded_at) as record:
        for party in parties():
            record.add_party(party)
        begun = time.perf_counter()
        n_done = 0
        for batch in batches(n_batteries, n_events, seed=seed):
            record.append(batch, recorded_by="simulation", recorded_at=recorded_at)
            n_done += len(batch)
            if n_done % 200_000 < len(batch):
                rate = n_done / (time.perf_counter() - begun)
                print(f"{n_done:,} SIMULATED events, {rate:,.0f}/s", flush=True)
        record.settle()
        return n_done / (time.perf_counter() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batteries", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--url", default="simulated-fleet.sqlite", help="a path or a URL")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rate = fill(args.url, args.batteries, args.events, seed=args.seed)
    print(f"{args.events:,} SIMULATED events in {args.url}: {rate:,.0f}/s with their making")


if __name__ == "__main__":
    main()
