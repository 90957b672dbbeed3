"""A bound on any plan of tours, proven by column generation; and better tours on the way.

The linear programme over all tours: each pick-up is fetched at least once, no more trucks are used
than there are. Its prices value the pick-ups; the pricing loop finds tours that pay at these
prices, until none does. Prices and the best reduced cost prove the bound (Lasdon's, as in
Lübbecke and Desrosiers 2005, doi:10.1287/opre.1050.0234), whether or not it has come to its end.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array, vstack

from batteryloop.circular.collect.exact import MOST_EXACT, exact_tours
from batteryloop.circular.collect.network import Array, TourProblem
from batteryloop.circular.collect.pricing_kernel import (
    CLOSES,
    LOAD,
    NEAR,
    OPENS,
    SERVICE,
    cheapest_ways,
)
from batteryloop.circular.collect.routes import Way

# Neighbours that a way remembers: more make the bound tighter and the loop slower.
_REMEMBERED = 6
_MOST_LABELS = 3_000_000
_MOST_NODES = 124
_FEW = 20
# A round with fewer tours than that goes on to the finer comparison of ways.
_ENOUGH = 40


@dataclass(frozen=True, slots=True)
class ColumnBound:
    """What column generation found: bound and best plan in money units, and how far it came."""

    bound: float
    ways: tuple[Way, ...]
    cost: int
    n_columns: int
    n_rounds: int
    is_converged: bool


def bound_by_columns(
    problem: TourProblem, ways: tuple[Way, ...], *, most_rounds: int = 200
) -> ColumnBound:
    """Return the proven bound of a problem, beginning with a plan that is possible.

    Parameters
    ----------
    problem : TourProblem
        At most 124 pick-ups; more give the bound 0.
    ways : tuple of Way
        A plan, such as of `search_tours`.
    most_rounds : int, optional
        After so many rounds the best bound so far is returned.
    """
    cost = sum(problem.tour_cost(*way) for way in ways)
    parts = [_bound_part(problem, part, ways, most_rounds) for part in separate_parts(problem)]
    together = tuple(way for part in parts for way in part.ways)
    found = sum(part.cost for part in parts)
    if found < cost and _is_within_fleet(problem, together):
        ways, cost = together, found
    return ColumnBound(
        sum(part.bound for part in parts),
        ways,
        cost,
        sum(part.n_columns for part in parts),
        max((part.n_rounds for part in parts), default=0),
        all(part.is_converged for part in parts),
    )


def separate_parts(problem: TourProblem) -> tuple[tuple[int, ...], ...]:
    """Return the nodes of the parts of which no truck ever carries two.

    Goods that may not share a truck make tours of their own. Bounded one by one, each with the
    whole fleet, the parts prove more than together: a truck cannot be half in one and half in
    the other.
    """
    linked: list[set[int]] = []
    for duty in range(len(problem.duties)):
        served = {i + 1 for i in range(problem.n) if problem.may_serve[duty, i]}
        for other in [group for group in linked if group & served]:
            served |= other
            linked.remove(other)
        if served:
            linked.append(served)
    return tuple(tuple(sorted(group)) for group in sorted(linked, key=min))


def _is_within_fleet(problem: TourProblem, ways: tuple[Way, ...]) -> bool:
    used = Counter(problem.duties[duty].kind.kind_id for duty, _ in ways)
    return all(used[kind] <= n for kind, n in _trucks(problem).items())


def _bound_part(
    problem: TourProblem, nodes: tuple[int, ...], ways: tuple[Way, ...], most_rounds: int
) -> ColumnBound:
    """Return the bound of a part, exact where it is small; its ways in nodes of the whole."""
    keep = [i - 1 for i in nodes]
    with_hub = np.array([0, *nodes])
    part = replace(
        problem,
        pickups=tuple(problem.pickups[i] for i in keep),
        distance_m=problem.distance_m[np.ix_(with_hub, with_hub)],
        time_s=problem.time_s[np.ix_(with_hub, with_hub)],
        service_s=problem.service_s[keep],
        opens_s=problem.opens_s[keep],
        closes_s=problem.closes_s[keep],
        loads=problem.loads[keep],
        may_serve=problem.may_serve[:, keep],
    )
    if part.n <= MOST_EXACT:
        best = exact_tours(part)
        cost = sum(part.tour_cost(*way) for way in best)
        found = ColumnBound(cost, best, cost, 0, 0, True)
    else:
        number = {node: k for k, node in enumerate(nodes, start=1)}
        own = tuple((duty, tuple(number[i] for i in way)) for duty, way in ways if way[0] in number)
        found = _bound_whole(part, own, most_rounds)
    return replace(
        found, ways=tuple((duty, tuple(nodes[i - 1] for i in way)) for duty, way in found.ways)
    )


def _bound_whole(problem: TourProblem, ways: tuple[Way, ...], most_rounds: int) -> ColumnBound:
    """Generate columns until none pays."""
    cost = sum(problem.tour_cost(*way) for way in ways)
    if problem.n == 0 or problem.n > _MOST_NODES:
        return ColumnBound(0.0, ways, cost, 0, 0, problem.n == 0)
    columns = dict.fromkeys(ways)
    singles = [
        (k, (i,))
        for k in range(len(problem.duties))
        for i in range(1, problem.n + 1)
        if problem.is_possible(k, [i])
    ]
    columns.update(dict.fromkeys(singles))
    bound, is_converged, n_rounds = 0.0, False, 0
    sites = _sites(problem)
    for n_rounds in range(1, most_rounds + 1):  # noqa: B007
        prices, fees = _prices(problem, list(columns))
        found, worst, is_proof = _price(problem, prices, fees, sites)
        if is_proof:
            trucks = _trucks(problem)
            at_prices = float(prices.sum()) + sum(
                trucks[kind] * (fees[kind] + min(worst.get(kind, 0.0), 0.0)) for kind in trucks
            )
            bound = max(bound, at_prices)
        if not found:
            is_converged = is_proof
            break
        columns.update(dict.fromkeys(found))
    better = _best_of(problem, list(columns))
    better_cost = sum(problem.tour_cost(*way) for way in better) if better else cost
    if better and better_cost < cost:
        ways, cost = better, better_cost
    return ColumnBound(bound, ways, cost, len(columns), n_rounds, is_converged)


def _trucks(problem: TourProblem) -> dict[str, int]:
    return {duty.kind.kind_id: duty.kind.n_available for duty in problem.duties}


def _matrices(problem: TourProblem, columns: list[Way]) -> tuple[Array, csc_array, csc_array]:
    """Costs, how often each pick-up is visited, and of which kind each column's truck is."""
    kinds = {kind: number for number, kind in enumerate(_trucks(problem))}
    cost = np.array([problem.tour_cost(*way) for way in columns], dtype=float)
    rows: list[int] = []
    cols: list[int] = []
    duty_rows: list[int] = []
    for number, (duty, nodes) in enumerate(columns):
        rows.extend(i - 1 for i in nodes)
        cols.extend([number] * len(nodes))
        duty_rows.append(kinds[problem.duties[duty].kind.kind_id])
    visits = csc_array((np.ones(len(rows)), (rows, cols)), shape=(problem.n, len(columns)))
    used = csc_array(
        (np.ones(len(columns)), (duty_rows, range(len(columns)))),
        shape=(len(kinds), len(columns)),
    )
    return cost, visits, used


