import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.health.lifetime.capacity_record import (
    CapacityRecord,
    binned,
    end_of_life_efc,
    without_outliers,
)

CAPACITIES = st.lists(st.floats(0.1, 5.0), min_size=1, max_size=60)


def record(*capacities):
    return CapacityRecord(np.arange(1.0, len(capacities) + 1), np.array(capacities, dtype=float))


def test_aborted_discharge_and_spike_are_left_out():
    kept = without_outliers(record(2.0, 2.0, 0.1, 1.9, 1.9, 5.0, 1.8))
    assert kept.ages_efc.tolist() == [1, 2, 4, 5, 7]


def test_values_that_are_not_finite_are_left_out():
    kept = without_outliers(record(2.0, np.nan, 1.99, np.inf, 1.98, 0.0, 1.97))
    assert kept.capacity_ah.tolist() == [2.0, 1.99, 1.98, 1.97]


def test_an_empty_record_stays_empty_and_has_no_end():
    empty = record()
    assert without_outliers(empty).ages_efc.size == 0
    assert end_of_life_efc(empty, 0.8) is None


def test_one_bad_discharge_ends_no_life():
    assert end_of_life_efc(record(1.0, 0.99, 0.7, 0.98, 0.97, 0.96, 0.95), 0.8) is None


def test_the_last_two_points_below_are_too_few_to_believe():
    falling = record(1.0, 0.95, 0.9, 0.79, 0.78)
    assert end_of_life_efc(falling, 0.8) is None
    assert end_of_life_efc(falling, 0.8, n_after=2) == 4.0


def test_a_rest_that_regenerates_capacity_does_not_undo_the_end():
    assert end_of_life_efc(record(1.0, 0.9, 0.7, 0.72, 0.71, 0.6, 0.6), 0.75) == 3.0


@given(CAPACITIES, st.floats(0.2, 4.0), st.floats(0.0, 1.0))
def test_a_lower_threshold_is_never_reached_earlier(capacities, threshold_ah, less_ah):
    lower = end_of_life_efc(record(*capacities), threshold_ah - less_ah)
    upper = end_of_life_efc(record(*capacities), threshold_ah)
    assert lower is None or (upper is not None and upper <= lower)


@given(CAPACITIES, st.integers(1, 30))
def test_bins_count_every_point_once(capacities, n_bins):
    ages, values, counts = binned(record(*capacities), n_bins)
    assert counts.sum() == len(capacities)
    assert np.all(np.diff(ages) > 0)
    assert values.min() >= min(capacities)
    assert values.max() <= max(capacities)


def test_the_initial_capacity_is_the_median_of_the_first_five():
    assert record(2.2, 2.0, 2.01, 1.99, 0.5, 1.0).initial_capacity_ah() == pytest.approx(2.0)
