import numpy as np
import pytest

from batteryloop.health.interval import mean_interval, median_interval, normal_quantile


def test_normal_quantiles_are_those_of_the_tables():
    assert normal_quantile(0.9) == pytest.approx(1.6449, abs=1e-4)
    assert normal_quantile(0.95) == pytest.approx(1.9600, abs=1e-4)


def test_two_that_agree_do_not_claim_certainty():
    value, low, high = mean_interval(
        np.array([10.0, 10.0]), prior_sd_frac=0.01, shared_sd_frac=0.0, confidence_frac=0.9
    )
    assert value == 10.0
    # Scatter 0.1 sqrt(2/3), Student with 3 degrees of freedom 2.353, over sqrt 2.
    assert high - value == pytest.approx(0.1 * np.sqrt(2 / 3) * 2.353 / np.sqrt(2), rel=1e-3)
    assert value - low == pytest.approx(high - value)


def test_repetition_does_not_lessen_a_shared_error():
    many = np.full(10_000, 10.0)
    _, low, high = mean_interval(many, prior_sd_frac=0.0, shared_sd_frac=0.01, confidence_frac=0.9)
    assert (high - low) / 2 == pytest.approx(0.16449, rel=1e-3)


@pytest.mark.parametrize("n", [3, 6, 9, 30, 200])
def test_ninety_percent_intervals_cover_the_truth_about_that_often(n):
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(400):
        values = 5.0 + 0.1 * rng.standard_normal(n)
        _, low, high = median_interval(
            values, prior_sd_frac=0.02, shared_sd_frac=0.0, confidence_frac=0.9
        )
        hits += low <= 5.0 <= high
    assert 0.86 <= hits / 400 <= 0.985


def test_bounds_of_many_are_among_the_measurements_however_skewed():
    values = np.exp(np.linspace(0, 5, 101))
    value, low, high = median_interval(
        values, prior_sd_frac=0.0, shared_sd_frac=0.0, confidence_frac=0.9
    )
    for bound in (value, low, high):
        assert np.abs(values - bound).min() < 1e-9
    assert high - value > value - low
