"""Refuse records unlike those that a model was trained on, and say why."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_OUTER_FRAC = 0.0005
_MARGIN_FRAC = 0.05


@dataclass(frozen=True, slots=True)
class FeatureRange:
    """What was trained on: limits of each feature (d,), and how far rows lay from their middle.

    `whitening` (d, d) turns a distance from `mean` (d,) into a Mahalanobis distance;
    `distance_max` is the largest that is let through.
    """

    low: Array
    high: Array
    mean: Array
    whitening: Array
    distance_max: float


@dataclass(frozen=True, slots=True)
class RangeCheck:
    """Which rows are inside (n,), the column furthest outside (-1 for none), the distance (n,)."""

    is_inside: NDArray[np.bool_]
    worst_column: NDArray[np.int64]
    distance: Array


def fit_feature_range(rows: Array, *, factor: float = 1.5) -> FeatureRange:
    """Learn the range from finite training rows, shape (n, d).

    The limits are the 0.05 and 99.95 % quantiles, 5 % of their width wider; the distance is
    `factor` times the one that 99.9 % of the rows keep.
    """
    low, high = np.quantile(rows, [_OUTER_FRAC, 1.0 - _OUTER_FRAC], axis=0)
    margin = _MARGIN_FRAC * (high - low)
    inner = np.clip(rows, low, high)
    mean = inner.mean(axis=0)
    centred = inner - mean
    scale = centred.std(axis=0)
    scale[scale <= 1e-12] = 1.0
    standard = centred / scale
    values, vectors = np.linalg.eigh(standard.T @ standard / len(rows))
    whitening = (vectors / np.sqrt(np.maximum(values, 1e-3))) / scale[:, None]
    distance = np.sqrt(((centred @ whitening) ** 2).sum(axis=1))
    limit = factor * float(np.quantile(distance, 0.999))
    return FeatureRange(low - margin, high + margin, mean, whitening, limit)


def check_feature_range(limits: FeatureRange, rows: Array) -> RangeCheck:
    """Judge finite rows, shape (n, d)."""
    width = np.maximum(limits.high - limits.low, 1e-12)
    excess = np.maximum(np.maximum(limits.low - rows, rows - limits.high), 0) / width
    worst = excess.argmax(axis=1)
    distance = np.sqrt((((rows - limits.mean) @ limits.whitening) ** 2).sum(axis=1))
    is_out = excess.max(axis=1) > 0
    return RangeCheck(
        ~is_out & (distance <= limits.distance_max), np.where(is_out, worst, -1), distance
    )


def refusal_reason(
    limits: FeatureRange, check: RangeCheck, rows: Array, row: int, names: Sequence[str]
) -> str:
    """Say in a sentence why a row is refused; empty if it is not.

    Examples
    --------
    >>> limits = fit_feature_range(np.linspace(1.0, 2.0, 101)[:, None])
    >>> rows = np.array([[1.5], [3.0]])
    >>> check = check_feature_range(limits, rows)
    >>> refusal_reason(limits, check, rows, 1, ["voltage_mean"])
    'voltage_mean 3 is outside the trained range 0.9505 to 2.049'
    """
    if check.is_inside[row]:
        return ""
    column = int(check.worst_column[row])
    if column >= 0:
        return (
            f"{names[column]} {rows[row, column]:.4g} is outside the trained range "
            f"{limits.low[column]:.4g} to {limits.high[column]:.4g}"
        )
    return (
        "the features together are unlike any record of the training: distance "
        f"{check.distance[row]:.1f}, at most {limits.distance_max:.1f}"
    )
