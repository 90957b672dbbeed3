"""The cheapest tours of a few pick-ups, by dynamic programming over sets: no search, no gap."""

from batteryloop.circular.collect.network import TourProblem
from batteryloop.circular.collect.routes import Way
from batteryloop.errors import InputWrong

# Up to so many pick-ups the method ends in about a second.
MOST_EXACT = 8


def exact_tours(problem: TourProblem) -> tuple[Way, ...]:
    """Return the cheapest tours of at most `MOST_EXACT` pick-ups.

    First the shortest possible tour of every set of pick-ups and duty, keeping at each end every
    way that is not both longer and later than another; then the cheapest split into sets within
    the number of trucks of each kind.

    Parameters
    ----------
    problem : TourProblem
        From `tour_problem`.

    Raises
    ------
    InputWrong
        If there are more pick-ups, or the fleet cannot fetch all.
    """
    if problem.n > MOST_EXACT:
        raise InputWrong(
            f"hub {problem.hub.hub_id}",
            f"{problem.n} pick-ups",
            f"at most {MOST_EXACT} for the exact method",
            "search for tours, and bound them by columns",
        )
    best: dict[int, list[tuple[int, Way]]] = {}
    for duty in range(len(problem.duties)):
        for mask, nodes in _best_tours(problem, duty).items():
            best.setdefault(mask, []).append((problem.tour_cost(duty, nodes), (duty, nodes)))
    plan = _cheapest_split(problem, best)
    if plan is None:
        raise InputWrong(
            f"hub {problem.hub.hub_id}",
            f"this fleet cannot fetch all {problem.n} pick-ups",
            next_step="add trucks, widen windows, or put some off to another day",
        )
    return plan


def _cheapest_split(
    problem: TourProblem, best: dict[int, list[tuple[int, Way]]]
) -> tuple[Way, ...] | None:
    """Return the cheapest split of all pick-ups into sets of one tour each, trucks counted."""
    kinds = list(dict.fromkeys(duty.kind.kind_id for duty in problem.duties))
    has = {duty.kind.kind_id: duty.kind.n_available for duty in problem.duties}
    # For each set of fetched pick-ups and number of trucks used: cost and ways.
    states: dict[int, dict[tuple[int, ...], tuple[int, tuple[Way, ...]]]] = {
        0: {(0,) * len(kinds): (0, ())}
    }
    full = (1 << problem.n) - 1
    for done in range(full):
        first = ~done & (done + 1)
        options = [
            (mask, price, way)
            for mask, priced in best.items()
            if not mask & done and mask & first
            for price, way in priced
        ]
        for used, (cost, ways) in states.get(done, {}).items():
            for mask, price, way in options:
                k = kinds.index(problem.duties[way[0]].kind.kind_id)
                now = (*used[:k], used[k] + 1, *used[k + 1 :])
                there = states.setdefault(done | mask, {})
                if now[k] <= has[kinds[k]] and (now not in there or cost + price < there[now][0]):
                    there[now] = (cost + price, (*ways, way))
    return min(states[full].values())[1] if states.get(full) else None


def _best_tours(problem: TourProblem, duty: int) -> dict[int, tuple[int, ...]]:
    """Return the shortest possible tour of every set of pick-ups that one truck can fetch."""
    distance = problem.distance_m.tolist()
    # Length, when it has left, and nodes of every way worth keeping, by set and last node.
    ways: dict[tuple[int, int], list[tuple[int, int, tuple[int, ...]]]] = {
        (0, 0): [(0, problem.duties[duty].starts_s, ())]
    }
    shortest: dict[int, tuple[int, tuple[int, ...]]] = {}
    for size in range(problem.n):
        for mask, last in [key for key in ways if key[0].bit_count() == size]:
            for i in range(1, problem.n + 1):
                key = (mask | 1 << (i - 1), i)
                if key[0] == mask or not _fits(problem, duty, key[0]):
                    continue
                for length, left_s, nodes in ways[mask, last]:
                    gone_s = _gone(problem, duty, last, i, left_s)
                    if gone_s is None:
                        continue
                    now = (length + distance[last][i], gone_s, (*nodes, i))
                    ways[key] = _undominated(ways.get(key, []), now)
                    home = now[0] + distance[i][0]
                    shortest[key[0]] = min(shortest.get(key[0], (home, now[2])), (home, now[2]))
    return {mask: nodes for mask, (_, nodes) in shortest.items()}


def _fits(problem: TourProblem, duty: int, mask: int) -> bool:
    """Whether a set of pick-ups may and can be in one truck."""
    chosen = [i for i in range(problem.n) if mask >> i & 1]
    return bool(
        problem.may_serve[duty, chosen].all()
        and (problem.loads[chosen].sum(axis=0) <= problem.duties[duty].capacity).all()
    )


def _gone(problem: TourProblem, duty: int, last: int, i: int, left_s: int) -> int | None:
    """When a truck leaves pick-up `i`; None if it is too late there or back at the hub."""
    begins_s = max(left_s + int(problem.time_s[last, i]), int(problem.opens_s[i - 1]))
    gone_s = begins_s + int(problem.service_s[i - 1])
    is_late = begins_s > problem.closes_s[i - 1]
    if is_late or gone_s + problem.time_s[i, 0] > problem.duties[duty].ends_s:
        return None
    return gone_s


def _undominated(
    kept: list[tuple[int, int, tuple[int, ...]]], now: tuple[int, int, tuple[int, ...]]
) -> list[tuple[int, int, tuple[int, ...]]]:
    if any(other[0] <= now[0] and other[1] <= now[1] for other in kept):
        return kept
    return [other for other in kept if other[0] < now[0] or other[1] < now[1]] + [now]
