"""A plan of whole packs near given prices: what each likes best, made to fit move by move."""

import numpy as np

from batteryloop.circular.triage.kernels.limits import Limits, is_overrun, take
from batteryloop.circular.triage.kernels.placing import Moves, better, mend
from batteryloop.circular.triage.kernels.relaxation import Floats, Integers, reduced_values
from batteryloop.circular.triage.kernels.rescue import rescue
from batteryloop.circular.triage.prices import by_rows, usual_prices
from batteryloop.circular.triage.problem import AssignmentProblem, limits_of_lanes

HOLD = -1
_N_SWEEPS = 40
# So many columns that lose least at the prices are tried in pairs: few while limits may be
# overrun at a penalty of so many usual prices, then all with limits that hold.
_N_MOVERS = 2500
_SOFT = ((0.3, 0.03), (0.3, 0.1), (0.3, 0.3), (0.3, 1.0), (0.3, 3.0))
_HARD = (0.3, 1.0)
_FOREVER = 1e6
# Chains of three: so many columns as the later links, for so many packs that lose most.
_N_CHAINED = 600
_N_RESCUED = 12
_SHARE_RESCUED = 0.1


def place(
    problem: AssignmentProblem, limit_eur: Floats, *, n_movers: int = _N_MOVERS
) -> Integers | None:
    """Return each pack's lane, -1 for hold; None where the carbon budget cannot be kept.

    Parameters
    ----------
    problem : AssignmentProblem
        Facilities that do not run must be taken out.
    limit_eur : ndarray
        Prices of the limits, from `solve_prices`.
    n_movers : int, optional
        How many columns take part in the search for better moves.
    """
    met, is_kg = limits_of_lanes(problem), _is_kg(problem)
    budget = problem.carbon_budget
    reduced = priced(problem, limit_eur)
    most = [limit.most for limit in problem.material]
    room = np.array([*most, *([] if budget is None else [budget])], dtype=np.float64)
    usual, _ = usual_prices(problem)
    if room.size == 0:
        room, usual = np.zeros(1), np.ones(1)
    slack = 1e-9 * np.maximum(np.abs(room), 1.0)
    packs = (problem.mass_kg, problem.kind, problem.carbon_kgco2e)
    limits = Limits(*packs, met, is_kg, room, slack, usual)
    chosen = reduced.argmax(axis=1).astype(np.int64)
    for i, lane in enumerate(chosen):
        take(limits, i, lane, 1)
    value = np.hstack([problem.value_eur, problem.hold_eur[:, None]])
    least = 1e-9 * max(1.0, float(np.abs(problem.hold_eur).max(initial=1.0)))

    def moves(n_most: int) -> Moves:
        return Moves(value, *_movers(reduced, chosen, n_most), chosen)

    for share, times in _SOFT:
        soft = limits._replace(penalty=times * usual)
        better(moves(int(share * n_movers)), soft, _N_SWEEPS, least)
    # Those in doubt first: going through all packs for each move takes long.
    for some in (np.unique(_movers(reduced, chosen, n_movers)[0]), np.arange(chosen.size)):
        mend(some, reduced, chosen, limits)
    if is_overrun(limits):
        return None
    largest = np.abs(value[np.isfinite(value)]).max(initial=1.0)
    hard = limits._replace(penalty=np.full(room.size, _FOREVER * largest))
    for share in _HARD:
        better(moves(int(share * n_movers)), hard, _N_SWEEPS, least)
        rescue(_worst(reduced, chosen), moves(_N_CHAINED), hard, least)
    return np.where(chosen == len(problem.lanes), HOLD, chosen)


def priced(problem: AssignmentProblem, limit_eur: Floats) -> Floats:
    """Return each pack's value in each lane after prices of capacity, and last in hold [EUR]."""
    met, is_kg = limits_of_lanes(problem), _is_kg(problem)
    prices = by_rows(problem, limit_eur)
    tables = _price_tables(prices[: is_kg.size], is_kg, met)
    price_carbon = float(prices[-1]) if problem.carbon_budget is not None else 0.0
    reduced: Floats = reduced_values(
        problem.value_eur, problem.hold_eur, problem.mass_kg, problem.kind,
        problem.carbon_kgco2e, *tables, price_carbon,
    )  # fmt: skip
    return reduced


def _is_kg(problem: AssignmentProblem) -> Integers:
    return np.array([limit.unit == "kg" for limit in problem.material], dtype=np.int64)


def _price_tables(prices: Floats, is_kg: Integers, met: Integers) -> tuple[Floats, Floats]:
    """Return the price of a kilogram and of a pack, by kind and lane."""
    padded = np.append(prices, 0.0)
    each = padded[met]
    kg = np.append(is_kg, 0).astype(bool)[met]
    return np.where(kg, each, 0.0).sum(axis=2), np.where(kg, 0.0, each).sum(axis=2)


def _worst(reduced: Floats, chosen: Integers) -> Integers:
    """Return the packs that lose most at the prices, the most first."""
    lost = reduced.max(axis=1) - reduced[np.arange(chosen.size), chosen]
    worst = np.argsort(-lost, kind="stable")[:_N_RESCUED]
    return np.asarray(worst[lost[worst] > _SHARE_RESCUED * lost.sum()], dtype=np.int64)


def _movers(reduced: Floats, chosen: Integers, n_movers: int) -> tuple[Integers, Integers]:
    """Return the columns (pack, lane) that lose least at the prices, packs that lose most first."""
    n, width = reduced.shape
    loss = reduced.max(axis=1, keepdims=True) - reduced
    own = loss[np.arange(n), chosen]
    if width == 1 or n == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    # Only packs for whom some other lane is nearly as good, or that did not get their best.
    doubt = np.partition(loss, 1, axis=1)[:, 1] - own
    n_packs = min(n, max(n_movers // 3, 1))
    packs = np.argpartition(doubt, n_packs - 1)[:n_packs]
    flat = loss[packs].ravel()
    n_columns = min(n_movers, flat.size)
    kept = np.argpartition(flat, n_columns - 1)[:n_columns]
    kept = kept[np.isfinite(flat[kept])]
    kept = kept[np.lexsort((flat[kept], -own[packs[kept // width]]))]
    return packs[kept // width].astype(np.int64), (kept % width).astype(np.int64)
