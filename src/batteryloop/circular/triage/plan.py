"""Triage of a batch: judge, price a test first, assign to the network, and say what came out."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from batteryloop.circular.triage.assign import assign, lost_share, used
from batteryloop.circular.triage.judge import USUAL, Judged, worth_after_test
from batteryloop.circular.triage.kernels.relaxation import Floats, Integers
from batteryloop.circular.triage.network import (
    Facility,
    Origins,
    lanes_of,
    limits_of,
    transport,
)
from batteryloop.circular.triage.openings import Solved
from batteryloop.circular.triage.placing import priced
from batteryloop.circular.triage.prices import solve_prices
from batteryloop.circular.triage.problem import AssignmentProblem, Lane, Limit, assignment_problem
from batteryloop.circular.triage.tables import (
    FATES,
    HOLD,
    SCENARIOS,
    TEST_FIRST,
    StateTest,
    transport_figures,
)


@dataclass(frozen=True, slots=True)
class TriagePlan:
    """Where each pack goes, what that is worth, and the bound that proves it.

    Attributes
    ----------
    chosen : ndarray of int, shape (n_packs,)
        Lane of each pack; -1 where it is kept in store.
    tests : tuple of str
        For each pack the test that would be made first, empty where none is worth its cost.
    information_eur : ndarray, shape (n_packs,)
        What that best test adds over deciding now, its cost taken off [EUR].
    used : ndarray, shape (n_limits,)
        How much of each limit the plan takes.
    value_low_eur, value_high_eur : float
        Worth of the same plan at the low and the high scenario of prices [EUR].
    """

    judged: Judged
    problem: AssignmentProblem
    solved: Solved
    chosen: Integers
    tests: tuple[str, ...]
    information_eur: Floats
    used: Floats
    value_low_eur: float
    value_high_eur: float

    @property
    def gap_frac(self) -> float:
        """How far the plan may be from the best, as a share of the bound."""
        return lost_share(self.solved)

    def fate(self, i: int) -> str:
        """Return the fate of pack `i`."""
        return HOLD if self.chosen[i] < 0 else self.problem.lanes[self.chosen[i]].fate

    def facility(self, i: int) -> str:
        """Return where pack `i` goes, empty where it is kept."""
        return "" if self.chosen[i] < 0 else self.problem.lanes[self.chosen[i]].facility

    def value_eur(self, i: int) -> float:
        """Return what pack `i` is worth there after transport [EUR]."""
        lane = self.chosen[i]
        kept = self.problem.hold_eur[i] if lane < 0 else self.problem.value_eur[i, lane]
        return float(kept)

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as plain data, for JSON, REST and pages."""
        return {
            "n_packs": self.problem.n_packs,
            "value_eur": self.solved.value_eur,
            "value_low_eur": self.value_low_eur,
            "value_high_eur": self.value_high_eur,
            "bound_eur": self.solved.bound_eur,
            "gap_frac": self.gap_frac,
            "is_exact": self.solved.is_exact,
            "fates": fates_of(self),
            "limits": limits_table(self),
            "openings": openings_of(self),
            "sankey": sankey(self),
            "packs": [pack_row(self, i) for i in range(self.problem.n_packs)],
        }


def pack_row(plan: TriagePlan, i: int) -> dict[str, Any]:
    """Return one pack's decision as plain data."""
    packs = plan.judged.packs
    return {
        "battery_id": packs.battery_ids[i],
        "chemistry": packs.chemistries[packs.kind[i]],
        "fate": plan.fate(i),
        "facility": plan.facility(i),
        "test": plan.tests[i] if plan.fate(i) == TEST_FIRST else "",
        "value_eur": plan.value_eur(i),
        "soh_frac": float(packs.soh_mean_frac[i]),
        "unsafe_frac": float(packs.unsafe_frac[i]),
        "information_eur": float(plan.information_eur[i]),
    }


def fates_of(plan: TriagePlan) -> list[dict[str, Any]]:
    """Return for each fate the packs, their mass and their worth."""
    names = [*FATES, TEST_FIRST, HOLD]
    fates = np.array([plan.fate(i) for i in range(plan.problem.n_packs)])
    values = np.array([plan.value_eur(i) for i in range(plan.problem.n_packs)])
    return [
        {
            "fate": name,
            "n_packs": int((fates == name).sum()),
            "mass_kg": float(plan.problem.mass_kg[fates == name].sum()),
            "value_eur": float(values[fates == name].sum()),
        }
        for name in names
    ]


