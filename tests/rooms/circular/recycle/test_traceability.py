"""Packs to lots to new batteries: masses close, and no more is given out than came."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.circular.recycle import (
    ReturnedPack,
    make_batteries,
    new_battery,
    trace_returns,
    way_of,
)
from batteryloop.circular.recycle.genealogy import SaltLot
from batteryloop.circular.recycle.recycled_content import NewBattery, loop_gap_frac
from batteryloop.errors import ValueOutOfRange

IN_2031, IN_2036 = date(2031, 8, 18), date(2036, 8, 18)
packs_of = st.lists(
    st.tuples(st.sampled_from(["LFP", "NMC622", "NMC811", "NCA"]), st.floats(50, 900)),
    min_size=1,
    max_size=40,
).map(lambda made: [ReturnedPack(f"P-{i}", c, m) for i, (c, m) in enumerate(made)])


@settings(max_examples=20, deadline=None)
@given(
    packs_of,
    st.sampled_from(["thermal", "electrified"]),
    st.sampled_from(["hydro", "direct", "pyro"]),
)
def test_masses_close_from_packs_to_new_batteries(packs, opening, route):
    traced = trace_returns(packs, batch_kg=3000.0, opening=opening, route=route)
    batteries = [new_battery(f"N-{i}", "NMC622", 60.0) for i in range(3)]
    made = make_batteries(traced.lots, batteries, IN_2031)
    assert loop_gap_frac(traced, made) < 1e-9


@settings(max_examples=20, deadline=None)
@given(packs_of)
def test_the_parts_of_all_packs_are_the_lots(packs):
    traced = trace_returns(packs, batch_kg=2000.0, batches_a_campaign=2)
    lithium = sum(
        way_of(traced, pack.battery_id)["recovered_kg"]["lithium_carbonate"]["Li"] for pack in packs
    )
    made = sum(lot.recovered_kg.get("Li", 0.0) for lot in traced.lots)
    assert lithium == pytest.approx(made, rel=1e-9)


def test_a_batch_is_full_at_its_mass():
    packs = [ReturnedPack(f"P-{i}", "LFP", 400.0) for i in range(10)]
    traced = trace_returns(packs, batch_kg=1000.0, batches_a_campaign=2)
    assert len(traced.balances) == 5
    assert len(set(traced.campaign_of.values())) == 3


def test_packs_without_nickel_have_no_part_in_the_nickel():
    traced = trace_returns([ReturnedPack("A", "LFP", 100.0), ReturnedPack("B", "NMC811", 100.0)])
    assert way_of(traced, "A")["recovered_kg"]["nickel_hydroxide"]["Ni"] == 0.0


def test_lithium_from_the_carbonate_counts_but_its_carbon_does_not():
    traced = trace_returns([ReturnedPack("A", "NMC622", 100.0)])
    (carbonate,) = [lot for lot in traced.lots if lot.product == "lithium_carbonate"]
    assert set(carbonate.recovered_kg) == {"Li"}
    assert carbonate.recovered_kg["Li"] < carbonate.mass_kg / 5


def test_a_pack_that_comes_twice_is_refused():
    with pytest.raises(ValueOutOfRange, match="comes twice"):
        trace_returns([ReturnedPack("A", "LFP", 1.0), ReturnedPack("A", "LFP", 1.0)])


def test_a_pack_that_was_not_traced_has_no_way():
    with pytest.raises(ValueOutOfRange, match="not among"):
        way_of(trace_returns([ReturnedPack("A", "LFP", 1.0)]), "B")


def test_lots_run_out_and_the_rest_is_primary_metal():
    lots = [SaltLot("C1/x", "lithium_carbonate", "C1", 50.0, {"Li": 6.0})]
    made = make_batteries(lots, [NewBattery(f"N-{i}", {"Li": 4.0}) for i in range(2)], IN_2031)
    first, second = (content.shares[0] for content in made.contents)
    assert first.share_frac == 1.0
    assert second.share_frac == 0.5
    assert made.left_kg["Li"] == 0.0


def test_cathode_powder_goes_whole_and_only_into_its_own_chemistry():
    traced = trace_returns([ReturnedPack("A", "NMC622", 400.0)], route="direct")
    batteries = [new_battery("own", "NMC622", 10.0), new_battery("other", "NMC811", 10.0)]
    own, other = make_batteries(traced.lots, batteries, IN_2031).contents
    assert [s.share_frac for s in own.shares] == pytest.approx([1.0, 1.0, 1.0], rel=1e-6)
    assert [s.share_frac for s in other.shares] == [0.0, 0.0, 0.0]


def test_mixed_cathode_powder_goes_into_no_battery():
    packs = [ReturnedPack("A", "NMC622", 400.0), ReturnedPack("B", "LFP", 400.0)]
    traced = trace_returns(packs, route="direct")
    made = make_batteries(traced.lots, [new_battery("N", "NMC622", 10.0)], IN_2031)
    assert all(share.recycled_kg == 0.0 for share in made.contents[0].shares)
    assert loop_gap_frac(traced, made) < 1e-9


def test_a_wanted_share_is_kept_and_the_rest_stays_in_stock():
    lots = [SaltLot("C1/x", "lithium_carbonate", "C1", 50.0, {"Li": 6.0})]
    made = make_batteries(lots, [NewBattery("N", {"Li": 10.0})], IN_2036, wanted_frac={"Li": 0.12})
    share = made.contents[0].shares[0]
    assert share.share_frac == pytest.approx(0.12)
    assert share.passes
    assert made.left_kg["Li"] == pytest.approx(4.8)


def test_lead_of_another_recycler_is_counted_by_the_same_rules():
    lots = [SaltLot("L1/lead", "lead", "L1", 100.0, {"Pb": 100.0})]
    made = make_batteries(lots, [NewBattery("SLI", {"Pb": 10.0})], IN_2031, wanted_frac={"Pb": 0.8})
    assert made.contents[0].shares[0].passes is False


def test_before_the_law_a_share_neither_passes_nor_fails():
    lots = [SaltLot("C1/x", "lithium_carbonate", "C1", 50.0, {"Li": 6.0})]
    made = make_batteries(lots, [NewBattery("N", {"Li": 10.0})], date(2027, 1, 1))
    assert made.contents[0].shares[0].passes is None
