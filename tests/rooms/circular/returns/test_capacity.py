"""The plan opens what pays, when it pays; small cases against trying everything."""

from itertools import product

import numpy as np
import pytest

from batteryloop.circular.returns import Site, plan_capacity
from batteryloop.errors import ValueOutOfRange

YEARS = (2026, 2027, 2028, 2029)


def site(name, capacity=100.0, opening=1e5, fixed=1e3, treatment=100.0, earliest=2026, **transport):
    return Site(
        name, capacity, opening, fixed, treatment, earliest, transport or {"A": 10.0, "B": 10.0}
    )


def plan(sites, draws, unserved=2000.0, **options):
    return plan_capacity(
        sites,
        YEARS,
        ("A", "B"),
        draws,
        unserved_usd_per_t=unserved,
        plant_life_years=1.0,
        gap_frac=1e-6,
        **options,
    )


def returns(*totals):
    return np.array([[[t / 2, t / 2] for t in totals]])


def test_a_plant_opens_when_enough_comes_back():
    made = plan([site("Rotterdam")], returns(2, 10, 60, 90))
    assert made.opens["Rotterdam"] in (2027, 2028)
    assert made.gap_frac <= 1e-6


def test_a_plant_that_never_pays_stays_shut():
    made = plan([site("Rotterdam", opening=1e9)], returns(2, 10, 60, 90))
    assert made.opens["Rotterdam"] is None
    assert made.unserved_t == pytest.approx((2, 10, 60, 90))
    assert "do not open" in made.sentences[0]


def test_what_outlives_the_plan_is_credited():
    late = site("Rotterdam", opening=2.2e5, earliest=2028)
    draws = returns(90, 90, 90, 90)
    assert plan([late], draws, unserved=1000.0).opens["Rotterdam"] is None
    lasting = plan_capacity(
        [late], YEARS, ("A", "B"), draws, unserved_usd_per_t=1000.0, plant_life_years=10.0
    )
    assert lasting.opens["Rotterdam"] == 2028


def test_no_plant_opens_before_it_can():
    made = plan([site("Rotterdam", opening=1.0, earliest=2028)], returns(90, 90, 90, 90))
    assert made.opens["Rotterdam"] == 2028
    assert made.load_frac["Rotterdam"][:2] == (0.0, 0.0)


def test_a_plant_that_runs_already_is_used_first():
    running = Site("Grenoble", 50.0, 0.0, 0.0, 10.0, 2020, {"A": 1.0, "B": 1.0}, True)
    made = plan([running, site("Rotterdam", opening=1e9)], returns(40, 50, 60, 70))
    assert made.load_frac["Grenoble"] == pytest.approx((0.8, 1.0, 1.0, 1.0))
    assert made.unserved_t == pytest.approx((0, 0, 10, 20))
    assert "Grenoble" not in made.opens


def test_more_returns_never_open_a_single_plant_later():
    draws = np.stack([returns(5, 10, 20, 30)[0] * f for f in np.linspace(0.3, 4.0, 21)])
    opens = plan([site("Rotterdam")], draws).opens_if
    dates = [opens[name]["Rotterdam"] or 9999 for name in ("low", "middle", "high")]
    assert dates == sorted(dates, reverse=True)


@pytest.mark.parametrize("seed", range(6))
def test_it_is_the_best_of_all_opening_years(seed):
    rng = np.random.default_rng(seed)
    sites = [
        site("S", 60.0, rng.uniform(1e4, 2e5), 1e3, 100.0, 2026, A=10.0, B=200.0),
        site("N", 60.0, rng.uniform(1e4, 2e5), 1e3, 80.0, 2026, A=200.0, B=10.0),
    ]
    draws = rng.uniform(0, 80, (1, 4, 2))
    best = plan(sites, draws)
    factors = 1.08 ** -np.arange(4)
    costs = []
    for opens in product((*range(4), None), repeat=2):
        cost = 0.0
        for place, at in zip(sites, opens, strict=True):
            if at is not None:
                cost += place.opening_usd * factors[at] + place.fixed_usd * factors[at:].sum()
        for year in range(4):
            left = dict(zip("AB", draws[0, year], strict=True))
            room = [60.0 if at is not None and at <= year else 0.0 for at in opens]
            lanes = sorted(
                (s.treatment_usd_per_t + s.transport_usd_per_t[r], i, r)
                for i, s in enumerate(sites)
                for r in "AB"
            )
            cost += factors[year] * cheapest(left, room, lanes)
        costs.append(cost)
    assert best.cost_usd == pytest.approx(min(costs), rel=1e-5)


def cheapest(left, room, lanes):
    """Least cost of one year, by trying every order of the four lanes."""
    from itertools import permutations

    least = np.inf
    for order in permutations(lanes):
        have, free, cost = dict(left), list(room), 0.0
        for price, i, region in order:
            moved = min(have[region], free[i])
            have[region] -= moved
            free[i] -= moved
            cost += price * moved
        least = min(least, cost + 2000.0 * sum(have.values()))
    return least


def test_a_site_without_a_way_from_a_region_is_refused():
    with pytest.raises(ValueOutOfRange, match="no transport cost from B"):
        plan([site("Rotterdam", A=10.0)], returns(1, 1, 1, 1))
