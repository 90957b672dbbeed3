"""Rows brought to one scale, and cells to one say."""

import numpy as np
from numpy.typing import NDArray

from batteryloop.health.learned.blend_types import Scaling

Array = NDArray[np.float64]
_OUTER_FRAC = 0.001
_FURTHEST = 4.0


def fit_scaling(rows: Array) -> Scaling:
    """Return limits at the 0.1 and 99.9 % quantiles, and mean and spread inside them."""
    low, high = np.quantile(rows, [_OUTER_FRAC, 1.0 - _OUTER_FRAC], axis=0)
    clipped = np.clip(rows, low, high)
    spread = clipped.std(axis=0)
    return Scaling(low, high, clipped.mean(axis=0), np.where(spread > 1e-12, spread, 1.0))


def apply_scaling(scaling: Scaling, rows: Array) -> Array:
    """Return the clipped, standardised rows, shape (n, d)."""
    inside = np.clip(rows, scaling.low, scaling.high)
    scaled: Array = np.clip((inside - scaling.mean) / scaling.spread, -_FURTHEST, _FURTHEST)
    return scaled


def spread_rows(cell_index: NDArray[np.int64], n_rows_cell: int) -> NDArray[np.int64]:
    """Return row numbers: at most `n_rows_cell` of each cell, evenly spread over its rows.

    Examples
    --------
    >>> spread_rows(np.array([0, 0, 0, 1]), 2).tolist()
    [0, 2, 3]
    """
    kept = []
    for cell in np.unique(cell_index):
        rows = np.flatnonzero(cell_index == cell)
        count = min(len(rows), n_rows_cell)
        kept.append(rows[np.unique(np.linspace(0, len(rows) - 1, count).round().astype(int))])
    return np.concatenate(kept)


def even_weights(cell_index: NDArray[np.int64]) -> Array:
    """Return row weights of mean one that give every cell the same say.

    Examples
    --------
    >>> even_weights(np.array([0, 0, 0, 1])).round(2).tolist()
    [0.67, 0.67, 0.67, 2.0]
    """
    _, inverse, count = np.unique(cell_index, return_inverse=True, return_counts=True)
    weight = 1.0 / count[inverse]
    even: Array = weight / weight.mean()
    return even


def weighted_quantile(values: Array, weights: Array, level_frac: float) -> float:
    """Return the smallest value whose cumulative weight reaches the level; infinite past the last.

    Examples
    --------
    >>> weighted_quantile(np.array([1.0, 2.0, 3.0]), np.ones(3), 0.5)
    2.0
    """
    order = np.argsort(values)
    cumulative = np.cumsum(weights[order]) / weights.sum()
    position = int(np.searchsorted(cumulative, level_frac - 1e-12))
    return float(values[order][position]) if position < len(values) else float("inf")
