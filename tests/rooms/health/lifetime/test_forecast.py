import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.errors import OptionWrong
from batteryloop.health.lifetime.capacity_record import CapacityRecord
from batteryloop.health.lifetime.forecast import Pace, forecast
from batteryloop.health.lifetime.population import Population, with_siblings


@pytest.fixture(scope="module")
def population(prior):
    return Population(prior, 1.0, 1.0, 20)


def ahead(record, population, seed=0, **words):
    return forecast(record, population, np.random.default_rng(seed), **words)


@settings(max_examples=6, deadline=None)
@given(share=st.floats(0.15, 0.95), scatter=st.floats(0.0002, 0.01), seed=st.integers(0, 9))
def test_the_forecast_never_rises_and_its_band_holds_it(
    population, aged_cell, share, scatter, seed
):
    path = ahead(aged_cell(share, scatter=scatter, seed=seed), population, seed).path
    for name in ("soh_frac", "soh_low_frac"):
        assert np.all(np.diff(path[name].to_numpy()) <= 1e-12)
    assert (path["soh_low_frac"] <= path["soh_frac"]).all()
    assert (path["soh_frac"] <= path["soh_high_frac"]).all()


def test_the_true_life_lies_in_the_interval(population, aged_cell):
    life = ahead(aged_cell(0.6), population).end_of_life_efc
    assert life.low < 500.0 < life.high
    assert life.value == pytest.approx(500.0, rel=0.15)


def test_the_health_now_is_what_was_last_measured(population, aged_cell):
    record = aged_cell(0.6)
    now = ahead(record, population, rated_capacity_ah=2.0).soh_frac
    assert now.low < np.median(record.capacity_ah[-3:]) / 2.0 < now.high
    assert now.high - now.low < 0.02


def test_what_is_left_is_the_end_less_now(population, aged_cell):
    told = ahead(aged_cell(0.6), population, pace=Pace(2.0, 2.0))
    assert told.remaining_efc.value == pytest.approx(told.end_of_life_efc.value - told.age_efc)
    assert told.remaining_days.value == pytest.approx(told.remaining_efc.value / 2.0)


def test_a_lower_threshold_leaves_more(population, aged_cell):
    record = aged_cell(0.6)
    left = [
        ahead(record, population, threshold_frac=t).remaining_efc.value for t in (0.85, 0.8, 0.7)
    ]
    assert left[0] < left[1] < left[2]


def test_an_end_that_is_behind_is_told_as_measured(population, aged_cell):
    told = ahead(aged_cell(1.0), population, threshold_frac=0.9)
    assert told.end_of_life_efc.low == told.end_of_life_efc.high < told.age_efc
    assert "behind it" in told.end_of_life_efc.method
    assert told.remaining_efc.value == 0.0


def test_a_rated_capacity_is_what_the_threshold_is_of(population, aged_cell):
    of_first = ahead(aged_cell(0.6), population, threshold_frac=0.8)
    of_rated = ahead(aged_cell(0.6), population, threshold_frac=0.8, rated_capacity_ah=2.1)
    assert of_rated.end_of_life_efc.value < of_first.end_of_life_efc.value
    assert of_rated.history["soh_frac"][0] == pytest.approx(2.0 / 2.1, abs=0.01)


def test_a_history_that_begins_late_is_remarked(population, aged_cell):
    (note,) = ahead(aged_cell(0.5), population, rated_capacity_ah=2.5).notes
    assert "begins at 80%" in note


def test_a_duty_that_ages_faster_leaves_less_and_is_less_sure(population, aged_cell):
    same = ahead(aged_cell(0.6), population)
    fast = ahead(aged_cell(0.6), population, pace=Pace(duty_ratio_frac=2.0))
    assert fast.remaining_efc.value < 0.7 * same.remaining_efc.value
    ratio = fast.remaining_efc.high / fast.remaining_efc.value
    assert ratio > same.remaining_efc.high / same.remaining_efc.value


def test_seven_capacities_give_no_forecast_but_a_reason(population):
    few = CapacityRecord(np.arange(1.0, 8.0), np.full(7, 2.0))
    told = ahead(few, population)
    assert not told.end_of_life_efc.is_known
    assert "7 capacities" in told.as_dict()["reason"]


def test_without_a_time_no_days_are_told(population, aged_cell):
    assert "not known" in ahead(aged_cell(0.5), population).remaining_days.reason


def test_siblings_bring_the_forecast_nearer(population, aged_cell):
    young = aged_cell(0.15, scatter=0.002)
    kin = with_siblings(population, [aged_cell(1.0, seed=s) for s in range(4)])
    alone, among = (ahead(young, p).end_of_life_efc for p in (population, kin))
    assert abs(among.value - 500.0) <= abs(alone.value - 500.0)
    assert among.high / among.low < alone.high / alone.low


@pytest.mark.parametrize("threshold", [0.0, 1.0, 80.0, float("nan")])
def test_a_threshold_that_cannot_be_is_refused(population, aged_cell, threshold):
    with pytest.raises(OptionWrong, match=r"80 % is 0\.8"):
        ahead(aged_cell(0.5), population, threshold_frac=threshold)
