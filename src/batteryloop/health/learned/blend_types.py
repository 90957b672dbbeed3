"""What a blend of experts is made of, and how it is trained."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batteryloop.health.learned.kernel_machine import KernelMachine
from batteryloop.health.learned.tree_arrays import TreeArrays
from batteryloop.health.learned.varying_ridge import VaryingRidge

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BlendSettings:
    """How a blend is trained; numbers of members are smaller while folds are left out."""

    n_folds: int = 5
    n_landmarks: int = 350
    ridges_frac: tuple[float, ...] = (0.01,)
    length_frac: float = 1.0
    column_share_frac: float = 0.6
    n_kernels: int = 8
    n_kernels_fold: int = 2
    n_trees: int = 100
    n_trees_fold: int = 60
    n_rows_leaf: int = 2
    n_rows_cell: int = 110
    shrink_frac: float = 0.5
    varying_views: tuple[str, ...] = ()
    varying_ridges_frac: tuple[float, ...] = (3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
    n_knots: int = 4


@dataclass(frozen=True, slots=True)
class Scaling:
    """Clips and standardises a view of d columns; each is of shape (d,)."""

    low: Array
    high: Array
    mean: Array
    spread: Array


@dataclass(frozen=True, slots=True)
class Expert:
    """A learner on a view: kernel machines on random columns, a forest, or lines; its say [1]."""

    view: str
    members: tuple[KernelMachine, ...] | tuple[TreeArrays, ...] | tuple[VaryingRidge, ...]
    weight_frac: float


@dataclass(frozen=True, slots=True)
class CellBlend:
    """A fitted blend; `scores` (n,) are conformal scores of training rows, with their weights."""

    scaling: dict[str, Scaling]
    experts: tuple[Expert, ...]
    target_mean: float
    target_spread: float
    disagreement_floor: float
    scores: Array
    score_weights: Array
    n_cells: int


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """How training rows were judged by members that never saw their cell.

    `row` (n,) says which; `cell_index` (n,) of which cell; `error_frac` (n,) signed, predicted over
    true less one; `halfwidth_frac` (n,) of the 90 % interval that the *other* cells' errors give;
    `is_covered` (n,). The weights of the blend are chosen on these same judgements.
    """

    row: NDArray[np.int64]
    cell_index: NDArray[np.int64]
    error_frac: Array
    halfwidth_frac: Array
    is_covered: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BlendPrediction:
    """Judgements (n,) in the unit of the target, with interval and its relative half-width [1]."""

    value: Array
    low: Array
    high: Array
    halfwidth_frac: Array
