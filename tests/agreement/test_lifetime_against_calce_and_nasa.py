"""Forecasts from the first 40 % of life against cells that were run to their end.

Two CALCE and six NASA cells; the shipped population has seen neither laboratory. The aim of 9 %
is missed on both: what is held here is what was measured, and that the intervals are honest.
"""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from benchmarks.life_tests import life_tests

from batteryloop.health.lifetime.forecast import forecast
from batteryloop.health.lifetime.population import shipped_population, with_siblings

pytestmark = pytest.mark.shared_data


@pytest.fixture(scope="module")
def cells(shared_data):
    """The cells whose end was seen, with eight capacities or more in 40 % of their life."""
    return [
        test
        for test in life_tests(("CALCE", "NASA"))
        if test.life_efc and test.record.until(0.4 * test.life_efc).ages_efc.size >= 8
    ]


def told(test, population, seed=0):
    seen = test.record.until(np.floor(0.4 * test.life_efc))
    first = seen.initial_capacity_ah()
    return forecast(
        seen, population, np.random.default_rng(seed), threshold_frac=test.threshold_ah / first
    ).end_of_life_efc


@pytest.fixture(scope="module")
def forecasts(cells):
    return [(test, told(test, shipped_population())) for test in cells]


def test_two_calce_and_six_nasa_cells_are_usable(cells):
    assert sorted(t.laboratory for t in cells) == ["CALCE"] * 2 + ["NASA"] * 6
    assert [t.life_efc for t in cells[:2]] == [630.0, 538.0]


def test_every_life_lies_in_its_interval(forecasts):
    outside = [t.cell for t, e in forecasts if not e.low <= t.life_efc <= e.high]
    assert outside == []


@pytest.mark.parametrize(("laboratory", "most"), [("CALCE", 0.25), ("NASA", 0.40)])
def test_the_error_is_no_worse_than_was_measured(forecasts, laboratory, most):
    errors = [abs(e.value / t.life_efc - 1) for t, e in forecasts if t.laboratory == laboratory]
    assert np.mean(errors) <= most


def test_a_sibling_makes_the_interval_narrower(cells, forecasts):
    one, other = cells[:2]
    population = with_siblings(shipped_population(), [other.record])
    alone, among = forecasts[0][1], told(one, population)
    assert among.low <= one.life_efc <= among.high
    assert among.high / among.low < alone.high / alone.low


def test_the_health_on_the_way_is_told_within_its_band(cells):
    for test in cells[:2]:
        seen = test.record.until(np.floor(0.4 * test.life_efc))
        ahead = forecast(seen, shipped_population(), np.random.default_rng(1))
        at = 0.7 * test.life_efc
        ages = ahead.path["age_efc"].to_numpy()
        low, high = (
            np.interp(at, ages, ahead.path[name].to_numpy())
            for name in ("soh_low_frac", "soh_high_frac")
        )
        near = np.abs(test.record.ages_efc - at) <= 6.0
        measured = np.median(test.record.capacity_ah[near]) / seen.initial_capacity_ah()
        assert low <= measured <= high
