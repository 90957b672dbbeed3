"""A straight line whose slopes change with one input: ridge regression, varying coefficients.

What a step of the voltage says of a cell's health depends on its charge, which the rest voltage
shows. With tens of cells to learn from, lines that change smoothly over that one input tell more
than a learner that is free to bend everywhere (Hastie and Tibshirani 1993,
doi:10.1111/j.2517-6161.1993.tb01939.x).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_N_QUANTILES = 33
_WIDTH_FRAC = 0.6
_N_FOLDS = 6
# Standard deviations of the target; further out nothing was learned.
_FURTHEST = 3.5


@dataclass(frozen=True, slots=True)
class VaryingRidge:
    """Weights (n_knots * (d + 1),) and the quantiles (q,) of the first of d columns."""

    quantiles: Array
    weights: Array
    n_knots: int


def fit_varying_ridge(
    rows: Array,
    goal: Array,
    weight: Array,
    cell_index: NDArray[np.int64],
    *,
    ridges_frac: Sequence[float],
    n_knots: int,
) -> VaryingRidge:
    """Fit with the ridge that errs least on cells left out.

    Parameters
    ----------
    rows : NDArray of float64
        Standardised inputs, shape (n, d); the slopes change with the first.
    goal, weight : NDArray of float64
        Standardised target and the say of each row, shape (n,).
    cell_index : NDArray of int64
        The cell of each row, shape (n,).
    ridges_frac : sequence of float
        To choose from, as shares of the rows' weight [1].
    n_knots : int
        How many smooth steps over the quantiles of the first column.
    """
    quantiles = np.quantile(rows[:, 0], np.linspace(0.0, 1.0, _N_QUANTILES))
    inputs = _spread_out(rows, quantiles, n_knots)
    cells = np.unique(cell_index)
    parts = [cells[k :: min(_N_FOLDS, cells.size)] for k in range(min(_N_FOLDS, cells.size))]
    error = np.zeros(len(ridges_frac))
    for part in parts if len(ridges_frac) > 1 else []:
        is_out = np.isin(cell_index, part)
        paths = _paths(inputs[~is_out], goal[~is_out], weight[~is_out], ridges_frac)
        error += weight[is_out] @ np.abs(inputs[is_out] @ paths - goal[is_out][:, None])
    best = ridges_frac[int(np.argmin(error))]
    return VaryingRidge(quantiles, _paths(inputs, goal, weight, [best])[:, 0], n_knots)


def predict_varying_ridge(ridge: VaryingRidge, rows: Array) -> Array:
    """Return the standardised target, shape (n,); no further out than 3.5 standard deviations."""
    inputs = _spread_out(rows, ridge.quantiles, ridge.n_knots)
    found: Array = np.clip(inputs @ ridge.weights, -_FURTHEST, _FURTHEST)
    return found


def _spread_out(rows: Array, quantiles: Array, n_knots: int) -> Array:
    """Return each row, and one, times its share in each knot, shape (n, n_knots * (d + 1))."""
    place = np.interp(rows[:, 0], quantiles, np.linspace(0.0, 1.0, quantiles.size))
    knots = np.linspace(0.0, 1.0, n_knots) if n_knots > 1 else np.array([0.5])
    near = np.exp(-0.5 * ((place[:, None] - knots) * n_knots / _WIDTH_FRAC) ** 2)
    share = near / near.sum(axis=1, keepdims=True)
    full = np.hstack([np.ones((len(rows), 1)), rows])
    spread: Array = (share[:, :, None] * full[:, None, :]).reshape(len(rows), -1)
    return spread


def _paths(inputs: Array, goal: Array, weight: Array, ridges_frac: Sequence[float]) -> Array:
    """Return the weights for each ridge, shape (m, n_ridges)."""
    gram = inputs.T @ (weight[:, None] * inputs)
    values, vectors = np.linalg.eigh(gram)
    turned = vectors.T @ (inputs.T @ (weight * goal))
    ridges = np.asarray(ridges_frac) * weight.sum()
    shrunk = turned[:, None] / (np.maximum(values, 0.0)[:, None] + ridges)
    found: Array = vectors @ shrunk
    return found
