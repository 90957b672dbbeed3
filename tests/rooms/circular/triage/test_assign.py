"""The plan of whole packs: fits, is proven, and is the best where the batch is small."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batteryloop.circular.triage.assign import assign, used
from batteryloop.circular.triage.openings import plan_value
from batteryloop.circular.triage.prices import solve_prices
from batteryloop.circular.triage.problem import Lane, Limit, assignment_problem
from batteryloop.errors import InputWrong, RecordSaysNo

FATES = ("reuse", "repurpose", "recycle")


def small(seed, n_packs, n_facilities, *, has_carbon=False, has_openings=False):
    rng = np.random.default_rng(seed)
    lanes = [Lane(f, f"K{k}") for k in range(n_facilities) for f in FATES]
    value = rng.normal(300.0, 200.0, (n_packs, len(lanes)))
    value[rng.random(value.shape) < 0.3] = -np.inf
    mass = rng.uniform(100.0, 500.0, n_packs)
    kind = rng.integers(0, 2, n_packs)
    limits = [
        Limit(mass.sum() / n_facilities * rng.uniform(0.4, 1.2), "kg", facility=f"K{k}")
        for k in range(n_facilities)
    ]
    limits += [Limit(max(n_packs // 3, 1), "packs", fate="reuse")]
    limits += [Limit(0.4 * mass.sum(), "kg", facility="K0", chemistry="LFP")]
    carbon = None
    if has_carbon:
        carbon = rng.normal(0.0, 50.0, value.shape)
        limits += [Limit(-10.0 * n_packs, "kgco2e")]
    opening = (
        {f"K{k}": float(rng.uniform(0.0, 900.0)) for k in range(n_facilities)}
        if has_openings
        else None
    )
    return assignment_problem(
        lanes, ("LFP", "NMC622"), value, np.full(n_packs, -100.0), mass, kind, limits,
        carbon_kgco2e=carbon, opening_eur=opening,
    )  # fmt: skip


def best_by_trying_all(problem):
    """Return the worth of the best plan, found by trying every one."""
    choices = [[-1, *np.flatnonzero(np.isfinite(row))] for row in problem.value_eur]
    most = np.array([limit.most for limit in problem.limits])
    best = -np.inf
    for plan in itertools.product(*choices):
        chosen = np.array(plan)
        if (used(problem, chosen) <= most + 1e-9).all():
            best = max(best, plan_value(problem, chosen))
    return best


def assert_fits(problem, chosen):
    most = np.array([limit.most for limit in problem.limits])
    assert (used(problem, chosen) <= most + 1e-6 * np.abs(most)).all()
    placed = np.flatnonzero(chosen >= 0)
    assert np.isfinite(problem.value_eur[placed, chosen[placed]]).all()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6), st.booleans(), st.booleans())
def test_the_plan_is_the_best_of_all_plans(seed, has_carbon, has_openings):
    problem = small(seed, 4, 2, has_carbon=has_carbon, has_openings=has_openings)
    best = best_by_trying_all(problem)
    if best == -np.inf:
        with pytest.raises(RecordSaysNo):
            assign(problem)
        return
    found = assign(problem)
    assert_fits(problem, found.chosen)
    assert found.value_eur == pytest.approx(best, abs=1e-6)
    assert found.bound_eur == pytest.approx(best, abs=1e-6)


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.booleans())
def test_prices_alone_give_a_plan_that_fits_below_a_bound_above(seed, has_carbon, has_openings):
    problem = small(seed, 10, 3, has_carbon=has_carbon, has_openings=has_openings)
    exact = assign(problem, is_exact=True)
    quick = assign(problem, is_exact=False)
    assert_fits(problem, quick.chosen)
    assert quick.value_eur <= exact.value_eur + 1e-6
    assert quick.bound_eur >= exact.value_eur - 1e-6
    assert quick.value_eur == pytest.approx(plan_value(problem, quick.chosen))


def test_any_prices_prove_a_bound():
    problem = small(3, 40, 4)
    bound = solve_prices(problem).bound_eur
    worse = solve_prices(problem, start_eur=np.full(len(problem.limits), 5.0), n_stages_left=1)
    assert worse.bound_eur >= assign(problem).value_eur - 1e-6
    assert bound <= worse.bound_eur * (1.0 + 1e-6)


def test_room_that_is_not_scarce_costs_nothing():
    problem = small(5, 20, 3)
    loose = assignment_problem(
        problem.lanes, problem.chemistries, problem.value_eur, problem.hold_eur, problem.mass_kg,
        problem.kind, [Limit(1e9, "kg", facility="K0")],
    )  # fmt: skip
    found = assign(loose)
    assert found.prices.limit_eur == pytest.approx([0.0], abs=1e-6)
    best = np.maximum(loose.value_eur.max(axis=1), loose.hold_eur)
    assert found.value_eur == pytest.approx(best.sum())


def test_more_room_is_never_worth_less():
    tight = small(8, 60, 4)
    wide = assignment_problem(
        tight.lanes, tight.chemistries, tight.value_eur, tight.hold_eur, tight.mass_kg, tight.kind,
        [Limit(2 * limit.most, limit.unit, limit.facility, limit.fate, limit.chemistry)
         for limit in tight.limits],
    )  # fmt: skip
    assert assign(wide).value_eur >= assign(tight).value_eur - 1e-6


def test_no_packs_are_a_plan_too():
    lanes = [Lane("recycle", "K0")]
    problem = assignment_problem(
        lanes, (), np.empty((0, 1)), np.empty(0), np.empty(0), np.empty(0, int), []
    )
    assert assign(problem).value_eur == 0.0


def test_a_budget_that_nothing_can_keep_is_said():
    lanes = [Lane("recycle", "K0")]
    problem = assignment_problem(
        lanes, ("LFP",), np.ones((2, 1)), np.zeros(2), np.ones(2), np.zeros(2, int),
        [Limit(-5.0, "kgco2e")], carbon_kgco2e=np.full((2, 1), -1.0),
    )  # fmt: skip
    with pytest.raises(RecordSaysNo, match="carbon budget"):
        assign(problem)


def test_values_that_are_no_numbers_are_refused():
    with pytest.raises(InputWrong, match="not a number"):
        assignment_problem(
            [Lane("reuse", "K0")], ("LFP",), np.array([[np.nan]]), np.zeros(1), np.ones(1),
            np.zeros(1, int), [],
        )  # fmt: skip


def test_a_plan_of_a_thousand_packs_is_within_a_thousandth_of_its_bound():
    problem = small(11, 1000, 6)
    found = assign(problem, is_exact=False)
    assert_fits(problem, found.chosen)
    assert (found.bound_eur - found.value_eur) / found.bound_eur < 1e-3
