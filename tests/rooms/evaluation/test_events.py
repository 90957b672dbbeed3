import numpy as np
import polars as pl
import pytest

from batteryloop.evaluation.events import bounds_of, count_events, harmful_events
from batteryloop.evaluation.inputs import Statement
from batteryloop.health.trace import trace_of
from batteryloop.reference.chemistries import chemistry


def events(frame: pl.DataFrame, **stated: float):
    bounds = bounds_of(Statement(**stated), chemistry("NMC622"))
    return harmful_events(trace_of(frame), bounds, confidence_frac=0.9)


def test_an_excursion_shorter_than_the_hold_is_no_event():
    beyond = np.array([-1.0, 0.1, 0.1, -1.0])
    assert count_events(beyond, np.arange(4.0) * 5) == 0
    assert count_events(beyond, np.arange(4.0) * 10) == 1


def test_an_event_goes_on_until_the_voltage_is_well_back():
    seconds = np.arange(7.0) * 20
    assert count_events(np.array([0.1, 0.1, -0.01, 0.1, 0.1, -0.01, -0.01]), seconds) == 1
    assert count_events(np.array([0.1, 0.1, -0.09, 0.1, 0.1, -0.09, -0.09]), seconds) == 2


def test_each_discharge_below_the_stated_voltage_is_one_deep_discharge(cycling):
    told = events(cycling([0.9, 0.5, 0.9]), cell_voltage_min_v=3.2)["n_deep_discharges"]
    assert told.value == 2
    assert told.low <= told.value <= told.high
    assert "as stated" in told.method


def test_near_the_limit_the_interval_says_what_the_sensor_may_err(cycling):
    # The two lowest samples are 3.10 and 3.12 V, a minute apart; the sensor may err by 5 mV.
    told = events(cycling([0.9]), cell_voltage_min_v=3.118)["n_deep_discharges"]
    assert (told.low, told.value, told.high) == (0, 0, 1)


def test_hours_in_heat_and_cold_count_what_is_beyond_the_limit(cycling):
    warmth = pl.when(pl.int_range(pl.len()) < 30).then(70.0).otherwise(-25.0)
    frame = cycling([0.5]).with_columns(
        warmth.alias("temperature_min_degc"), warmth.alias("temperature_max_degc")
    )
    told = events(frame)
    assert told["time_hot_h"].value == pytest.approx(0.5)
    assert told["time_cold_h"].value == pytest.approx((frame.height - 31) / 60)
    # Discharged in the heat, charged in the cold.
    assert told["charging_hot_h"].value == 0.0
    assert told["charging_cold_h"].value == pytest.approx(0.5, abs=0.05)


def test_without_limits_and_without_temperature_the_reason_is_given(cycling):
    frame = cycling([0.5]).drop("temperature_min_degc", "temperature_max_degc")
    told = harmful_events(trace_of(frame), bounds_of(Statement(), None), confidence_frac=0.9)
    assert "give the chemistry" in told["n_overcharges"].reason
    known = bounds_of(Statement(), chemistry("LFP"))
    told = harmful_events(trace_of(frame), known, confidence_frac=0.9)
    assert told["time_hot_h"].reason == "no temperature in the data"
