"""The quick median against numpy's, to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from batteryloop.health.warning.kernels.middle import middle, middle_and_spread

PLAIN = st.floats(-1e6, 1e6)


@settings(deadline=None)
@given(arrays(np.float64, st.integers(1, 130), elements=PLAIN))
def test_middle_is_the_median(values):
    assert middle(values) == np.median(values)


@settings(deadline=None)
@given(arrays(np.float64, st.integers(1, 40), elements=st.sampled_from([0.0, 1.0, 1.5, 400.0])))
def test_middle_of_values_that_repeat_is_the_median(values):
    assert middle(values) == np.median(values)


@settings(deadline=None)
@given(arrays(np.float64, st.integers(1, 130), elements=PLAIN))
def test_spread_is_the_scaled_median_deviation(values):
    centre, spread = middle_and_spread(values)
    assert spread == 1.4826 * np.median(np.abs(values - centre))


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_told_as_numpy_tells_them(odd):
    values = np.array([1.0, 2.0, odd, 3.0])
    assert np.array_equal(middle(values), np.median(values), equal_nan=True)


def test_the_values_are_not_moved():
    values = np.array([3.0, 1.0, 2.0])
    middle_and_spread(values)
    assert values.tolist() == [3.0, 1.0, 2.0]
