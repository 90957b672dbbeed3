"""Where and when to open plants for what comes back, not knowing how much that will be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from batteryloop.errors import ValueOutOfRange

Array = NDArray[np.float64]
_Opens = dict[str, int | None]


@dataclass(frozen=True, slots=True)
class Site:
    """A place for a plant: what it takes a year, what it costs, when it could open at the earliest.

    `is_open` marks a plant that runs already and costs nothing to open.
    """

    name: str
    capacity_t: float
    opening_usd: float
    fixed_usd: float
    treatment_usd_per_t: float
    earliest_year: int
    transport_usd_per_t: dict[str, float]
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class CapacityPlan:
    """When to open what, what that costs, how much is left over, and how sure the dates are.

    `opens` is the one plan for all scenarios; `opens_if` the plan for each scenario alone, from
    low to high returns; `gap_frac` the proven distance to the best plan.
    """

    years: tuple[int, ...]
    opens: dict[str, int | None]
    opens_if: dict[str, dict[str, int | None]]
    cost_usd: float
    gap_frac: float
    load_frac: dict[str, tuple[float, ...]]
    unserved_t: tuple[float, ...]
    n_scenarios: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """What to open when, and how much that hangs on the returns."""
        said = []
        for name, year in self.opens.items():
            others = [opens[name] for opens in self.opens_if.values()]
            span = ", ".join("never" if y is None else str(y) for y in others)
            words = "do not open within the years planned" if year is None else f"open in {year}"
            said.append(f"{name}: {words} (low, middle, high returns alone: {span})")
        return tuple(said)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "years": list(self.years),
            "opens": dict(self.opens),
            "opens_if": {name: dict(opens) for name, opens in self.opens_if.items()},
            "cost_usd": self.cost_usd,
            "gap_frac": self.gap_frac,
            "load_frac": {name: list(loads) for name, loads in self.load_frac.items()},
            "unserved_t": list(self.unserved_t),
            "n_scenarios": self.n_scenarios,
            "sentences": list(self.sentences),
        }


def plan_capacity(
    sites: Sequence[Site],
    years: Sequence[int],
    regions: Sequence[str],
    draws_t: Array,
    *,
    unserved_usd_per_t: float,
    discount_per_year: float = 0.08,
    plant_life_years: float = 10.0,
    n_scenarios: int = 5,
    gap_frac: float = 1e-3,
    time_limit_s: float = 60.0,
) -> CapacityPlan:
    """Return when to open each site so that the expected discounted cost is least.

    A two-stage programme: openings are decided once for all scenarios, flows for each. Scenarios
    are evenly spaced ranks of the draws by their total. Solved as a mixed-integer programme (HiGHS
    through SciPy) with the proven gap.

    Parameters
    ----------
    sites : sequence of Site
        Open and possible ones.
    years : sequence of int
        Years planned.
    regions : sequence of str
        Regions of the draws.
    draws_t : numpy.ndarray
        Shape (draws, years, regions): what comes back [t].
    unserved_usd_per_t : float
        What a tonne costs that no plant of these takes: storage, export [USD/t].
    discount_per_year : float, optional
        Discount rate [1/year].
    plant_life_years : float, optional
        Life of a plant [years]: what of it lies beyond the last year is credited, evenly, so that
        the end of the plan keeps nobody from opening (EverBatt 2023: ten years).
    n_scenarios : int, optional
        How many scenarios are kept.
    gap_frac : float, optional
        Distance to the bound at which to stop [1].
    time_limit_s : float, optional
        When to stop [s].

    Raises
    ------
    ValueOutOfRange
        If there is no site, the draws have another shape, or a site has no transport cost for a
        region.

    Examples
    --------
    >>> site = Site("Shanghai", 100.0, 1e4, 1e3, 10.0, 2026, {"CN": 5.0})
    >>> draws = np.full((3, 3, 1), 80.0)
    >>> plan = plan_capacity([site], [2026, 2027, 2028], ["CN"], draws, unserved_usd_per_t=500.0)
    >>> plan.opens
    {'Shanghai': 2026}
    """
    _checked(sites, years, regions, draws_t)
    order = np.argsort(draws_t.sum(axis=(1, 2)))
    n_kept = min(n_scenarios, len(order))
    ranks = np.round((np.arange(n_kept) + 0.5) / n_kept * len(order) - 0.5).astype(int)
    kept = draws_t[order[ranks]]
    factors = (1.0 + discount_per_year) ** -np.arange(len(years), dtype=float)
    solve = _Programme(
        tuple(sites), tuple(years), tuple(regions), factors, unserved_usd_per_t, plant_life_years
    )
    opens, cost, gap, loads, unserved = solve.run(kept, gap_frac, time_limit_s)
    alone = {
        name: solve.run(kept[[place]], gap_frac, time_limit_s)[0]
        for name, place in (("low", 0), ("middle", n_kept // 2), ("high", n_kept - 1))
    }
    return CapacityPlan(tuple(years), opens, alone, cost, gap, loads, unserved, n_kept)


def _checked(
    sites: Sequence[Site], years: Sequence[int], regions: Sequence[str], draws_t: Array
) -> None:
    if not sites:
        raise ValueOutOfRange("sites", "none", "at least one")
    if draws_t.ndim != 3 or draws_t.shape[1:] != (len(years), len(regions)):
        raise ValueOutOfRange(
            "draws", f"shape {draws_t.shape}", f"(draws, {len(years)}, {len(regions)})"
        )
    for site in sites:
        absent = [region for region in regions if region not in site.transport_usd_per_t]
        if absent:
            raise ValueOutOfRange(
                f"site {site.name}", f"no transport cost from {', '.join(absent)}", "one each"
            )
        if not site.capacity_t > 0:
            raise ValueOutOfRange(f"site {site.name}", f"{site.capacity_t:g} t", "above 0 t")


@dataclass(frozen=True, slots=True)
class _Programme:
    """Columns: opening of each site in each year, then flows and what is left, by scenario."""

    sites: tuple[Site, ...]
    years: tuple[int, ...]
    regions: tuple[str, ...]
    factors: Array
    unserved_usd_per_t: float
    life_years: float

    def run(
        self, draws: Array, gap_frac: float, time_limit_s: float
    ) -> tuple[
        dict[str, int | None], float, float, dict[str, tuple[float, ...]], tuple[float, ...]
    ]:
        n_s, n_y, n_r, n_k = len(self.sites), len(self.years), len(self.regions), len(draws)
        n_open, n_flow = n_s * n_y, (n_s + 1) * n_y * n_r
        cost = np.concatenate([self._opening_costs(), np.tile(self._flow_costs(), n_k) / n_k])
        upper = np.concatenate([self._may_open(), np.full(n_flow * n_k, np.inf)])
        constraints = [self._open_once(n_open, n_flow * n_k)]
        for k in range(n_k):
            constraints += self._flows(draws[k], n_open, n_flow, k, n_k)
        solved = milp(
            cost,
            integrality=np.concatenate([np.ones(n_open), np.zeros(n_flow * n_k)]),
            bounds=Bounds(np.zeros(len(cost)), upper),
            constraints=constraints,
            options={"mip_rel_gap": gap_frac, "time_limit": time_limit_s},
        )
        if solved.x is None:
            raise ValueOutOfRange("capacity plan", solved.message, "a longer time limit")
        opened = solved.x[:n_open].reshape(n_s, n_y) > 0.5
        flows = solved.x[n_open:].reshape(n_k, n_s + 1, n_y, n_r).mean(axis=0).sum(axis=2)
        opens = {
            site.name: int(self.years[int(np.argmax(row))]) if row.any() else None
            for site, row in zip(self.sites, opened, strict=True)
            if not site.is_open
        }
        loads = {
            site.name: tuple(max(float(v), 0.0) for v in flows[i] / site.capacity_t)
            for i, site in enumerate(self.sites)
        }
        return (
            opens,
            float(solved.fun),
            float(solved.mip_gap or 0.0),
            loads,
            tuple(max(float(v), 0.0) for v in flows[-1]),
        )

    def _opening_costs(self) -> Array:
        rest = np.cumsum(self.factors[::-1])[::-1]
        used = np.arange(len(self.years), 0, -1)
        left = np.clip(1.0 - used / self.life_years, 0.0, None) * self.factors[-1]
        return np.concatenate(
            [
                site.fixed_usd * rest
                + (0.0 if site.is_open else site.opening_usd * (self.factors - left))
                for site in self.sites
            ]
        )

    def _flow_costs(self) -> Array:
        each = [
            [
                [
                    factor * (site.treatment_usd_per_t + site.transport_usd_per_t[region])
                    for region in self.regions
                ]
                for factor in self.factors
            ]
            for site in self.sites
        ]
        left = [[factor * self.unserved_usd_per_t for _ in self.regions] for factor in self.factors]
        return np.array([*each, left]).ravel()

    def _may_open(self) -> Array:
        return np.array(
            [
                float(year == self.years[0] if site.is_open else year >= site.earliest_year)
                for site in self.sites
                for year in self.years
            ]
        )

    def _open_once(self, n_open: int, n_rest: int) -> LinearConstraint:
        rows = sparse.kron(sparse.eye(len(self.sites)), np.ones((1, len(self.years))))
        least = np.array([float(site.is_open) for site in self.sites])
        matrix = sparse.hstack([rows, sparse.csr_matrix((len(self.sites), n_rest))], format="csr")
        return LinearConstraint(matrix, least, np.ones(len(self.sites)))

    def _flows(
        self, returns: Array, n_open: int, n_flow: int, k: int, n_k: int
    ) -> list[LinearConstraint]:
        n_s, n_y, n_r = len(self.sites), len(self.years), len(self.regions)
        before, after = n_flow * k, n_flow * (n_k - 1 - k)
        # What returns is treated somewhere or left.
        served = sparse.kron(np.ones((1, n_s + 1)), sparse.eye(n_y * n_r))
        whole = sparse.hstack(
            [
                sparse.csr_matrix((n_y * n_r, n_open + before)),
                served,
                sparse.csr_matrix((n_y * n_r, after)),
            ],
            format="csr",
        )
        # A site takes what it can from the year it opens.
        capacities = sparse.diags([float(site.capacity_t) for site in self.sites])
        open_by = sparse.kron(capacities, np.tril(np.ones((n_y, n_y))))
        taken = sparse.hstack(
            [
                sparse.kron(sparse.eye(n_s * n_y), np.ones((1, n_r))),
                sparse.csr_matrix((n_s * n_y, n_y * n_r)),
            ]
        )
        within = sparse.hstack(
            [
                -open_by,
                sparse.csr_matrix((n_s * n_y, before)),
                taken,
                sparse.csr_matrix((n_s * n_y, after)),
            ],
            format="csr",
        )
        demand = returns.ravel()
        return [
            LinearConstraint(whole, demand, demand),
            LinearConstraint(within, -np.inf, np.zeros(n_s * n_y)),
        ]
