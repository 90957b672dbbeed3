"""The best grouping of a small batch: every possible group a column, HiGHS picks a partition."""

from itertools import combinations
from math import comb

import numpy as np
from scipy.optimize import LinearConstraint, linprog, milp
from scipy.sparse import csc_array

from batteryloop.circular.remanufacture.group import squared_spread
from batteryloop.circular.remanufacture.kernels import Floats, Integers

GROUPS_MOST = 20_000


def is_small(n: int, n_each: int) -> bool:
    """Return whether a batch has few enough possible groups to be solved exactly.

    Examples
    --------
    >>> is_small(20, 5), is_small(40, 8)
    (True, False)
    """
    return comb(n, n_each) <= GROUPS_MOST


def best_grouping(
    points: Floats, n_each: int, start: Integers, *, time_limit_s: float = 30.0
) -> tuple[Integers, float]:
    """Return the grouping of least squared spread and the bound proven.

    The linear relaxation's prices rule out every group that no better grouping than `start` can
    have; the partition is sought among the rest.

    Parameters
    ----------
    points : ndarray, shape (n, n_axes)
        Features; n a multiple of `n_each`.
    n_each : int
        Size of the groups.
    start : ndarray of int, shape (n,)
        A grouping to begin with.
    time_limit_s : float, optional
        How long HiGHS may search.
    """
    n = points.shape[0]
    groups = np.array(list(combinations(range(n), n_each)), dtype=np.int64)
    inside = points[groups]
    cost = ((inside - inside.mean(axis=1, keepdims=True)) ** 2).sum(axis=(1, 2))
    known = squared_spread(points, start, n_each)
    starts = np.arange(0, groups.size + 1, n_each)
    matrix = csc_array((np.ones(groups.size), groups.ravel(), starts), shape=(n, len(groups)))
    relaxed = linprog(cost, A_eq=matrix, b_eq=np.ones(n), bounds=(0, None), method="highs")
    prices = np.asarray(relaxed.eqlin.marginals)
    reduced = cost - prices[groups].sum(axis=1)
    kept = np.flatnonzero(reduced <= known - relaxed.fun + 1e-9 * (1.0 + known))
    done = milp(
        cost[kept],
        integrality=np.ones(kept.size),
        constraints=LinearConstraint(matrix[:, kept], 1.0, 1.0),
        options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
    )
    bound = float(relaxed.fun) if done.mip_dual_bound is None else float(done.mip_dual_bound)
    label = start.copy()
    if done.x is not None and done.fun < known:
        for g, column in enumerate(kept[done.x > 0.5]):
            label[groups[column]] = g
    return label, min(bound, squared_spread(points, label, n_each))
