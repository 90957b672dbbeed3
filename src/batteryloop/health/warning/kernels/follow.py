"""What follows a window: each cell's factors are carried on by a Kalman filter, and scored.

All cells of a pack pass the same rows, so they share one covariance: the filter costs little more
for 200 cells than for one.
"""

import math

import numpy as np
from numba import njit

from batteryloop.health.warning.kernels import layout as at
from batteryloop.health.warning.kernels.layout import Floats, Floats32
from batteryloop.health.warning.kernels.middle import middle

# Standard deviations: at the start, and of the random walk over the root of a day.
# Offset [V], resistance and its slow part [V per C-rate], gap [share of charge],
# lack of capacity [share], drift [share a day].
_START = np.array([0.003, 0.02, 0.02, 0.02, 0.03, 2e-4])
_WALK = np.array([2e-4, 1e-3, 1e-3, 3e-4, 4e-4, 1.5e-4])
# Balancing moves a cell by up to this much an hour, seen or not.
_BALANCING_PER_H = 0.0012
_N_INDEPENDENT = 60.0
_NOISE_LEAST_V = 7e-4
N_ROWS_LEAST = 12


@njit(cache=True, nogil=True, error_model="numpy")
def start_covariance() -> Floats:
    """Return the covariance of a cell of which nothing has been seen, shape (6, 6)."""
    covariance = np.zeros((_START.size, _START.size))
    for k in range(_START.size):
        covariance[k, k] = _START[k] ** 2
    return covariance


@njit(cache=True, nogil=True, error_model="numpy")
def inverse(matrix: Floats) -> Floats:
    """Return the inverse of a small positive definite matrix, by elimination.

    Examples
    --------
    >>> inverse(np.array([[2.0, 0.0], [0.0, 4.0]])).tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    n = matrix.shape[0]
    left, right = matrix.copy(), np.zeros((n, n))
    for k in range(n):
        right[k, k] = 1.0
    for k in range(n):
        pivot = left[k, k]
        for b in range(n):
            left[k, b] /= pivot
            right[k, b] /= pivot
        for a in range(n):
            if a != k:
                times = left[a, k]
                for b in range(n):
                    left[a, b] -= times * left[k, b]
                    right[a, b] -= times * right[k, b]
    return right


@njit(cache=True, nogil=True, error_model="numpy")
def _move_on(span_days: float, balancing_h: float, factors: Floats, covariance: Floats) -> None:
    """Let the gaps drift and everything grow less sure."""
    for j in range(factors.shape[1]):
        factors[at.GAP, j] += factors[at.DRIFT, j] * span_days
    for k in range(at.N_FACTORS):
        covariance[at.GAP, k] += span_days * covariance[at.DRIFT, k]
    for k in range(at.N_FACTORS):
        covariance[k, at.GAP] += span_days * covariance[k, at.DRIFT]
    for k in range(at.N_FACTORS):
        covariance[k, k] += _WALK[k] ** 2 * span_days
    covariance[at.GAP, at.GAP] += (_BALANCING_PER_H * balancing_h) ** 2


@njit(cache=True, nogil=True, error_model="numpy")
def _noise_v(gram: Floats, moments: Floats32, squares: Floats32) -> float:
    """Return what the best fit to this window alone leaves of a row of the middle cell. [V]."""
    n_rows = gram[0, 0]
    normal = gram.copy()
    for a in range(at.N_REGRESSORS):
        normal[a, a] += 1e-9 * n_rows
    fit = inverse(normal)
    # cells innermost: a processor takes several of them at once
    left = squares.astype(np.float64)
    for a in range(at.N_REGRESSORS):
        for b in range(a + 1):
            share = fit[a, b] if a == b else fit[a, b] + fit[b, a]
            for j in range(left.size):
                left[j] -= share * moments[a, j] * moments[b, j]
    for j in range(left.size):
        left[j] = max(left[j], 0.0) / n_rows
    return math.sqrt(middle(left) + _NOISE_LEAST_V**2)


@njit(cache=True, nogil=True, error_model="numpy")
def _learn(weight: float, gram: Floats, covariance: Floats) -> None:
    """Make `covariance` that after a window of information `weight` times `gram`."""
    precision = inverse(covariance)
    for a in range(at.N_REGRESSORS):
        for b in range(at.N_REGRESSORS):
            precision[a, b] += weight * gram[a, b]
    covariance[:] = inverse(precision)
    for a in range(at.N_FACTORS):
        for b in range(a):
            mean = 0.5 * (covariance[a, b] + covariance[b, a])
            covariance[a, b] = covariance[b, a] = mean


@njit(cache=True, nogil=True, error_model="numpy")
def follow(
    span_days: float,
    balancing_h: float,
    gram: Floats,
    moments: Floats32,
    squares: Floats32,
    factors: Floats,
    covariance: Floats,
) -> float:
    """Carry `factors` (6, n) and `covariance` (6, 6) over a window; return the noise. [V].

    `gram` and `moments` sum a window's rows; the moments are of what the factors at its beginning
    left unexplained.
    """
    n_rows = gram[0, 0]
    drift = factors[at.DRIFT].copy()
    _move_on(span_days, balancing_h, factors, covariance)
    if n_rows < N_ROWS_LEAST:
        return math.nan
    noise = _noise_v(gram, moments, squares)
    # neighbouring rows err alike: no more than sixty count as independent
    weight = min(n_rows, _N_INDEPENDENT) / n_rows / noise**2
    _learn(weight, gram, covariance)
    surprise = np.empty(factors.shape[1])
    for a in range(at.N_REGRESSORS):
        # the sums were taken against the factors before the gap drifted
        moved = gram[a, at.SLOPE] * span_days
        for j in range(surprise.size):
            surprise[j] = weight * (moments[a, j] - moved * drift[j])
        for k in range(at.N_FACTORS):
            gain = covariance[k, a]
            for j in range(surprise.size):
                factors[k, j] += gain * surprise[j]
    return noise
