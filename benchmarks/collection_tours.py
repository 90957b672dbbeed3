"""`python -m benchmarks.collection_tours`: tours of 100 pick-ups against bound and best known.

For each seed of `make_instance`: the cost that the search of a default run reaches, that of a long
run, and the bound and tours of column generation. The bound alone proves anything; the best known
is the cheapest plan that any method of this run has found.
"""

import argparse
import time
from datetime import date

import numpy as np

from batteryloop.circular.collect import (
    bound_by_columns,
    make_instance,
    packing_rule,
    search_tours,
    tour_problem,
)
from batteryloop.circular.collect.network import EUR

DAY = date(2026, 11, 25)


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.collection_tours")
    parser.add_argument("seeds", nargs="*", type=int, default=[1, 2, 3])
    parser.add_argument("--sites", type=int, default=100)
    parser.add_argument("--short", type=int, default=10_000, help="iterations of the default run")
    parser.add_argument("--long", type=int, default=20_000, help="iterations of the long run")
    parser.add_argument("--rounds", type=int, default=0, help="of column generation; 0 none")
    args = parser.parse_args()
    for seed in args.seeds:
        hub, sites, fleet = make_instance(args.sites, np.random.default_rng(seed))
        rules = {site.pickup_id: packing_rule(site, DAY) for site in sites}
        problem = tour_problem(hub, sites, fleet, DAY, rules=rules)
        found = {}
        for name, n_iterations, start in (("short", args.short, 0), ("long", args.long, 1)):
            begun = time.process_time()
            ways = search_tours(problem, n_iterations=n_iterations, seed=start)
            found[name] = sum(problem.tour_cost(*way) for way in ways) / EUR
            print(
                f"seed {seed}, {args.sites} pick-ups, {name}: {found[name]:,.2f} EUR, "
                f"{len(ways)} tours, {time.process_time() - begun:.1f} s of CPU",
                flush=True,
            )
        if args.rounds:
            begun = time.process_time()
            columns = bound_by_columns(problem, ways, most_rounds=args.rounds)
            found["columns"] = columns.cost / EUR
            print(
                f"  columns: {columns.cost / EUR:,.2f} EUR, bound {columns.bound / EUR:,.2f} EUR, "
                f"gap {100 * (columns.cost / columns.bound - 1):.2f} %, {columns.n_rounds} rounds, "
                f"ended {columns.is_converged}, {time.process_time() - begun:.1f} s of CPU",
                flush=True,
            )
        best = min(found.values())
        print(f"  default run above best known: {100 * (found['short'] / best - 1):.2f} %")


if __name__ == "__main__":
    main()
