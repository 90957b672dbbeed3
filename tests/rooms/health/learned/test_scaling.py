"""One scale for columns, one say for cells."""

import numpy as np

from batteryloop.health.learned.scaling import apply_scaling, fit_scaling, weighted_quantile


def test_an_outlier_is_clipped_and_a_constant_column_is_zero():
    rows = np.stack([np.linspace(-1, 1, 1000), np.full(1000, 7.0)], axis=1)
    scaling = fit_scaling(rows)
    scaled = apply_scaling(scaling, np.array([[1e9, 7.0], [0.0, 8.0]]))
    assert scaled[0, 0] < 2.0
    assert scaled[:, 1].tolist() == [0.0, 0.0]


def test_a_level_past_all_weight_has_no_finite_quantile():
    assert weighted_quantile(np.array([1.0, 2.0]), np.ones(2), 1.01) == float("inf")
    assert weighted_quantile(np.array([2.0, 1.0]), np.array([9.0, 1.0]), 0.2) == 2.0
