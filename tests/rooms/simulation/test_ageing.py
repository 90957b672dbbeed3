"""Ageing follows the published laws, never runs backward, and says when it is past them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import NotKnown
from batteryloop.reference.ageing import ageing_chemistries, ageing_law
from batteryloop.simulation.ageing import Ageing, advance, past_valid_range
from batteryloop.simulation.ageing_rates import RATES, Stress

ONE = np.ones(1)


def stress(degc=25.0, soc=0.5, volts=3.7, dod=0.0, rate=0.0, charge=0.0, efc=0.0):
    return Stress(
        degc * ONE, soc * ONE, volts * ONE, dod * ONE, rate * ONE, charge * ONE, efc * ONE
    )


def aged(name, days, under, n_steps=1):
    state = Ageing.new(1)
    for _ in range(n_steps):
        state = advance(ageing_law(name), state, under, duration_days=days / n_steps, factor=ONE)
    return state


def test_iron_phosphate_stored_for_a_year_at_25_degrees_loses_what_naumann_gives():
    # k_ref 1.2571e-5 s^-0.5, k_soc at 50 % = 0.60225, sqrt(365 days in s)
    by_hand = 1.2571e-5 * 0.60225 * np.sqrt(365 * 86_400)
    assert by_hand == pytest.approx(0.0425, abs=1e-4)
    assert aged("LFP", 365, stress()).capacity_calendar_frac[0] == pytest.approx(by_hand)


def test_iron_phosphate_cycled_a_thousand_times_loses_what_naumann_gives():
    # (0.0630 · 1 + 0.0971)(4.0253 · 0.4³ + 1.0923) % · sqrt(1000)
    by_hand = 0.01 * (0.0630 + 0.0971) * (4.0253 * 0.4**3 + 1.0923) * np.sqrt(1000)
    state = aged("LFP", 500, stress(dod=1.0, rate=1.0, efc=2.0))
    assert by_hand == pytest.approx(0.0683, abs=2e-4)
    assert state.capacity_cycle_frac[0] == pytest.approx(by_hand)
    assert state.efc == pytest.approx(1000)


def test_nmc111_stored_and_cycled_loses_what_schmalstieg_gives():
    # (7.543 V - 23.75)e6 exp(-6976/T) t^0.75 at 50 °C, 3.7 V, 100 days
    calendar = (7.543 * 3.7 - 23.75) * 1e6 * np.exp(-6976 / 323.15) * 100**0.75
    # [7.348e-3 (3.7 - 3.667)² + 7.6e-4 + 4.081e-3 · 0.8] sqrt(Q), Q = 2 · 2.05 Ah · 250
    cycle = (7.348e-3 * 0.033**2 + 7.6e-4 + 4.081e-3 * 0.8) * np.sqrt(1025.0)
    state = aged("NMC111", 100, stress(degc=50.0, dod=0.8, rate=1.0, efc=2.5))
    assert state.capacity_calendar_frac[0] == pytest.approx(calendar, rel=1e-9)
    assert state.capacity_cycle_frac[0] == pytest.approx(cycle, rel=1e-9)
    assert 0.05 < calendar < 0.08


@pytest.mark.parametrize("name", ageing_chemistries())
def test_a_year_of_ordinary_use_costs_a_plausible_share(name):
    under = stress(degc=20.0, soc=0.6, volts=3.75, dod=0.4, rate=0.4, charge=0.2, efc=0.4)
    state = aged(name, 365, under, n_steps=12)
    assert 0.0 < 1.0 - state.capacity_frac[0] < 0.16
    assert 1.0 <= state.resistance_ratio_frac[0] < 1.4


@given(
    st.sampled_from(ageing_chemistries()),
    st.lists(
        st.tuples(
            st.floats(-10, 50),
            st.floats(0, 1),
            st.floats(2.5, 4.2),
            st.floats(0, 1),
            st.floats(0, 3),
            st.floats(0, 3),
            st.floats(0, 3),
            st.floats(0.5, 60),
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_no_cell_grows_younger(name, spans):
    law, state = ageing_law(name), Ageing.new(1)
    for *under, days in spans:
        after = advance(law, state, stress(*under), duration_days=days, factor=ONE)
        assert (after.capacity_frac <= state.capacity_frac).all()
        assert (after.resistance_ratio_frac >= state.resistance_ratio_frac - 1e-3).all()
        assert after.age_days == pytest.approx(state.age_days + days)
        state = after


@given(st.sampled_from(ageing_chemistries()), st.integers(1, 60))
def test_the_same_stress_in_many_steps_ages_as_in_one(name, n_steps):
    under = stress(degc=30.0, soc=0.7, volts=3.9, dod=0.5, rate=0.5, charge=0.3, efc=0.5)
    one, many = aged(name, 300, under), aged(name, 300, under, n_steps)
    assert many.capacity_frac[0] == pytest.approx(one.capacity_frac[0], rel=1e-9)
    assert many.resistance_ratio_frac[0] == pytest.approx(one.resistance_ratio_frac[0], rel=1e-9)


@given(st.floats(0.2, 4.0))
def test_scaling_a_life_is_the_same_as_ageing_faster_all_along(factor):
    law, slow, quick = ageing_law("NMC622"), Ageing.new(1), Ageing.new(1)
    for degc, efc in ((10.0, 0.3), (35.0, 0.9), (20.0, 0.1)):
        under = stress(degc=degc, soc=0.6, dod=0.4, rate=0.4, charge=0.3, efc=efc)
        slow = advance(law, slow, under, duration_days=60.0, factor=ONE)
        quick = advance(law, quick, under, duration_days=60.0, factor=factor * ONE)
    assert slow.scaled(factor).capacity_cycle_frac == pytest.approx(quick.capacity_cycle_frac)
    assert slow.scaled(factor).capacity_calendar_frac == pytest.approx(quick.capacity_calendar_frac)


@pytest.mark.parametrize("name", ["LFP", "NMC811", "NCA", "LMO", "NMC111"])
def test_heat_and_a_high_charge_age_a_stored_cell_faster(name):
    cool = aged(name, 365, stress(degc=15.0, soc=0.5, volts=3.7)).capacity_frac[0]
    hot = aged(name, 365, stress(degc=40.0, soc=0.5, volts=3.7)).capacity_frac[0]
    full = aged(name, 365, stress(degc=15.0, soc=0.95, volts=4.1)).capacity_frac[0]
    assert hot < cool
    assert full < cool


def test_use_past_the_measurements_is_told():
    law = ageing_law("NMC111")
    told = past_valid_range(law, aged("NMC111", 10, stress()), stress(degc=5.0, rate=2.0), "SIM-1")
    assert [f.rule for f in told] == ["ageing-law-valid-range"] * 3
    assert "calendar law measured at 35 to 50 °C" in told[0].found
    assert "measured up to 1.0 C" in told[2].found
    inside = stress(degc=35.0, rate=0.5)
    assert past_valid_range(law, aged("NMC111", 10, inside), inside, "SIM-1") == []


def test_a_stand_in_law_is_told():
    law = ageing_law("LCO")
    told = past_valid_range(law, Ageing.new(1), stress(degc=35.0), "SIM-1")
    assert told[-1].found == "simulated ageing: the law of NMC111 stands in for LCO"


def test_every_form_of_the_table_has_its_equation():
    for name in ageing_chemistries():
        law = ageing_law(name)
        for term in (
            law.capacity_calendar,
            law.capacity_cycle,
            law.resistance_calendar,
            law.resistance_cycle,
        ):
            assert term.form in RATES or term.form == "of-capacity"
            assert term.source


def test_a_chemistry_without_a_law_is_refused():
    with pytest.raises(NotKnown, match="law of ageing of 'LMO-NMC'"):
        ageing_law("LMO-NMC")
