"""Prices of capacity at which the packs' own best choices fit: the dual, and its proven bound.

At prices p of the limits' capacity c, no plan is worth more than the sum of each pack's best value
after the prices, plus p times c: a bound, whatever the prices. The least such bound is sought over
prices, smoothed by a softmax that cools down, with L-BFGS-B. A facility that costs E to open gives
back the larger of nothing and its rent p times c less E.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import minimize

from batteryloop.circular.triage.kernels.relaxation import Floats, soft_choice
from batteryloop.circular.triage.problem import AssignmentProblem, limits_of_lanes

# Warmth of each stage as a share of the values' spread, and how many steps it may take.
_STAGES = ((3e-2, 40), (6e-3, 50), (1.2e-3, 70), (2.5e-4, 90), (5e-5, 120))
# As many parts for a batch on any machine, so that sums come out the same; small ones have one.
_N_PARTS = 8
_CELLS_SHARED = 200_000


@dataclass(frozen=True, slots=True)
class Prices:
    """What capacity is worth at the margin, and the bound that these prices prove.

    `limit_eur` is in the order of the problem's `limits` [EUR per kg, pack or kg CO2e];
    `used` is how much of each the packs would take at these prices.
    """

    limit_eur: Floats
    bound_eur: float
    used: Floats
    n_evaluations: int


class _Relaxation:
    """The problem laid out for the kernel; each call is one set of prices."""

    def __init__(
        self, problem: AssignmentProblem, is_open: Mapping[str, bool], run: ThreadPoolExecutor
    ) -> None:
        self.problem = problem
        self.run = run
        lanes, kinds = len(problem.lanes), len(problem.chemistries)
        self.shape = (kinds, lanes)
        met = limits_of_lanes(problem)
        units = [limit.unit for limit in problem.material]
        n_rows = len(units)
        by_row = np.zeros((n_rows, kinds, lanes))
        for c, lane, j in zip(*np.nonzero(met >= 0), strict=True):
            by_row[met[c, lane, j], c, lane] = 1.0
        self.by_row = by_row.reshape(n_rows, kinds * lanes)
        self.is_kg = np.array([unit == "kg" for unit in units], dtype=bool)
        self.most = np.array([limit.most for limit in problem.material])
        self.budget = problem.carbon_budget
        owners = [limit.facility for limit in problem.material]
        self.fixed_eur = -sum(
            cost for name, cost in problem.opening_eur.items() if is_open.get(name)
        )
        undecided = {k: e for k, e in problem.opening_eur.items() if k not in is_open}
        self.opening = [
            (np.array([owner == name for owner in owners], dtype=bool), cost)
            for name, cost in undecided.items()
        ]
        self.is_free = np.array([owner not in undecided for owner in owners], dtype=bool)
        n_parts = _N_PARTS if problem.value_eur.size >= _CELLS_SHARED else 1
        edges = np.linspace(0, problem.n_packs, n_parts + 1).astype(int)
        self.parts = [(int(a), int(b)) for a, b in pairwise(edges)]
        self.n = 0

    def __call__(self, prices: Floats, heat_eur: float) -> tuple[float, Floats, float, Floats]:
        """Return the smoothed bound, its slope, the plain bound, and what the packs use."""
        self.n += 1
        p = self.problem
        n_rows = self.most.size
        table = np.stack([prices[:n_rows] * self.is_kg, prices[:n_rows] * ~self.is_kg])
        price_kg, price_pack = (table @ self.by_row).reshape(2, *self.shape)
        price_carbon = float(prices[n_rows]) if self.budget is not None else 0.0

        def part(bounds: tuple[int, int]) -> tuple[float, float, float, Floats, Floats]:
            kg, packs = np.zeros(self.shape), np.zeros(self.shape)
            sums = soft_choice(
                p.value_eur, p.hold_eur, p.mass_kg, p.kind, p.carbon_kgco2e,
                price_kg, price_pack, price_carbon, heat_eur, *bounds, kg, packs,
            )  # fmt: skip
            return (*sums, kg, packs)

        run = self.run.map if len(self.parts) > 1 else map
        found = list(run(part, self.parts))
        smooth, plain, caused = (float(sum(f[j] for f in found)) for j in range(3))
        kg = np.sum([f[3] for f in found], axis=0).ravel()
        packs = np.sum([f[4] for f in found], axis=0).ravel()
        used = np.where(self.is_kg, self.by_row @ kg, self.by_row @ packs)
        slope = -used
        rent = prices[:n_rows] * self.most
        free = float(rent[self.is_free].sum()) + self.fixed_eur
        slope[self.is_free] += self.most[self.is_free]
        smooth, plain = smooth + free, plain + free
        for rows, cost in self.opening:
            gain = float(rent[rows].sum()) - cost
            share = 1.0 / (1.0 + np.exp(-np.clip(gain / heat_eur, -700, 700)))
            smooth += heat_eur * float(np.logaddexp(0.0, gain / heat_eur))
            plain += max(0.0, gain)
            slope[rows] += share * self.most[rows]
        if self.budget is not None:
            smooth, plain = smooth + price_carbon * self.budget, plain + price_carbon * self.budget
            slope = np.append(slope, self.budget - caused)
            used = np.append(used, caused)
        return float(smooth), slope, float(plain), used


def solve_prices(
    problem: AssignmentProblem,
    *,
    is_open: Mapping[str, bool] | None = None,
    start_eur: Floats | None = None,
    n_threads: int = 2,
    n_stages_left: int = len(_STAGES),
) -> Prices:
    """Return prices of capacity with the bound that they prove.

    Parameters
    ----------
    problem : AssignmentProblem
        Facilities that are decided to be shut must be taken out with `without`.
    is_open : mapping of str to bool, optional
        Facilities with an opening cost of which it is already decided whether they run.
    start_eur : ndarray, optional
        Prices to begin with, as `Prices.limit_eur`.
    n_threads : int, optional
        Threads that share the packs; the result is the same.
    n_stages_left : int, optional
        How many of the last, coolest stages to run; fewer from good prices.
    """
    with ThreadPoolExecutor(n_threads) as run:
        relaxation = _Relaxation(problem, is_open or {}, run)
        unit, spread = usual_prices(problem)
        x = np.zeros(unit.size) if start_eur is None else by_rows(problem, start_eur) / unit
        best = (np.inf, x)

        def seen(heat_eur: float) -> Callable[[Floats], tuple[float, Floats]]:
            def at(y: Floats) -> tuple[float, Floats]:
                nonlocal best
                smooth, slope, plain, _ = relaxation(y * unit, heat_eur)
                if plain < best[0]:
                    best = (plain, y.copy())
                return smooth / spread, slope * unit / spread

            return at

        if not unit.size:
            _, _, plain, _ = relaxation(x, spread * 1e-6)
            return Prices(np.zeros(0), plain, np.zeros(0), 1)
        for share, n_steps in _STAGES[len(_STAGES) - n_stages_left :]:
            done = minimize(
                seen(spread * share), x, jac=True, method="L-BFGS-B",
                bounds=[(0.0, None)] * x.size,
                options={"maxiter": n_steps, "maxcor": 20, "ftol": 1e-12, "gtol": 1e-9},
            )  # fmt: skip
            x = np.asarray(done.x)
        *_, used = relaxation(best[1] * unit, spread * _STAGES[-1][0])
        order = _row_order(problem)
        return Prices((best[1] * unit)[order], best[0], used[order], relaxation.n)


def _row_order(problem: AssignmentProblem) -> list[int]:
    """Return for each limit its place among the rows: material first, carbon last."""
    order, n = [], 0
    for limit in problem.limits:
        order.append(len(problem.material) if limit.unit == "kgco2e" else n)
        n += limit.unit != "kgco2e"
    return order


def by_rows(problem: AssignmentProblem, limit_eur: Floats) -> Floats:
    """Return prices in the order of the rows: material limits first, the carbon budget last."""
    rows = np.zeros(len(problem.limits))
    rows[_row_order(problem)] = limit_eur
    return rows


def usual_prices(problem: AssignmentProblem) -> tuple[Floats, float]:
    """Return a usual price of each limit, and how far values lie apart, both above 0."""
    finite = problem.value_eur[np.isfinite(problem.value_eur)]
    largest = float(np.abs(finite).max(initial=0.0))
    spread = max(float(np.std(finite)) if finite.size else 0.0, 1e-2 * largest, 1e-6)
    mass = max(float(np.mean(problem.mass_kg)) if problem.n_packs else 0.0, 1e-9)
    units = [spread / mass if limit.unit == "kg" else spread for limit in problem.material]
    if problem.carbon_budget is not None:
        carbon = problem.carbon_kgco2e[np.isfinite(problem.value_eur)]
        units.append(spread / max(float(np.std(carbon)) if carbon.size else 0.0, 1e-9))
    return np.array(units), spread
