"""Search for tours with pyvrp, and write tours down with their times."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyvrp
import pyvrp.stop
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)

from batteryloop.circular.collect.loading import needs_certified_driver
from batteryloop.circular.collect.network import EUR, Array, Duty, TourProblem
from batteryloop.circular.collect.types import Stop, Tour
from batteryloop.errors import InputWrong

Way = tuple[int, tuple[int, ...]]
# What the search first pays in money units for a tenth of a kilogram, a package and a tenth of a
# point too much, for goods in the wrong truck, and for a second too late; it learns from there.
_PENALTIES = (1_000.0, 3e6, 300.0)
_WRONG_TRUCK, _LATE = 1e7, 1_000.0


def search_tours(problem: TourProblem, *, n_iterations: int, seed: int = 0) -> tuple[Way, ...]:
    """Return good tours as pairs of duty and nodes, by iterated local search.

    Goods that may not share a truck are kept apart by load dimensions that the other duty has no
    room for. A kind of truck that does several duties may come out overbooked; it is then searched
    again with fewer of them.

    Parameters
    ----------
    problem : TourProblem
        From `tour_problem`.
    n_iterations : int
        Of the search; the same number and seed give the same tours.
    seed : int, optional
        Of the search.

    Raises
    ------
    InputWrong
        If the fleet cannot fetch everything in its windows.
    """
    if problem.n == 0:
        return ()
    available = [duty.kind.n_available for duty in problem.duties]
    for _ in range(8):
        ways = _search(problem, available, n_iterations, seed)
        over = _overbooked(problem, ways)
        if not over:
            return ways
        for kind_id, n_over in over.items():
            own = [k for k, d in enumerate(problem.duties) if d.kind.kind_id == kind_id]
            most = max(own, key=lambda k: sum(1 for duty, _ in ways if duty == k))
            used = sum(1 for duty, _ in ways if duty == most)
            available[most] = max(used - n_over, 0)
    raise InputWrong(
        f"hub {problem.hub.hub_id}",
        "trucks are booked for more than one sort of goods",
        next_step="add trucks, or widen windows",
    )


def _overbooked(problem: TourProblem, ways: Sequence[Way]) -> dict[str, int]:
    used: dict[str, int] = {}
    for duty, _ in ways:
        name = problem.duties[duty].kind.kind_id
        used[name] = used.get(name, 0) + 1
    has = {duty.kind.kind_id: duty.kind.n_available for duty in problem.duties}
    return {name: n - has[name] for name, n in used.items() if n > has[name]}


def _search(
    problem: TourProblem, available: Sequence[int], n_iterations: int, seed: int
) -> tuple[Way, ...]:
    traits = sorted({p.condition for p in problem.pickups})
    usable = [k for k, n in enumerate(available) if n > 0]
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in range(problem.n + 1)],
        [
            pyvrp.Client(
                i + 1,
                pickup=[
                    *(int(x) for x in problem.loads[i]),
                    *(int(p.condition == trait) for trait in traits),
                ],
                service_duration=int(problem.service_s[i]),
                tw_early=int(problem.opens_s[i]),
                tw_late=int(problem.closes_s[i]),
            )
            for i, p in enumerate(problem.pickups)
        ],
        [pyvrp.Depot(0)],
        [_vehicle(problem.duties[k], available[k], traits, problem.n) for k in usable],
        [_matrix(problem.distance_m)],
        [_matrix(problem.time_s)],
    )
    result = _improve(data, n_iterations, seed, len(traits))
    if not result.is_feasible():
        raise InputWrong(
            f"hub {problem.hub.hub_id}",
            f"no tours were found that fetch all {problem.n} pick-ups with this fleet",
            next_step="add trucks, widen windows, or put some off to another day",
        )
    return tuple(
        (
            usable[route.vehicle_type()],
            tuple(int(visit.idx) + 1 for visit in route if visit.is_client()),
        )
        for route in result.best.routes()
    )


def _improve(data: Any, n_iterations: int, seed: int, n_traits: int) -> Any:  # noqa: ANN401
    """Run the search of pyvrp; as its `solve`, but with penalties that fit our units."""
    rng = pyvrp.RandomNumberGenerator(seed=seed)
    search = LocalSearch(
        data, rng, compute_neighbours(data), PerturbationManager(PerturbationParams())
    )
    for operator in OPERATORS:
        if operator.supports(data):
            search.add_operator(operator(data))
    penalties = pyvrp.PenaltyManager(
        ([*_PENALTIES, *[_WRONG_TRUCK] * n_traits], _LATE, _LATE),
        pyvrp.PenaltyParams(solutions_between_updates=100, max_penalty=1e9),
    )
    first = search(
        pyvrp.Solution.make_random(data, rng), penalties.max_cost_evaluator(), exhaustive=True
    )
    algorithm = pyvrp.IteratedLocalSearch(data, penalties, search, first)
    return algorithm.run(pyvrp.stop.MaxIterations(n_iterations), False, False)


def _matrix(values: Array) -> Any:  # noqa: ANN401 - pyvrp's own stubs name an impossible type
    return values


def _vehicle(duty: Duty, n: int, traits: Sequence[str], most: int) -> pyvrp.VehicleType:
    return pyvrp.VehicleType(
        n,
        capacity=[
            *duty.capacity,
            *(most if trait in duty.traits else 0 for trait in traits),
        ],
        fixed_cost=duty.day_cost,
        unit_distance_cost=duty.cost_per_m,
        tw_early=duty.starts_s,
        tw_late=duty.ends_s,
    )


def write_tours(problem: TourProblem, ways: Sequence[Way]) -> tuple[Tour, ...]:
    """Return tours with the times at each stop, what they carry and what they cost.

    A truck leaves so that it need not wait at its first stop.
    """
    return tuple(
        _tour(problem, f"{problem.hub.hub_id}-T{number:02d}", duty, nodes)
        for number, (duty, nodes) in enumerate(
            sorted(ways, key=lambda way: (-len(way[1]), way[1])), start=1
        )
    )


def _tour(problem: TourProblem, tour_id: str, duty: int, nodes: Sequence[int]) -> Tour:
    own = problem.duties[duty]
    first = nodes[0]
    reach_s = own.starts_s + int(problem.time_s[0, first])
    starts_s = own.starts_s + max(int(problem.opens_s[first - 1]) - reach_s, 0)
    stops, now_s, here, load_kg = [], starts_s, 0, 0.0
    for i in nodes:
        arrives_s = now_s + int(problem.time_s[here, i])
        begins_s = max(arrives_s, int(problem.opens_s[i - 1]))
        now_s, here = begins_s + int(problem.service_s[i - 1]), i
        load_kg += problem.pickups[i - 1].mass_kg
        stops.append(
            Stop(
                problem.pickups[i - 1].pickup_id,
                arrives_s / 3600,
                begins_s / 3600,
                now_s / 3600,
                load_kg,
            )
        )
    way = np.array([0, *nodes, 0])
    chosen = [problem.pickups[i - 1] for i in nodes]
    is_critical = any(p.condition == "critical" for p in chosen)
    points = float(_sum(problem.loads, nodes)[2]) / 10
    return Tour(
        tour_id,
        problem.hub.hub_id,
        own.kind.kind_id,
        tuple(stops),
        float(problem.distance_m[way[:-1], way[1:]].sum()) / 1000,
        load_kg,
        sum(p.n_packages for p in chosen),
        points,
        problem.tour_cost(duty, nodes) / EUR,
        starts_s / 3600,
        (now_s + int(problem.time_s[here, 0])) / 3600,
        needs_certified_driver(None if is_critical else points),
        is_critical,
    )


def _sum(loads: Array, nodes: Sequence[int]) -> Array:
    return np.asarray(loads[[i - 1 for i in nodes]].sum(axis=0))