def limits_table(plan: TriagePlan) -> list[dict[str, Any]]:
    """Return every limit, how much of it is taken, and what one unit more would be worth."""
    prices = plan.solved.prices.limit_eur
    rows = zip(plan.problem.limits, plan.used, prices, strict=True)
    return [
        {
            "limit": limit.name,
            "facility": limit.facility,
            "fate": limit.fate,
            "chemistry": limit.chemistry,
            "unit": limit.unit,
            "most": limit.most,
            "used": float(amount),
            "price_eur_per_unit": float(price),
        }
        for limit, amount, price in rows
    ]


def openings_of(plan: TriagePlan) -> list[dict[str, Any]]:
    """Return which facilities with an opening cost run in the plan."""
    runs = {plan.facility(i) for i in range(plan.problem.n_packs)}
    return [
        {"facility": name, "opening_eur": cost, "is_open": name in runs}
        for name, cost in plan.problem.opening_eur.items()
    ]


def sankey(plan: TriagePlan) -> dict[str, Any]:
    """Return nodes and links of the flows chemistry → fate → facility, in packs and kilograms."""
    packs = plan.judged.packs
    n_packs: Counter[tuple[str, str]] = Counter()
    mass: dict[tuple[str, str], float] = defaultdict(float)
    for i in range(plan.problem.n_packs):
        chemistry, fate = packs.chemistries[packs.kind[i]], plan.fate(i)
        for link in ((chemistry, fate), (fate, plan.facility(i) or "store")):
            n_packs[link] += 1
            mass[link] += float(packs.mass_kg[i])
    names = list(dict.fromkeys(name for link in sorted(n_packs) for name in link))
    return {
        "nodes": [{"name": name} for name in names],
        "links": [
            {"source": a, "target": b, "n_packs": n_packs[a, b], "mass_kg": mass[a, b]}
            for a, b in sorted(n_packs)
        ],
    }


def plan_triage(
    judged: Judged,
    origins: Origins,
    facilities: Sequence[Facility],
    *,
    tests: Sequence[StateTest] = (),
    limits: Sequence[Limit] = (),
    carbon_most_kgco2e: float | None = None,
    transport_rows: Sequence[Mapping[str, str]] | None = None,
    gap_frac: float = 1e-4,
    is_exact: bool | None = None,
    n_threads: int = 2,
) -> TriagePlan:
    """Return where each pack goes.

    A test first is worth what the best allowed fate is worth on average after it, less its cost;
    the room that this later fate takes is paid at the prices of capacity of a plan without tests.

    Parameters
    ----------
    judged : Judged
        From `judge`.
    origins : Origins
        Where the packs are.
    facilities : sequence of Facility
        Where they may go; a facility that offers `test-first` makes tests.
    tests : sequence of StateTest, optional
        What may be tested; none, and every pack is decided now.
    limits : sequence of Limit, optional
        Further limits by facility, fate and chemistry.
    carbon_most_kgco2e : float, optional
        Budget of the network's emissions, savings counted [kg CO2e].
    transport_rows : sequence of mapping, optional
        Rows as `transport.csv` has them, in its place.
    gap_frac : float, optional
        How close to the bound is close enough [1].
    is_exact : bool, optional
        Whether to solve the assignment exactly; if not given, where the batch is small.
    n_threads : int, optional
        Threads that share the packs.
    """
    figures = [transport_figures(transport_rows, scenario=name) for name in SCENARIOS]
    moved, carbon = transport(judged.packs, origins, facilities, figures[USUAL])
    lanes = lanes_of(facilities)
    place = {facility.name: k for k, facility in enumerate(facilities)}
    at = np.array([place[lane.facility] for lane in lanes], dtype=int)
    n = judged.packs.n_packs
    value = np.full((n, len(lanes)), -np.inf)
    emitted = carbon[:, at]
    for column, lane in enumerate(lanes):
        if lane.fate == TEST_FIRST:
            continue
        f = FATES.index(lane.fate)
        worth = judged.worth_eur[USUAL, :, f] - moved[:, at[column]]
        value[:, column] = np.where(judged.is_allowed[:, f], worth, -np.inf)
        emitted[:, column] -= judged.saved_kgco2e[:, f]
    hold = _kept(judged, value, lanes)
    problem = assignment_problem(
        lanes,
        judged.packs.chemistries,
        value,
        hold,
        judged.packs.mass_kg,
        judged.packs.kind,
        limits_of(facilities, limits, carbon_most_kgco2e),
        carbon_kgco2e=emitted,
        opening_eur={f.name: f.opening_eur for f in facilities},
    )
    names: tuple[str, ...] = ("",) * n
    gained = np.zeros(n)
    if tests and any(lane.fate == TEST_FIRST for lane in lanes) and n:
        problem, names, gained = _with_tests(judged, problem, moved[:, at], tests, n_threads)
    solved = assign(problem, gap_frac=gap_frac, is_exact=is_exact, n_threads=n_threads)
    chosen = solved.chosen if solved.chosen is not None else np.full(n, -1)
    ends = [_at_scenario(judged, problem, chosen, k) for k in (0, 2)]
    return TriagePlan(
        judged, problem, solved, chosen, names, gained, used(problem, chosen), min(ends), max(ends)
    )


