"""The best plan of whole packs with its proof: by prices, and exactly where the batch is small."""

from dataclasses import replace

import numpy as np

from batteryloop.circular.triage.exact import exact_plan
from batteryloop.circular.triage.openings import Solved, plan_value, solve
from batteryloop.circular.triage.placing import priced
from batteryloop.circular.triage.problem import AssignmentProblem
from batteryloop.errors import RecordSaysNo

# So few columns left after the prices ruled out the rest, and the plan is made exactly.
EXACT_COLUMNS = 1500


def assign(
    problem: AssignmentProblem,
    *,
    gap_frac: float = 1e-4,
    is_exact: bool | None = None,
    time_limit_s: float = 20.0,
    n_threads: int = 2,
) -> Solved:
    """Return the plan with the bound that proves it.

    Prices of capacity give a bound and a plan near it. What separates the two also says which
    columns no better plan can have; where few are left, HiGHS finds the best plan among them.

    Parameters
    ----------
    problem : AssignmentProblem
        From `assignment_problem`.
    gap_frac : float, optional
        How close is close enough, as a share of the bound [1].
    is_exact : bool, optional
        Whether to ask HiGHS; if not given, where at most `EXACT_COLUMNS` columns are left.
    time_limit_s : float, optional
        How long HiGHS may search; what it has proven by then counts.
    n_threads : int, optional
        Threads that share the packs.

    Raises
    ------
    RecordSaysNo
        If no plan keeps the carbon budget.
    """
    is_small = np.isfinite(problem.value_eur).sum() <= EXACT_COLUMNS and is_exact is not False
    nodes = {"n_nodes_most": 1} if is_small else {}
    found = solve(problem, gap_frac=gap_frac, n_threads=n_threads, **nodes)
    reduced = priced(problem, found.prices.limit_eur)
    lost = reduced.max(axis=1, keepdims=True) - reduced
    spare = found.prices.bound_eur - found.value_eur
    left = int((lost <= spare * (1.0 + 1e-6) + 1e-6).sum())
    if is_exact or (is_exact is None and left <= EXACT_COLUMNS):
        chosen, bound = exact_plan(
            problem, lost_eur=lost, spare_eur=spare, time_limit_s=time_limit_s
        )
        if chosen is not None:
            value = plan_value(problem, chosen)
            if found.chosen is None or value > found.value_eur:
                found = replace(found, chosen=chosen, value_eur=value)
        found = replace(
            found, bound_eur=max(min(found.bound_eur, bound), found.value_eur), is_exact=True
        )
    if found.chosen is None:
        budget = problem.carbon_budget
        raise RecordSaysNo(
            "carbon budget",
            "no plan found that keeps it",
            f"at most {budget:,.0f} kg CO2e" if budget is not None else "",
            "allow more emissions, or facilities that save more",
        )
    return found


def lost_share(found: Solved) -> float:
    """Return how far the plan may be from the best, as a share of the bound [1]."""
    return float((found.bound_eur - found.value_eur) / max(abs(found.bound_eur), 1e-9))


def used(problem: AssignmentProblem, chosen: np.ndarray) -> np.ndarray:
    """Return how much of each limit a plan takes, in the limit's unit."""
    placed = np.flatnonzero(chosen >= 0)
    lanes = chosen[placed]
    amounts = []
    for limit in problem.limits:
        if limit.unit == "kgco2e":
            amounts.append(float(problem.carbon_kgco2e[placed, lanes].sum()))
            continue
        fits = np.array(
            [[limit.fits(lane, c) for lane in problem.lanes] for c in problem.chemistries]
        ).reshape(len(problem.chemistries), len(problem.lanes))
        weight = problem.mass_kg[placed] if limit.unit == "kg" else np.ones(placed.size)
        amounts.append(float((weight * fits[problem.kind[placed], lanes]).sum()))
    return np.array(amounts)
