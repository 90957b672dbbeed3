"""Drives cover their way, stop and go, and take the energy that a vehicle takes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.simulation.driving import (
    BUS,
    MOTORWAY,
    URBAN,
    Vehicle,
    battery_power_w,
    by_step,
    drive_km_per_h,
    style_of,
)
from batteryloop.simulation.duties import duties


def rng(seed=5):
    return np.random.Generator(np.random.PCG64(seed))


@settings(max_examples=25, deadline=None)
@given(st.floats(1.0, 60.0), st.sampled_from([URBAN, MOTORWAY, BUS]), st.integers(0, 99))
def test_a_drive_covers_its_way_and_ends_standing(distance_km, style, seed):
    speed = drive_km_per_h(distance_km, style, rng(seed))
    assert speed.sum() / 3600.0 == pytest.approx(distance_km, abs=1.5)
    assert speed[-1] == pytest.approx(0.0, abs=1.0)
    assert speed.min() >= 0.0
    assert speed.max() < style.speed_high_km_per_h + 30.0


def test_steady_speed_takes_what_rolling_and_air_take():
    car = Vehicle(2000.0, 0.6, 0.01, 0.8, 0.5, 500.0, 50.0, 150e3)
    # 20 m/s: 2000 · 9.81 · 0.01 = 196.2 N and 0.6 · 0.6 · 400 = 144 N
    wheels_w = (196.2 + 144.0) * 20.0
    power = battery_power_w(np.full(100, 72.0), car, 20.0)
    assert power == pytest.approx(-(wheels_w / 0.8 + 500.0))
    cold = battery_power_w(np.full(100, 72.0), car, -10.0)
    assert (power - cold) == pytest.approx(50.0 * 30.0)


def test_braking_gives_back_less_than_accelerating_took():
    car = duties()["private-ev"].vehicle
    up_and_down = np.concatenate((np.linspace(0, 80, 20), np.linspace(80, 0, 20)))
    power = battery_power_w(up_and_down, car, 20.0)
    assert power.max() > 10e3
    assert -power[:20].sum() > power[20:].sum() > 0


@pytest.mark.parametrize(
    ("name", "low", "high"), [("private-ev", 11, 25), ("city-bus", 60, 160), ("swap-taxi", 11, 28)]
)
def test_consumption_is_that_of_the_kind(name, low, high):
    kind = duties()[name]
    style = BUS if kind.kind == "bus" else style_of(15.0)
    speed = drive_km_per_h(60.0, style, rng())
    power = battery_power_w(speed, kind.vehicle, 20.0)
    per_100_km = -power.sum() / 3.6e6 / speed.sum() * 3600.0 * 100.0
    assert low < per_100_km < high


def test_means_over_steps_keep_the_energy():
    values = np.arange(30.0)
    assert by_step(values, 10).sum() * 10 == pytest.approx(values.sum())
    assert by_step(values, 1).tolist() == values.tolist()
