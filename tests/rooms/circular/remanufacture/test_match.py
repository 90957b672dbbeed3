"""Packs of matched modules: whole, traceable, proven where small, called what the law allows."""

from datetime import date
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.circular.gates import gates
from batteryloop.circular.remanufacture import Modules, PackDesign, match, work_content
from batteryloop.circular.remanufacture.exact import best_grouping
from batteryloop.circular.remanufacture.group import grouped, spread_bound, squared_spread
from batteryloop.circular.remanufacture.match import arranged
from batteryloop.errors import InputWrong, NotKnown
from batteryloop.usecases.match_modules import match_modules

ON = date(2026, 11, 25)


def rng(seed=0):
    return np.random.default_rng(seed)


def modules(capacity, resistance=None, n_origins=4):
    n = len(capacity)
    none = np.full(n, np.nan)
    return Modules(
        tuple(f"M{i}" for i in range(n)),
        tuple(f"OLD-{i % n_origins}" for i in range(n)),
        np.asarray(capacity, dtype=float),
        none if resistance is None else np.asarray(resistance, dtype=float),
        none,
        none,
    )


def least_by_trying(points, k):
    """Return the least squared spread over every partition into groups of `k`."""
    if not len(points):
        return 0.0
    best = np.inf
    for rest in combinations(range(1, len(points)), k - 1):
        group = [0, *rest]
        inside = points[group]
        cost = ((inside - inside.mean(axis=0)) ** 2).sum()
        others = np.delete(points, group, axis=0)
        best = min(best, cost + least_by_trying(others, k))
    return best


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([(6, 2), (8, 4), (9, 3)]))
def test_a_small_batch_gets_the_best_of_all_partitions(seed, size):
    n, k = size
    points = rng(seed).normal(size=(n, 2))
    label, bound = best_grouping(points, k, grouped(points, k, rng=rng(seed)))
    least = least_by_trying(points, k)
    assert squared_spread(points, label, k) == pytest.approx(least)
    assert bound == pytest.approx(least, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 6))
def test_groups_are_whole_and_above_the_bound(seed, n_groups, n_each):
    points = rng(seed).normal(size=(n_groups * n_each, 2))
    label = grouped(points, n_each, rng=rng(seed), n_rounds=10)
    assert np.bincount(label, minlength=n_groups).tolist() == [n_each] * n_groups
    assert squared_spread(points, label, n_each) >= spread_bound(points, n_each) - 1e-9


def test_the_same_seed_finds_the_same_packs():
    points = rng(1).normal(size=(200, 2))
    first, again = (grouped(points, 10, rng=rng(5)) for _ in range(2))
    assert (first == again).all()


def test_a_thousand_modules_are_matched_far_better_than_by_sorting():
    points = rng(2).normal(size=(1000, 2))
    label = grouped(points, 10, rng=rng(2))
    by_first = np.empty(1000, dtype=int)
    by_first[np.argsort(points[:, 0])] = np.arange(1000) // 10
    assert squared_spread(points, label, 10) < 0.15 * squared_spread(points, by_first, 10)


def test_sorting_uses_the_most_capacity_of_series_strings():
    capacity = rng(3).normal(30.0, 3.0, 64)
    found = match(modules(capacity), PackDesign(8), rng=rng(), objective="capacity")
    assert found.usable_frac > found.usable_random_frac
    best = np.sort(capacity).reshape(-1, 8).min(axis=1).sum() * 8 / capacity.sum()
    assert found.usable_frac == pytest.approx(best)


def test_parallel_places_are_filled_evenly():
    places = arranged(np.array([5.0, 4.0, 3.0, 2.0]), PackDesign(2, 2))
    assert sorted(i for place in places for i in place) == [0, 1, 2, 3]
    assert [sum((5.0, 4.0, 3.0, 2.0)[i] for i in place) for place in places] == [7.0, 7.0]


