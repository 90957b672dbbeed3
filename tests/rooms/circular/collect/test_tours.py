"""Tours: exact for a few, searched for many, bounded by columns, never against the rules."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.circular.collect import (
    Hub,
    PickUp,
    bound_by_columns,
    consolidate,
    exact_tours,
    make_instance,
    packing_rule,
    search_tours,
    tour_problem,
    write_tours,
)
from batteryloop.circular.collect.columns import separate_parts
from batteryloop.errors import InputWrong

DAY = date(2026, 11, 25)


def _problem(n, seed, **fleet):
    hub, sites, trucks = make_instance(n, np.random.default_rng(seed))
    if fleet:
        trucks = tuple(replace(truck, **fleet) for truck in trucks)
    rules = {site.pickup_id: packing_rule(site, DAY) for site in sites}
    return tour_problem(hub, sites, trucks, DAY, rules=rules)


def _cost(problem, ways):
    return sum(problem.tour_cost(*way) for way in ways)


def _splits(items):
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for number in range(1 << len(rest)):
        own = [first, *(x for k, x in enumerate(rest) if number >> k & 1)]
        left = [x for k, x in enumerate(rest) if not number >> k & 1]
        for others in _splits(left):
            yield [own, *others]


def _by_trying_all(problem):
    """Every split into sets, every order of each, every truck; trucks are counted."""
    best = {}
    for mask in range(1, 1 << problem.n):
        nodes = [i + 1 for i in range(problem.n) if mask >> i & 1]
        for duty in range(len(problem.duties)):
            costs = [
                problem.tour_cost(duty, order)
                for order in permutations(nodes)
                if problem.is_possible(duty, order)
            ]
            if costs:
                best[frozenset(nodes), duty] = min(costs)
    cheapest = None
    for split in _splits(list(range(1, problem.n + 1))):
        options = [[(k, c) for (s, k), c in best.items() if s == set(part)] for part in split]
        cheapest = _cheapest(problem, options, cheapest)
    return cheapest


def _cheapest(problem, options, cheapest):
    def go(at, used, cost):
        nonlocal cheapest
        if at == len(options):
            cheapest = cost if cheapest is None else min(cheapest, cost)
            return
        for duty, price in options[at]:
            kind = problem.duties[duty].kind
            if used.get(kind.kind_id, 0) < kind.n_available:
                go(at + 1, {**used, kind.kind_id: used.get(kind.kind_id, 0) + 1}, cost + price)

    go(0, {}, 0)
    return cheapest


@pytest.mark.parametrize("seed", range(6))
def test_the_exact_tours_cost_what_trying_all_finds(seed):
    problem = _problem(5, seed)
    assert _cost(problem, exact_tours(problem)) == _by_trying_all(problem)


@pytest.mark.parametrize("seed", range(3))
def test_search_and_bound_meet_at_the_exact_cost_of_eight(seed):
    problem = _problem(8, seed)
    exact = _cost(problem, exact_tours(problem))
    found = search_tours(problem, n_iterations=200, seed=1)
    bounded = bound_by_columns(problem, found)
    assert _cost(problem, found) <= 1.02 * exact
    assert bounded.is_converged
    assert bounded.bound <= exact + 1.0
    assert exact <= bounded.cost <= _cost(problem, found)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 15))
def test_every_pick_up_is_fetched_once_within_windows_loads_and_bans(seed, n):
    problem = _problem(n, seed, n_available=25)
    ways = search_tours(problem, n_iterations=30, seed=seed)
    assert sorted(i for _, nodes in ways for i in nodes) == list(range(1, n + 1))
    assert all(problem.is_possible(duty, nodes) for duty, nodes in ways)
    for tour in write_tours(problem, ways):
        traits = {p.condition for p in problem.pickups
                  if p.pickup_id in {s.pickup_id for s in tour.stops}}  # fmt: skip
        assert traits == {"critical"} or "critical" not in traits
        assert tour.needs_certified_driver == (tour.is_critical or tour.points > 1000)


@pytest.mark.parametrize("seed", [11, 12])
def test_the_bound_stays_below_what_the_search_finds_and_its_plan_is_possible(seed):
    problem = _problem(14, seed)
    found = search_tours(problem, n_iterations=100, seed=1)
    bounded = bound_by_columns(problem, found)
    assert bounded.is_converged
    assert bounded.bound <= bounded.cost <= _cost(problem, found)
    assert sorted(i for _, nodes in bounded.ways for i in nodes) == list(range(1, 15))
    assert all(problem.is_possible(duty, nodes) for duty, nodes in bounded.ways)


def test_goods_that_may_not_share_a_truck_are_bounded_apart():
    problem = _problem(60, 1)
    parts = separate_parts(problem)
    critical = {i for i, p in enumerate(problem.pickups, 1) if p.condition == "critical"}
    assert critical in [set(part) for part in parts]
    assert sorted(i for part in parts for i in part) == list(range(1, 61))


def test_no_more_trucks_are_used_than_there_are():
    problem = _problem(20, 3)
    ways = search_tours(problem, n_iterations=100, seed=1)
    for duty in problem.duties:
        used = sum(problem.duties[k].kind == duty.kind for k, _ in ways)
        assert used <= duty.kind.n_available


def test_a_fleet_that_is_too_small_is_said():
    with pytest.raises(InputWrong, match="add trucks"):
        search_tours(_problem(30, 1, n_available=1), n_iterations=50)
    with pytest.raises(InputWrong, match="add trucks"):
        exact_tours(_problem(8, 1, n_available=1))


def test_more_than_a_few_are_not_planned_exactly():
    with pytest.raises(InputWrong, match="at most 8"):
        exact_tours(_problem(9, 1))


def test_a_pick_up_that_no_truck_can_fetch_is_named():
    hub, sites, trucks = make_instance(2, np.random.default_rng(1))
    with pytest.raises(InputWrong, match=sites[1].pickup_id):
        tour_problem(hub, [sites[0], replace(sites[1], mass_kg=9e3)], trucks, DAY)


def test_uncertified_drivers_carry_at_most_the_exempt_points():
    problem = _problem(6, 2, has_certified_driver=True)
    hub, sites, trucks = make_instance(6, np.random.default_rng(2))
    light = [replace(s, mass_kg=150.0, condition="intact") for s in sites]
    vans = [replace(t, has_certified_driver=False, n_available=6) for t in trucks]
    tours = write_tours(problem := tour_problem(hub, light, vans, DAY), exact_tours(problem))
    assert max(tour.points for tour in tours) <= 1000
    assert len(tours) >= 3


def test_a_truck_leaves_so_that_it_need_not_wait_first():
    problem = _problem(8, 4)
    for tour in write_tours(problem, exact_tours(problem)):
        first = tour.stops[0]
        assert first.arrives_h == pytest.approx(first.begins_h)
        assert tour.ends_h > first.leaves_h
        assert tour.stops[-1].load_kg == pytest.approx(tour.load_kg)


def _by_hub(together):
    return {hub: [p for p, h in together.hub_of.items() if h == hub] for hub in together.trunk_kg}


def test_consolidation_opens_a_far_hub_only_if_it_pays():
    plant = Hub("P", "Plant", "A", "FR", 45.2, 5.7)
    sites = [PickUp(f"S{k}", "G", "B", "FR", 48.8 + 0.01 * k, 2.3, 900.0) for k in range(12)]
    how = {"truck_eur_per_km": 1.2, "truck_payload_kg": 3000.0}
    cheap = Hub("F", "Far", "C", "FR", 48.9, 2.3, day_eur=100.0, is_plant=False)
    dear = replace(cheap, day_eur=1e6)
    opened = consolidate(sites, [plant, cheap], **how)
    assert _by_hub(opened).keys() == {"F"}
    assert opened.plant_of["F"] == "P"
    assert opened.trunk_eur > 0
    assert opened.estimated_eur == pytest.approx(opened.bound_eur, rel=1e-3)
    assert _by_hub(consolidate(sites, [plant, dear], **how)).keys() == {"P"}


def test_hubs_fill_up_to_their_capacity():
    plant = Hub("P", "Plant", "A", "FR", 45.2, 5.7)
    near = Hub("F", "Far", "C", "FR", 48.9, 2.3, capacity_kg=2000.0, is_plant=False)
    sites = [PickUp(f"S{k}", "G", "B", "FR", 48.8, 2.3, 900.0) for k in range(4)]
    how = {"truck_eur_per_km": 1.2, "truck_payload_kg": 3000.0}
    assert len(_by_hub(consolidate(sites, [plant, near], **how))["F"]) == 2
    with pytest.raises(InputWrong, match="take"):
        consolidate(sites, [replace(plant, capacity_kg=1000.0), near], **how)
    with pytest.raises(InputWrong, match="plant"):
        consolidate(sites, [near], **how)