def _kept(judged: Judged, value: Floats, lanes: Sequence[Lane]) -> Floats:
    """Return what keeping a pack is worth: its store, and being recycled later [EUR].

    Waste has to be treated in the end, so that storing it is never the way out.
    """
    later = [j for j, lane in enumerate(lanes) if lane.fate == "recycle"]
    best = value[:, later].max(axis=1) if later else np.zeros(value.shape[0])
    return np.asarray(np.where(np.isfinite(best), best, 0.0) - judged.table.hold_eur[USUAL])


def _with_tests(
    judged: Judged,
    problem: AssignmentProblem,
    moved_eur: Floats,
    tests: Sequence[StateTest],
    n_threads: int,
) -> tuple[AssignmentProblem, tuple[str, ...], Floats]:
    """Return the problem with the worth of testing first, each pack's test and what it adds."""
    prices = solve_prices(problem, n_threads=n_threads)
    reduced = priced(problem, prices.limit_eur)
    now = reduced.max(axis=1)
    # What a fate costs beside its worth, at its cheapest lane, were it allowed.
    taken = _cost_of_lanes(problem, prices.limit_eur, moved_eur)
    net = np.full((problem.n_packs, len(FATES)), np.inf)
    for column, lane in enumerate(problem.lanes):
        if lane.fate in FATES:
            f = FATES.index(lane.fate)
            net[:, f] = np.minimum(net[:, f], taken[:, column])
    gains = np.stack(
        [
            worth_after_test(
                judged, test, net_of_eur=net, hold_eur=problem.hold_eur, n_threads=n_threads
            )
            - test.cost_eur
            for test in tests
        ]
    )
    best = gains.argmax(axis=0)
    after = gains.max(axis=0)
    value = problem.value_eur.copy()
    for column, lane in enumerate(problem.lanes):
        if lane.fate == TEST_FIRST:
            value[:, column] = after - moved_eur[:, column]
    gained = after - now
    names = tuple(tests[b].test for b in best)
    return replace(problem, value_eur=value), names, gained


def _cost_of_lanes(problem: AssignmentProblem, limit_eur: Floats, moved_eur: Floats) -> Floats:
    """Return transport and prices of capacity of each lane, were it open to the pack [EUR]."""
    free = replace(problem, value_eur=np.zeros_like(problem.value_eur))
    return np.asarray(moved_eur - priced(free, limit_eur)[:, :-1])


def _at_scenario(
    judged: Judged, problem: AssignmentProblem, chosen: Integers, scenario: int
) -> float:
    """Return what the plan is worth at other prices; a pack to be tested moves with its best."""
    total = -float(sum(problem.opening_eur[k] for k in _running(problem, chosen)))
    change = judged.worth_eur[scenario] - judged.worth_eur[USUAL]
    for i, lane in enumerate(chosen):
        if lane < 0:
            stored = judged.table.hold_eur[scenario] - judged.table.hold_eur[USUAL]
            total += float(problem.hold_eur[i] - stored + change[i, FATES.index("recycle")])
            continue
        fate = problem.lanes[lane].fate
        total += float(problem.value_eur[i, lane])
        if fate == TEST_FIRST:
            allowed = np.where(judged.is_allowed[i], judged.worth_eur[USUAL, i], -np.inf)
            total += float(change[i, int(np.argmax(allowed))])
        else:
            total += float(change[i, FATES.index(fate)])
    return total


def _running(problem: AssignmentProblem, chosen: Integers) -> set[str]:
    used_names = {problem.lanes[lane].facility for lane in np.unique(chosen[chosen >= 0])}
    return used_names & set(problem.opening_eur)
