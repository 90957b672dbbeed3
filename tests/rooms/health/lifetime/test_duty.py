import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import ValueOutOfRange
from batteryloop.health.lifetime.duty import Duty, duty_ratio, fade_frac, outside_range
from batteryloop.reference.ageing import ageing_law

LFP = ageing_law("LFP")
DUTIES = st.builds(
    Duty,
    temperature_degc=st.floats(5.0, 50.0),
    soc_frac=st.floats(0.2, 0.9),
    dod_frac=st.floats(0.1, 1.0),
    c_rate_per_h=st.floats(0.1, 1.0),
    efc_per_day=st.floats(0.1, 3.0),
)


def test_calendar_fade_is_what_naumann_publishes():
    # Naumann 2018: k_ref(0.5) = 1.2571e-5 · 0.60225 per √s at 25 °C; a year is 3.1536e7 s
    shelf = Duty(25.0, 0.5, 0.0, 0.0, 0.0)
    assert fade_frac(LFP, shelf, 365.0) == pytest.approx(
        1.2571e-5 * 0.60225 * np.sqrt(365.0 * 86_400.0), rel=1e-6
    )


def test_cycle_fade_of_naumann_adds_to_it():
    # Naumann 2020 at 1C and full depth: (0.0630 + 0.0971)(4.0253 · 0.4³ + 1.0923) % a root cycle
    duty = Duty(25.0, 0.5, 1.0, 1.0, 1.0)
    cycle = 0.01 * (0.0630 + 0.0971) * (4.0253 * 0.4**3 + 1.0923) * 10.0
    shelf = fade_frac(LFP, Duty(25.0, 0.5, 1.0, 1.0, 0.0), 100.0)
    assert fade_frac(LFP, duty, 100.0) == pytest.approx(shelf + cycle, rel=1e-6)


@given(DUTIES)
def test_the_same_duty_has_ratio_one(duty):
    assert duty_ratio(LFP, duty, duty, past_days=200.0, horizon_days=500.0) == pytest.approx(1.0)


@given(DUTIES, DUTIES)
def test_the_ratio_turned_round_is_on_the_other_side_of_one(one, two):
    there = duty_ratio(LFP, one, two, past_days=200.0, horizon_days=500.0)
    back = duty_ratio(LFP, two, one, past_days=200.0, horizon_days=500.0)
    assert (there - 1.0) * (back - 1.0) <= 1e-6


@pytest.mark.parametrize("name", ["LFP", "NMC111", "NMC622", "NMC811", "LMO"])
def test_a_hot_shelf_ages_every_chemistry_faster(name):
    cool, hot = (Duty(degc, 0.6, 0.0, 0.0, 0.0) for degc in (30.0, 45.0))
    ratio = duty_ratio(ageing_law(name), cool, hot, past_days=300.0, horizon_days=300.0)
    assert ratio > 1.1


def test_a_duty_outside_the_tests_behind_the_law_is_named():
    assert outside_range(LFP, Duty(25.0)) == ()
    assert outside_range(LFP, Duty(25.0, c_rate_per_h=5.0)) == (
        "5 C is above the 2 C of the LFP law",
    )
    assert any("stands in for NMC532" in why for why in outside_range(ageing_law("NMC532"), Duty()))


def test_a_duty_without_ageing_is_refused():
    shelf = Duty(efc_per_day=0.0)
    with pytest.raises(ValueOutOfRange, match="LTO knows no ageing"):
        duty_ratio(ageing_law("LTO"), shelf, Duty(), past_days=100.0, horizon_days=100.0)
    with pytest.raises(ValueOutOfRange, match="spans"):
        duty_ratio(LFP, Duty(), Duty(), past_days=0.0, horizon_days=100.0)