def _prices(problem: TourProblem, columns: list[Way]) -> tuple[Array, dict[str, float]]:
    """Return the price of each pick-up and, at most zero, of a truck of each kind."""
    cost, visits, used = _matrices(problem, columns)
    trucks = _trucks(problem)
    solved = linprog(
        cost,
        A_ub=vstack([-visits, used], format="csc"),
        b_ub=np.concatenate([-np.ones(problem.n), list(trucks.values())]),
        method="highs-ds",
    )
    marginals = solved.ineqlin.marginals
    return -marginals[: problem.n], dict(zip(trucks, marginals[problem.n :], strict=True))


def _sites(problem: TourProblem) -> Array:
    """Return the columns that the compiled loop reads, node 0 the hub."""
    sites = np.zeros((problem.n + 1, NEAR + 2), np.int64)
    sites[1:, SERVICE], sites[1:, OPENS] = problem.service_s, problem.opens_s
    sites[1:, CLOSES], sites[1:, LOAD : LOAD + 3] = problem.closes_s, problem.loads
    for i in range(1, problem.n + 1):
        for j in np.argsort(problem.distance_m[i, 1:])[: _REMEMBERED + 1] + 1:
            sites[i, NEAR + int(j >= 63)] |= 1 << int(j - 63 * (j >= 63))
    return sites


