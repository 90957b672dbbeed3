"""A plan of whole packs near given prices: placed by regret, then bettered move by move."""

import numpy as np

from batteryloop.circular.triage.kernels.placing import better, place_by_regret
from batteryloop.circular.triage.kernels.relaxation import Floats, Integers, reduced_values
from batteryloop.circular.triage.prices import by_rows
from batteryloop.circular.triage.problem import AssignmentProblem, limits_of_lanes

HOLD = -1
_N_SWEEPS = 40
# So many columns that lose least at the prices are tried in pairs.
_N_MOVERS = 2500


def place(
    problem: AssignmentProblem, limit_eur: Floats, *, n_movers: int = _N_MOVERS
) -> Integers | None:
    """Return each pack's lane, -1 for hold; None where holding everything breaks the carbon budget.

    Parameters
    ----------
    problem : AssignmentProblem
        Facilities that do not run must be taken out.
    limit_eur : ndarray
        Prices of the limits, from `solve_prices`.
    n_movers : int, optional
        How many columns take part in the search for better moves.
    """
    met = limits_of_lanes(problem)
    units = [limit.unit for limit in problem.material]
    is_kg = np.array([unit == "kg" for unit in units], dtype=np.int64)
    prices = by_rows(problem, limit_eur)
    n_rows = len(units)
    use = _price_tables(prices[:n_rows], is_kg, met)
    price_carbon = float(prices[n_rows]) if problem.carbon_budget is not None else 0.0
    arrays = (problem.mass_kg, problem.kind, problem.carbon_kgco2e)
    reduced = reduced_values(problem.value_eur, problem.hold_eur, *arrays, *use, price_carbon)
    most = [limit.most for limit in problem.material]
    budget = problem.carbon_budget
    room = np.array([*most, *([] if budget is None else [budget])], dtype=np.float64)
    if room.size == 0:
        room = np.zeros(1)
    slack = 1e-9 * np.maximum(np.abs(room), 1.0)
    top = np.partition(reduced, -2, axis=1)[:, -2:] if problem.lanes else np.zeros((0, 2))
    regret = np.where(np.isfinite(top[:, 0]), top[:, 1] - top[:, 0], np.inf)
    order = np.argsort(-regret, kind="stable")
    rest = (*arrays, met, is_kg, room, slack)
    chosen = place_by_regret(reduced, order, *rest)
    if budget is not None and room[-1] < -slack[-1]:
        return None
    value = np.hstack([problem.value_eur, problem.hold_eur[:, None]])
    movers, lanes = _movers(reduced, chosen, n_movers)
    least = 1e-9 * max(1.0, float(np.abs(problem.hold_eur).max(initial=1.0)))
    better(value, movers, lanes, chosen, *rest, _N_SWEEPS, least)
    return np.where(chosen == len(problem.lanes), HOLD, chosen)


def _price_tables(prices: Floats, is_kg: Integers, met: Integers) -> tuple[Floats, Floats]:
    """Return the price of a kilogram and of a pack, by kind and lane."""
    padded = np.append(prices, 0.0)
    each = padded[met]
    kg = np.append(is_kg, 0).astype(bool)[met]
    return np.where(kg, each, 0.0).sum(axis=2), np.where(kg, 0.0, each).sum(axis=2)


def _movers(reduced: Floats, chosen: Integers, n_movers: int) -> tuple[Integers, Integers]:
    """Return the columns (pack, lane) that lose least at the prices, those chosen among them."""
    loss = reduced.max(axis=1, keepdims=True) - reduced
    flat = loss.ravel()
    # Only packs for whom some other lane is nearly as good, or that did not get their best.
    second = np.partition(loss, 1, axis=1)[:, 1]
    own = loss[np.arange(loss.shape[0]), chosen]
    doubt = np.maximum(second, 0.0) - own
    n_packs = min(loss.shape[0], max(n_movers // 3, 1))
    packs = np.argpartition(doubt, n_packs - 1)[:n_packs] if n_packs else np.zeros(0, np.int64)
    wide = loss[packs]
    n_columns = min(n_movers, wide.size)
    flat = wide.ravel()
    kept = np.argpartition(flat, n_columns - 1)[:n_columns] if n_columns else packs
    kept = kept[np.isfinite(flat[kept])]
    kept = kept[np.argsort(flat[kept], kind="stable")]
    width = reduced.shape[1]
    return packs[kept // width].astype(np.int64), (kept % width).astype(np.int64)
