"""The exact plan of a small batch, as an integer programme solved by HiGHS.

HiGHS is called through SciPy: highspy's own solver prints a banner on stdout when it is made, where
a command may print one JSON document and nothing else.
"""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from batteryloop.circular.triage.kernels.relaxation import Floats, Integers
from batteryloop.circular.triage.problem import AssignmentProblem, limits_of_lanes
from batteryloop.errors import OptionWrong

# Columns (packs x lanes left open) up to which HiGHS is asked; past that it may run for minutes.
COLUMNS_MOST = 20_000
_INFEASIBLE = 2


def exact_plan(
    problem: AssignmentProblem,
    *,
    lost_eur: Floats | None = None,
    spare_eur: float = np.inf,
    time_limit_s: float = 60.0,
) -> tuple[Integers | None, float]:
    """Return each pack's lane (-1 is hold) and the best bound proven [EUR].

    The plan is None where no plan keeps the carbon budget, or none was found in time; the bound
    is minus infinity where there is provably none.

    Parameters
    ----------
    problem : AssignmentProblem
        With opening costs, if there are any.
    lost_eur : ndarray, shape (n_packs, n_lanes + 1), optional
        What each pack loses in each lane and in hold at prices that prove a bound [EUR].
    spare_eur : float, optional
        That bound less the worth of a plan at hand: no better plan has a column that loses more.
    time_limit_s : float, optional
        How long HiGHS may search.

    Raises
    ------
    OptionWrong
        If more columns than `COLUMNS_MOST` are left.
    """
    is_left = np.isfinite(problem.value_eur)
    may_hold = np.ones(problem.n_packs, dtype=bool)
    if lost_eur is not None:
        is_kept = lost_eur <= spare_eur + 1e-6 * (1.0 + abs(spare_eur))
        is_left, may_hold = is_left & is_kept[:, :-1], is_kept[:, -1]
    packs, lanes = np.nonzero(is_left)
    if packs.size > COLUMNS_MOST:
        raise OptionWrong(
            "exact", f"{packs.size} columns", f"at most {COLUMNS_MOST}", "leave `exact` out"
        )
    n, n_x = problem.n_packs, packs.size
    openings = list(problem.opening_eur.items())
    if n == 0:
        return np.zeros(0, dtype=np.int64), 0.0
    n_columns = n_x + n + len(openings)
    worth = np.concatenate(
        [problem.value_eur[packs, lanes], problem.hold_eur, [-cost for _, cost in openings]]
    )
    rows, columns, weights, lower, upper = _rows(problem, packs, lanes)
    most = np.ones(n_columns)
    most[n_x : n_x + n] = may_hold
    matrix = csr_array((weights, (rows, columns)), shape=(len(upper), n_columns))
    done = milp(
        -worth,
        integrality=np.ones(n_columns),
        bounds=Bounds(0.0, most),
        constraints=LinearConstraint(matrix, lower, upper),
        options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
    )
    if done.status == _INFEASIBLE:
        return None, -np.inf
    bound = np.inf if done.mip_dual_bound is None else -float(done.mip_dual_bound)
    if done.x is None:
        return None, bound
    chosen = np.full(n, -1, dtype=np.int64)
    is_chosen = done.x[:n_x] > 0.5
    chosen[packs[is_chosen]] = lanes[is_chosen]
    return chosen, bound


def _rows(
    problem: AssignmentProblem, packs: Integers, lanes: Integers
) -> tuple[Integers, Integers, Floats, Floats, Floats]:
    """Return the programme's entries (row, column, weight) and each row's bounds."""
    n, n_x = problem.n_packs, packs.size
    rows, columns = [packs, np.arange(n)], [np.arange(n_x), n_x + np.arange(n)]
    weights = [np.ones(n_x), np.ones(n)]
    lower, upper = [1.0] * n, [1.0] * n
    met = limits_of_lanes(problem)[problem.kind[packs], lanes] if n_x else np.empty((0, 1), int)
    for r, limit in enumerate(problem.material):
        uses = np.flatnonzero((met == r).any(axis=1))
        rows.append(np.full(uses.size, len(upper)))
        columns.append(uses)
        weights.append(problem.mass_kg[packs[uses]] if limit.unit == "kg" else np.ones(uses.size))
        lower.append(-np.inf)
        upper.append(limit.most)
    if problem.carbon_budget is not None:
        rows.append(np.full(n_x, len(upper)))
        columns.append(np.arange(n_x))
        weights.append(problem.carbon_kgco2e[packs, lanes])
        lower.append(-np.inf)
        upper.append(problem.carbon_budget)
    owner = np.array([lane.facility for lane in problem.lanes])
    for j, name in enumerate(problem.opening_eur):
        # Each pack's own row: x may not be more than the opening, the tightest form.
        for column in np.flatnonzero(owner[lanes] == name) if n_x else ():
            rows.append(np.array([len(upper), len(upper)]))
            columns.append(np.array([column, n_x + n + j]))
            weights.append(np.array([1.0, -1.0]))
            lower.append(-np.inf)
            upper.append(0.0)
    joined = [np.concatenate(part) for part in (rows, columns, weights)]
    return (
        joined[0].astype(np.int64),
        joined[1].astype(np.int64),
        joined[2],
        np.array(lower),
        np.array(upper),
    )