def _price(
    problem: TourProblem, prices: Array, fees: dict[str, float], sites: Array
) -> tuple[list[Way], dict[str, float], bool]:
    """Return tours that pay, the worst reduced cost by kind, and whether that is proven."""
    found: dict[Way, None] = {}
    worst: dict[str, float] = {}
    is_proof = False
    for roughness in (2, 1, 0):
        worst, is_proof = {}, roughness == 0
        for k, duty in enumerate(problem.duties):
            kind = duty.kind.kind_id
            reduced = duty.cost_per_m * problem.distance_m.astype(float)
            reduced[:, 1:] -= prices
            home, node, parent, dead, is_whole = cheapest_ways(
                reduced,
                problem.time_s,
                sites,
                np.array([*duty.capacity, duty.starts_s, duty.ends_s], dtype=np.int64),
                np.concatenate([[False], problem.may_serve[k]]),
                roughness,
                _MOST_LABELS if problem.n > _FEW else _MOST_LABELS // 15,
            )
            is_proof = is_proof and is_whole
            reached = home[1:] + duty.day_cost - fees[kind]
            if reached.size:
                worst[kind] = min(worst.get(kind, 0.0), float(reached.min()))
                ways = _ways_below(reached, dead[1:], node, parent)
                found.update(dict.fromkeys((k, way) for way in ways))
        if len(found) >= (_ENOUGH if roughness == 2 else 1):
            break
    return list(found), worst, is_proof


def _ways_below(
    reached: Array, dead: Array, node: Array, parent: Array, most: int = 5
) -> list[tuple[int, ...]]:
    """Return up to `most` ways of negative reduced cost for each last pick-up."""
    ways: list[tuple[int, ...]] = []
    count: dict[int, int] = {}
    for label in np.argsort(reached)[: 100 * most] + 1:
        if reached[label - 1] > -1.0:  # a hundred-thousandth of an euro
            break
        end = int(node[label])
        if dead[label - 1] or count.get(end, 0) >= most:
            continue
        count[end] = count.get(end, 0) + 1
        way, k = [], int(label)
        while k > 0:
            way.append(int(node[k]))
            k = int(parent[k])
        ways.append(tuple(reversed(way)))
    return ways


def _best_of(problem: TourProblem, columns: list[Way]) -> tuple[Way, ...]:
    """Return the cheapest plan of whole tours among the columns, or none within its time."""
    able = [way for way in columns if len(set(way[1])) == len(way[1])]
    cost, visits, used = _matrices(problem, able)
    solved = milp(
        cost,
        integrality=np.ones(len(able)),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(visits, lb=1.0),
            LinearConstraint(used, ub=np.array(list(_trucks(problem).values()), dtype=float)),
        ],
        options={"time_limit": 60.0, "mip_rel_gap": 1e-5},
    )
    if solved.x is None:
        return ()
    plan = _without_repeats(problem, [able[k] for k in np.flatnonzero(solved.x > 0.5)])
    return plan if all(problem.is_possible(*way) for way in plan) else ()


def _without_repeats(problem: TourProblem, ways: list[Way]) -> tuple[Way, ...]:
    """Return the plan with each pick-up fetched once: where a second truck comes, it does not."""
    seen: set[int] = set()
    plan = []
    for duty, nodes in ways:
        own = tuple(i for i in nodes if i not in seen)
        seen.update(own)
        if own:
            plan.append((duty, own))
    return tuple(plan)