def test_every_module_goes_to_one_pack_or_is_left_over_and_lineage_says_which():
    found = match(modules(rng(4).normal(30.0, 2.0, 35)), PackDesign(4, 2), rng=rng())
    built = [m for pack in found.packs for place in pack.places for m in place]
    assert sorted([*built, *found.left_over]) == sorted(f"M{i}" for i in range(35))
    assert len(found.packs) == 4
    assert {step.module_id for step in found.lineage} == set(built)
    step = found.lineage[0]
    assert step.from_pack_id == f"OLD-{int(step.module_id[1:]) % 4}"
    pack = next(p for p in found.packs if p.pack_id == step.to_pack_id)
    assert step.module_id in pack.places[step.place]
    assert step.from_pack_id in pack.origins


def test_the_law_calls_it_remanufactured_only_from_nine_tenths_on():
    asked = gates(["eu-2023-1542"], on=ON, fate="remanufacture")
    design = PackDesign(4, 1, 100.0)
    good = match(modules([92.0, 92.5, 93.0, 93.5]), design, rng=rng(), gates=asked)
    assert good.packs[0].gate == ()
    weak = match(modules([88.0, 88.5, 88.2, 88.1]), design, rng=rng(), gates=asked)
    assert "soh_after_frac at least 0.9, found 0.880" in weak.packs[0].gate[0]
    uneven = match(modules([91.0, 95.0, 93.0, 93.0]), design, rng=rng(), gates=asked)
    assert "spread_after_frac at most 0.03, found 0.040" in uneven.packs[0].gate[0]


def test_without_a_rated_capacity_the_gate_says_what_is_missing():
    asked = gates(["eu-2023-1542"], on=ON, fate="remanufacture")
    found = match(modules([92.0, 93.0]), PackDesign(2), rng=rng(), gates=asked)
    assert "rated capacity is not known" in found.packs[0].gate[0]


def test_resistance_of_a_pack_adds_in_series_and_halves_in_parallel():
    found = match(modules([1.0] * 4, [0.01] * 4), PackDesign(2, 2), rng=rng())
    assert found.packs[0].resistance_ohm == pytest.approx(0.01)


def test_modules_all_alike_are_matched_too():
    found = match(modules([30.0] * 8), PackDesign(4), rng=rng())
    assert found.spread == 0.0
    assert found.usable_frac == 1.0


def test_hands_by_hand():
    # Two opened (2.5 h each), 16 modules tested, two built (3.5 h each).
    assert work_content(2, 16, 2).hours_h == pytest.approx(5.0 + 4.0 + 7.0)


def test_wrong_input_is_said():
    with pytest.raises(InputWrong, match="at least the 8"):
        match(modules([30.0] * 7), PackDesign(8), rng=rng())
    with pytest.raises(NotKnown, match="did you mean"):
        match(modules([30.0] * 8), PackDesign(8), rng=rng(), objective="capacities")
    with pytest.raises(NotKnown, match="resistance_ohm"):
        match(modules([30.0] * 8), PackDesign(8), rng=rng(), objective="resistance")


def test_a_module_without_capacity_is_refused_and_the_others_go_on():
    table = pl.DataFrame(
        {"module_id": ["a", "b", "c", "c"], "capacity_ah": [30.0, None, 29.0, 29.0]}
    )
    found = match_modules(table, PackDesign(2), on=ON, rng=rng())
    assert [r.subject for r in found.refusals] == ["b", "c"]
    assert len(found.matching.packs) == 1


@pytest.mark.shared_data
def test_real_retired_cells_lose_less_when_matched(shared_data):
    table = pl.read_parquet(shared_data / "retired_cells" / "pulse_response.parquet")
    for kind, least in (("10Ah LMO", 0.978), ("35Ah LFP", 0.975)):
        cells = table.filter(pl.col("batch") == kind).unique("cell", keep="first").sort("cell")
        cells = cells.select(module_id="cell", capacity_ah="Q")
        found = match_modules(cells, PackDesign(8), on=ON, rng=rng(), objective="capacity")
        assert found.matching.usable_frac > least
