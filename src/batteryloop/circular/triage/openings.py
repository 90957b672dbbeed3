"""Which facilities to run, where running one costs: branch and bound over the priced relaxation."""

import heapq
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from batteryloop.circular.triage.kernels.relaxation import Integers
from batteryloop.circular.triage.placing import place
from batteryloop.circular.triage.prices import Prices, solve_prices
from batteryloop.circular.triage.problem import AssignmentProblem

_WARM_STAGES = 2


@dataclass(order=True, slots=True)
class _Node:
    minus_bound: float
    turn: int
    decided: dict[str, bool] = field(compare=False)
    prices: Prices = field(compare=False)


@dataclass(frozen=True, slots=True)
class Solved:
    """A plan, its worth, the bound that no plan passes, and prices of capacity."""

    chosen: Integers | None
    value_eur: float
    bound_eur: float
    prices: Prices
    n_nodes: int
    is_exact: bool = False


def plan_value(problem: AssignmentProblem, chosen: Integers) -> float:
    """Return what a plan is worth, openings paid for [EUR]."""
    placed = chosen >= 0
    worth = problem.value_eur[np.flatnonzero(placed), chosen[placed]].sum()
    used = {problem.lanes[lane].facility for lane in np.unique(chosen[placed])}
    paid = sum(cost for name, cost in problem.opening_eur.items() if name in used)
    return float(worth + problem.hold_eur[~placed].sum() - paid)


def solve(
    problem: AssignmentProblem,
    *,
    gap_frac: float = 1e-4,
    n_nodes_most: int = 60,
    n_threads: int = 2,
) -> Solved:
    """Return a plan of whole packs with a proven bound.

    Parameters
    ----------
    problem : AssignmentProblem
        With or without opening costs.
    gap_frac : float, optional
        Stop deciding on openings once bound and plan are as close as this share [1].
    n_nodes_most : int, optional
        At most so many sets of decided openings are priced.
    n_threads : int, optional
        Threads that share the packs.
    """
    root = solve_prices(problem, n_threads=n_threads)
    best: tuple[float, Integers | None] = (-np.inf, None)
    turn = count()
    heap = [_Node(-root.bound_eur, next(turn), {}, root)]
    tried: set[frozenset[str]] = set()
    closed_bound = -np.inf
    n_nodes = 1
    while heap:
        node = heapq.heappop(heap)
        shut = _shut(problem, node.decided, node.prices)
        if shut not in tried:
            tried.add(shut)
            best = max(best, _tried(problem, shut, node, n_threads), key=lambda pair: pair[0])
        bound = max(-node.minus_bound, closed_bound, -heap[0].minus_bound if heap else -np.inf)
        is_close = bound - best[0] <= gap_frac * abs(bound)
        undecided = [name for name in problem.opening_eur if name not in node.decided]
        if not undecided:
            closed_bound = max(closed_bound, -node.minus_bound)
            continue
        if is_close or n_nodes >= n_nodes_most:
            return Solved(best[1], best[0], bound, root, n_nodes)
        name = _most_open_question(problem, undecided, node.prices)
        for is_run in (True, False):
            decided = {**node.decided, name: is_run}
            part = problem.without([k for k, runs in decided.items() if not runs])
            prices = solve_prices(
                part, is_open=decided, start_eur=node.prices.limit_eur,
                n_threads=n_threads, n_stages_left=_WARM_STAGES,
            )  # fmt: skip
            n_nodes += 1
            child = min(prices.bound_eur, -node.minus_bound)
            heapq.heappush(heap, _Node(-child, next(turn), decided, prices))
    return Solved(best[1], best[0], max(closed_bound, best[0]), root, n_nodes)


def _tried(
    problem: AssignmentProblem, shut: frozenset[str], node: _Node, n_threads: int
) -> tuple[float, Integers | None]:
    """Return the plan that runs all but the shut facilities, with its worth."""
    part = problem.without(sorted(shut))
    prices = node.prices
    if problem.opening_eur:
        runs = {name: name not in shut for name in problem.opening_eur}
        prices = solve_prices(
            part, is_open=runs, start_eur=prices.limit_eur,
            n_threads=n_threads, n_stages_left=_WARM_STAGES,
        )  # fmt: skip
    chosen = place(part, prices.limit_eur)
    return (-np.inf, None) if chosen is None else (plan_value(problem, chosen), chosen)


def _shut(problem: AssignmentProblem, decided: dict[str, bool], prices: Prices) -> frozenset[str]:
    """Return which facilities not to run: those decided so, and those whose use is small."""
    shares = _shares(problem, prices)
    return frozenset(
        name for name in problem.opening_eur if not decided.get(name, shares[name] >= 0.5)
    )


def _shares(problem: AssignmentProblem, prices: Prices) -> dict[str, float]:
    """Return for each facility with an opening cost how much of its tightest limit is used."""
    shares = dict.fromkeys(problem.opening_eur, 0.0)
    for limit, used in zip(problem.limits, prices.used, strict=True):
        if limit.facility in shares and limit.most > 0.0:
            shares[limit.facility] = max(shares[limit.facility], float(used) / limit.most)
    return shares


def _most_open_question(problem: AssignmentProblem, undecided: list[str], prices: Prices) -> str:
    """Return the facility whose running is least clear from how much of it is used."""
    shares = _shares(problem, prices)
    return min(undecided, key=lambda name: (abs(shares[name] - 0.5), name))
