import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.health.lifetime.posterior import update_trajectory
from batteryloop.health.lifetime.remaining_life import (
    interval_stretch,
    life_estimate,
    life_samples,
    life_score,
    soh_samples,
)

LIVES = st.lists(st.floats(100.0, 5000.0), min_size=2, max_size=50).map(np.array)


@pytest.fixture(scope="module")
def posterior(prior, aged_cell):
    return update_trajectory(aged_cell(0.5), 2.0, prior, np.random.default_rng(2), n_particles=600)


@settings(max_examples=25, deadline=None)
@given(threshold_ah=st.floats(0.8, 1.9), less_ah=st.floats(0.0, 0.5))
def test_a_lower_threshold_is_never_reached_earlier(posterior, threshold_ah, less_ah):
    upper = life_samples(posterior, threshold_ah, np.random.default_rng(0))
    lower = life_samples(posterior, threshold_ah - less_ah, np.random.default_rng(0))
    assert np.all(lower >= upper - 1e-9)


@settings(max_examples=25, deadline=None)
@given(ratio=st.floats(0.2, 5.0))
def test_a_duty_that_ages_faster_shortens_what_is_left_by_its_ratio(posterior, ratio):
    same = life_samples(posterior, 1.6, np.random.default_rng(0))
    other = life_samples(posterior, 1.6, np.random.default_rng(0), duty_ratio_frac=ratio)
    left, left_other = same - posterior.age_efc, other - posterior.age_efc
    assert np.allclose(left_other * ratio, left, rtol=1e-6, atol=1e-6)


def test_no_life_ends_before_now(posterior):
    assert life_samples(posterior, 1.99, np.random.default_rng(0)).min() >= posterior.age_efc


def test_the_health_starts_where_it_was_measured_and_spreads(posterior):
    ages = posterior.age_efc * np.array([1.0, 1.2, 2.0])
    spread = np.std(soh_samples(posterior, ages, np.random.default_rng(0)), axis=0)
    assert spread[0] < 1e-6
    assert spread[0] < spread[1] < spread[2]


@given(LIVES, st.floats(0.5, 0.99), st.floats(0.3, 4.0))
def test_the_value_lies_inside_its_interval(samples, confidence, stretch):
    e = life_estimate(samples, 50.0, confidence_frac=confidence, stretch_frac=stretch)
    assert e.low <= e.value <= e.high


@given(LIVES)
def test_a_higher_stretch_is_a_wider_interval(samples):
    narrow = life_estimate(samples, 1.0, stretch_frac=1.0)
    wide = life_estimate(samples, 1.0, stretch_frac=2.0)
    assert wide.low <= narrow.low
    assert narrow.high <= wide.high


def test_the_value_keeps_the_percentage_error_least():
    samples = np.array([100.0, 150.0, 300.0, 400.0])
    value = life_estimate(samples, 10.0).value
    errors = {v: np.mean(np.abs(v / samples - 1.0)) for v in samples}
    assert errors[value] == min(errors.values())


def test_a_wider_belief_is_told_no_longer():
    """A life told too long costs more of the true one, so doubt shortens what is told."""
    samples = np.exp(np.random.default_rng(0).normal(6.0, 0.3, 5_000))
    narrow, wide = (life_estimate(samples, 50.0, stretch_frac=s).value for s in (1.0, 2.0))
    assert wide < narrow < np.median(samples)


def test_a_life_at_the_edge_of_the_interval_scores_one():
    samples = np.exp(np.random.default_rng(0).normal(6.0, 0.2, 20_000))
    assert life_score(samples, float(np.quantile(samples, 0.95)), 1.0) == pytest.approx(1.0)
    assert life_score(samples, float(np.quantile(samples, 0.05)), 1.0) == pytest.approx(1.0)


def test_nineteen_scores_are_stretched_to_the_eighteenth():
    assert interval_stretch(np.arange(1.0, 20.0) / 10) == 1.8
