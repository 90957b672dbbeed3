"""The filter against what can be computed by other means."""

import numpy as np

from batteryloop.health.warning.kernels import layout as at
from batteryloop.health.warning.kernels.follow import follow, inverse, start_covariance


def test_inverse_of_a_small_matrix_is_numpys() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    root = rng.standard_normal((6, 6))
    matrix = root @ root.T + 0.1 * np.eye(6)
    np.testing.assert_allclose(inverse(matrix), np.linalg.inv(matrix), rtol=1e-9)


def window(truth: np.ndarray, factors: np.ndarray, seed: int):
    """Return the sums of 240 rows whose deviations follow `truth` (6, n), with 1 mV of noise."""
    rng = np.random.Generator(np.random.PCG64(seed))
    n = truth.shape[1]
    x = np.ones((240, 5))
    x[:, 1] = rng.uniform(-0.5, 0.5, 240)
    x[:, 2] = np.convolve(x[:, 1], np.ones(20) / 20, "same")
    x[:, 3] = rng.uniform(0.5, 1.2, 240)
    x[:, 4] = x[:, 3] * rng.uniform(-0.4, 0.4, 240)
    seen = x @ truth[:5] + 1e-3 * rng.standard_normal((240, n))
    left = seen - x @ factors[:5]
    return x.T @ x, (x.T @ left).astype(np.float32), np.sum(left**2, axis=0).astype(np.float32)


def test_after_many_windows_the_factors_are_the_truth() -> None:
    truth = np.zeros((6, 4))
    truth[at.OFFSET, 0] = 0.004
    truth[at.OHMIC, 1] = 0.03
    truth[at.GAP, 2] = -0.02
    truth[at.LACK, 3] = 0.05
    factors, covariance = np.zeros((6, 4)), start_covariance()
    for k in range(60):
        follow(1 / 6, 0.0, *window(truth, factors, k), factors, covariance)
    sd = np.sqrt(np.diag(covariance))[:, None]
    assert (np.abs(factors - truth)[:5] < 4 * sd[:5]).all()
    assert abs(factors[at.GAP, 2] + 0.02) < 0.002


def test_a_gap_that_drifts_is_followed_with_its_pace() -> None:
    factors, covariance = np.zeros((6, 2)), start_covariance()
    for k in range(180):
        truth = np.zeros((6, 2))
        truth[at.GAP, 0] = -0.003 * (k + 1) / 6
        follow(1 / 6, 0.0, *window(truth, factors, k), factors, covariance)
    assert abs(factors[at.DRIFT, 0] + 0.003) < 3 * np.sqrt(covariance[at.DRIFT, at.DRIFT])
    assert factors[at.DRIFT, 0] < -0.002


def test_too_few_rows_move_nothing_but_make_less_sure() -> None:
    factors, covariance = np.full((6, 3), 0.01), start_covariance()
    factors[at.DRIFT] = 0.0
    before = covariance.copy()
    few = np.zeros((5, 5)), np.zeros((5, 3), np.float32), np.zeros(3, np.float32)
    assert np.isnan(follow(1.0, 0.0, *few, factors, covariance))
    assert (factors[:5] == 0.01).all()
    assert (np.diag(covariance) > np.diag(before)).all()
