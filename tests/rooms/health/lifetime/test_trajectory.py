import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.health.lifetime.trajectory import (
    REFERENCE_FADE_FRAC,
    TrajectoryPrior,
    age_at_fade,
    fade_at,
    fit_trajectory,
    learn_prior,
)

PARAMETERS = st.tuples(
    st.floats(3.0, 9.0),
    st.floats(-3.0, 3.0),
    st.floats(-1.0, 0.3),
    st.floats(0.5, 2.5),
    st.floats(0.0, 0.03),
    st.floats(-4.5, -1.7),
).map(lambda row: np.array([row]))


@given(PARAMETERS)
def test_without_regain_the_fade_never_falls(parameters):
    life = np.exp(parameters[0, 0])
    fades = fade_at(np.linspace(0.0, 2.0 * life, 200), parameters)[0]
    assert np.all(np.diff(fades) >= 0.0)
    assert fades[0] == pytest.approx(0.0, abs=1e-5)


@given(PARAMETERS, st.floats(0.05, 0.6))
def test_the_age_at_a_fade_is_where_the_fade_is(parameters, fade_frac):
    age = age_at_fade(np.array([fade_frac]), parameters)
    assert fade_at(age, parameters)[0, 0] == pytest.approx(fade_frac, rel=1e-4)


def test_a_fade_that_is_there_from_the_start_has_age_nought():
    assert age_at_fade(np.array([0.0, -0.1]), np.zeros((2, 6))).tolist() == [0.0, 0.0]


def test_at_its_life_a_cell_has_lost_a_fifth():
    parameters = np.array([[np.log(800.0), 1.0, -0.5, 1.5, 0.0, -3.0]])
    assert fade_at(np.array([800.0]), parameters)[0, 0] == pytest.approx(REFERENCE_FADE_FRAC)


def test_a_known_trajectory_is_found_again():
    truth = np.array([np.log(600.0), 0.5, -0.2, 1.4, 0.004, -3.0])
    ages = np.linspace(5.0, 620.0, 120)
    found, level, rms = fit_trajectory(ages, 1.0 - fade_at(ages, truth[None, :])[0])
    assert np.exp(found[0]) == pytest.approx(600.0, rel=0.02)
    assert level == pytest.approx(1.0, abs=0.005)
    assert rms < 0.001


def test_a_prior_comes_back_from_its_arrays(prior):
    again = TrajectoryPrior.from_arrays(prior.as_arrays())
    assert again.names == prior.names
    assert np.array_equal(again.covariances, prior.covariances)
    assert again.scatter_frac == prior.scatter_frac


def test_the_mixture_of_one_normal_has_the_density_of_that_normal():
    prior = learn_prior([("one", np.zeros((4, 6)))], 0.004, n_broad=4.0)
    near, far = prior.log_density(np.array([np.zeros(6), [0.4, 0, 0, 0, 0, 0]]))
    # half the broad covariance: 0.4² / 2 in log life, so 0.4 is √2 deviations out
    assert near - far == pytest.approx(1.0)


def test_one_cell_alone_is_believed_with_caution():
    prior = learn_prior([("one", np.zeros((1, 6)))], 0.004)
    assert np.all(np.diag(prior.covariances[0]) > 0.0)


def test_a_life_of_ones_own_replaces_only_the_life(prior):
    changed = prior.with_life(900.0, 0.5)
    assert changed.means[0, 0] == pytest.approx(np.log(900.0))
    assert np.array_equal(changed.means[0, 1:], prior.means[0, 1:])
    assert changed.covariances[0, 0, 0] == pytest.approx(0.25)


def test_draws_follow_the_weights():
    prior = learn_prior(
        [("a", np.zeros((3, 6))), ("b", np.full((3, 6), 50.0))], 0.004, weights_frac=[3.0, 1.0]
    )
    draws = prior.sample(4000, np.random.default_rng(0))
    assert np.mean(draws[:, 0] > 25.0) == pytest.approx(0.25, abs=0.03)
