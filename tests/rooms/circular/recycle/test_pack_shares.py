"""Each pack's part: nothing is given to two packs, and nothing of a pack is forgotten."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.circular.recycle import ReturnedPack, trace_returns, way_of
from batteryloop.circular.recycle.pack_shares import pack_shares

packs_of = st.lists(
    st.tuples(st.sampled_from(["LFP", "NMC622", "NMC811", "NCA"]), st.floats(50, 900)),
    min_size=1,
    max_size=25,
).map(lambda made: [ReturnedPack(f"P-{i}", c, m) for i, (c, m) in enumerate(made)])


@settings(max_examples=20, deadline=None)
@given(
    packs_of,
    st.sampled_from(["thermal", "electrified"]),
    st.sampled_from(["hydro", "direct", "pyro"]),
)
def test_what_came_is_recovered_or_lost_for_every_element(packs, opening, route):
    shares = pack_shares(trace_returns(packs, batch_kg=3000.0, opening=opening, route=route))
    came, left = {}, {}
    for share in shares:
        for masses, sums in (
            (share.came_kg, came),
            (share.lost_kg, left),
            *((lot, left) for lot in share.recovered_kg.values()),
        ):
            for element, mass in masses.items():
                sums[element] = sums.get(element, 0.0) + mass
    assert left == pytest.approx(came, rel=1e-9)


@settings(max_examples=10, deadline=None)
@given(packs_of)
def test_the_packs_of_a_lot_share_all_of_it(packs):
    traced = trace_returns(packs, batch_kg=3000.0)
    shares = pack_shares(traced)
    for lot in traced.lots:
        for element, mass in lot.recovered_kg.items():
            given_out = sum(s.recovered_kg.get(lot.name, {}).get(element, 0.0) for s in shares)
            assert given_out == pytest.approx(mass, rel=1e-9, abs=1e-12)


def test_a_packs_part_is_that_of_its_way():
    packs = [ReturnedPack("P-1", "NMC622", 300.0), ReturnedPack("P-2", "LFP", 100.0)]
    traced = trace_returns(packs)
    (share, _) = pack_shares(traced)
    way = way_of(traced, "P-1")
    for lot, masses in share.recovered_kg.items():
        theirs = way["recovered_kg"][lot.partition("/")[2]]
        assert masses == pytest.approx({e: theirs[e] for e in masses})


def test_a_pack_without_cobalt_gets_none():
    packs = [ReturnedPack("P-1", "NMC622", 300.0), ReturnedPack("P-2", "LFP", 100.0)]
    (_, share) = pack_shares(trace_returns(packs))
    assert all(not lot.get("Co") for lot in share.recovered_kg.values())
