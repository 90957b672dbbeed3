"""The plant's balance closes for every element, whatever is fed and however it is treated."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.circular.recycle import OPENINGS, ROUTES, balance_plant, fitting_steps
from batteryloop.circular.recycle.flowsheet import flowsheet
from batteryloop.errors import NotKnown, ValueOutOfRange
from batteryloop.reference.compositions import compositions

PLANTS = [(opening, route) for opening in OPENINGS for route in ROUTES]
CHEMISTRIES = sorted(compositions())


@pytest.mark.parametrize(("opening", "route"), PLANTS)
@pytest.mark.parametrize("chemistry", CHEMISTRIES)
def test_every_element_closes_within_a_billionth(opening, route, chemistry):
    plant = balance_plant({chemistry: 50_000}, opening=opening, route=route)
    assert plant.worst_closure_frac < 1e-9
    assert max(stage.closure_frac for stage in plant.stages) < 1e-9
    came = plant.mass_in_t + sum(plant.reagents_t().values())
    assert sum(flow.mass_t for flow in plant.leaving().values()) == pytest.approx(came, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.sampled_from(CHEMISTRIES), st.floats(1.0, 1e5), min_size=1),
    st.sampled_from(PLANTS),
    st.data(),
)
def test_any_blend_with_any_added_steps_closes_too(feed, plant_kind, data):
    opening, route = plant_kind
    steps = data.draw(st.lists(st.sampled_from(fitting_steps(opening, route)), unique=True))
    plant = balance_plant(feed, opening=opening, route=route, steps=tuple(steps))
    assert plant.worst_closure_frac < 1e-9


@settings(max_examples=15, deadline=None)
@given(st.floats(1.0, 1e5), st.floats(1.0, 1e5), st.sampled_from(PLANTS))
def test_a_blends_balance_is_the_sum_of_its_parts(lfp_t, nmc_t, plant_kind):
    kind = dict(zip(("opening", "route"), plant_kind, strict=True))
    parts = [balance_plant({c: m}, **kind) for c, m in (("LFP", lfp_t), ("NMC622", nmc_t))]
    whole = balance_plant({"LFP": lfp_t, "NMC622": nmc_t}, **kind)
    for element in ("Li", "Cu", "Ni"):
        together = sum(part.recovered_t(element) for part in parts)
        assert whole.recovered_t(element) == pytest.approx(together, rel=1e-9, abs=1e-12)


def test_no_element_is_recovered_beyond_what_came_in():
    for opening, route in PLANTS:
        steps = fitting_steps(opening, route)
        plant = balance_plant(
            {"NMC622": 10.0, "LFP": 10.0}, opening=opening, route=route, steps=steps
        )
        for element, had in plant.feed_elements_t.items():
            assert plant.recovered_t(element) <= had * (1 + 1e-9), (opening, route, element)


def test_captured_dust_goes_round_and_little_is_lost():
    plant = balance_plant({"NMC622": 1000.0}, opening="electrified")
    dust = plant.leaving()["captured_dust"].mass_t
    round_trip = sum(
        f.mass_t for f in plant.flows if (f.source, f.target) == ("dust_capture", "shredding")
    )
    assert round_trip == pytest.approx(dust * 0.995 / 0.005, rel=1e-9)
    assert dust < 0.001 * plant.mass_in_t


def test_live_shredding_burns_no_electrolyte_that_it_condenses():
    thermal = balance_plant({"NMC622": 1000.0})
    electrified = balance_plant({"NMC622": 1000.0}, opening="electrified")
    assert "solvent_product" in electrified.leaving("product")
    assert (
        electrified.leaving()["stack"].elements_t["C"] < thermal.leaving()["stack"].elements_t["C"]
    )


def test_energy_in_is_energy_out_at_every_stage():
    for opening, route in PLANTS:
        for stage in balance_plant({"LFP": 1000.0}, opening=opening, route=route).stages:
            into, out = sum(stage.energy_in_mj.values()), sum(stage.energy_out_mj.values())
            assert out == pytest.approx(into, rel=1e-9, abs=1e-6)
            assert stage.energy_out_mj["heat"] >= -1e-6, stage.name


def test_charge_left_in_the_packs_goes_to_the_grid_only_where_they_are_discharged():
    full = {"soc_frac": 1.0, "soh_frac": 1.0}
    back = balance_plant({"LFP": 1.0}, **full).stages[1].energy_out_mj["electricity"]
    assert back == pytest.approx(154.2 * 3.6 * 0.9)
    live = balance_plant({"LFP": 1.0}, opening="electrified", **full)
    assert all("electricity" not in stage.energy_out_mj for stage in live.stages)


def test_a_mass_below_zero_is_refused():
    with pytest.raises(ValueOutOfRange, match="above 0 t"):
        balance_plant({"LFP": -1.0})


def test_nothing_fed_is_refused():
    with pytest.raises(ValueOutOfRange):
        balance_plant({"LFP": 0.0})


def test_a_chemistry_without_a_composition_is_not_invented():
    with pytest.raises(NotKnown, match="known composition"):
        balance_plant({"Na-ion": 1.0})


@pytest.mark.parametrize("wrong", [{"opening": "termal"}, {"route": "hydra"}, {"steps": ("iron",)}])
def test_a_wrong_name_gets_the_nearest(wrong):
    with pytest.raises(NotKnown):
        balance_plant({"LFP": 1.0}, **wrong)


def test_no_substance_is_split_into_more_than_there_is():
    for opening, route in PLANTS:
        for stage in flowsheet(opening, route, fitting_steps(opening, route)).stages:
            total = sum(stage.splits.values())
            assert total == pytest.approx(1.0, abs=1e-12), stage.name
