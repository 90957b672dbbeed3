"""What follows a window: each cell's factors are carried on by a Kalman filter, and scored.

All cells of a pack pass the same rows, so they share one covariance: the filter costs little more
for 200 cells than for one.
"""

import math

import numpy as np
from numba import njit

from batteryloop.health.warning.kernels import layout as at
from batteryloop.health.warning.kernels.layout import Floats, Floats32

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
    return np.diag(_START**2)


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
    """Carry `factors` (6, n) and `covariance` (6, 6) over a window; return the noise. [V]."""
    n_factors, n_cells = factors.shape
    n_rows = gram[0, 0]
    # the drift moves the gap
    for j in range(n_cells):
        factors[at.GAP, j] += factors[at.DRIFT, j] * span_days
    move = np.eye(n_factors)
    move[at.GAP, at.DRIFT] = span_days
    covariance[:] = move @ covariance @ move.T
    for k in range(n_factors):
        covariance[k, k] += _WALK[k] ** 2 * span_days
    covariance[at.GAP, at.GAP] += (_BALANCING_PER_H * balancing_h) ** 2
    if n_rows < N_ROWS_LEAST:
        return math.nan

    # what is left beside the best fit to this window alone, for the noise of a row
    k_x = at.N_REGRESSORS
    normal = gram + np.eye(k_x) * 1e-9 * n_rows
    fit = np.linalg.solve(normal, moments.astype(np.float64))
    left = np.empty(n_cells)
    for j in range(n_cells):
        explained = 0.0
        for a in range(k_x):
            explained += fit[a, j] * moments[a, j]
        left[j] = max(squares[j] - explained, 0.0) / n_rows
    noise = math.sqrt(np.median(left) + _NOISE_LEAST_V**2)

    # neighbouring rows err alike: no more than sixty count as independent
    weight = min(n_rows, _N_INDEPENDENT) / n_rows / noise**2
    precision = np.linalg.inv(covariance)
    precision[:k_x, :k_x] += weight * gram
    covariance[:] = np.linalg.inv(precision)
    covariance[:] = 0.5 * (covariance + covariance.T)
    innovation = np.zeros((n_factors, n_cells))
    for a in range(k_x):
        for j in range(n_cells):
            predicted = 0.0
            for b in range(k_x):
                predicted += gram[a, b] * factors[b, j]
            innovation[a, j] = weight * (moments[a, j] - predicted)
    factors += covariance @ innovation
    return noise

