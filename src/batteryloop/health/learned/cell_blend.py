"""A blend of experts trained by cell, with a conformal interval calibrated by cell.

Every expert (a learner on a view of the inputs) is first trained without one fold of the cells
after the other, so that each training cell is judged by members that never saw it. These
judgements give the weights of the blend and calibrate the interval (cross-conformal: Vovk 2015,
doi:10.1007/s10472-013-9368-4). The experts that are kept are then trained on all cells.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, eye, hstack, vstack

from batteryloop.errors import InputWrong
from batteryloop.health.learned.blend_types import (
    BlendPrediction,
    BlendSettings,
    CellBlend,
    Expert,
    OutOfFold,
)
from batteryloop.health.learned.kernel_machine import (
    KernelMachine,
    fit_kernel_machine,
    predict_kernel_machine,
)
from batteryloop.health.learned.scaling import (
    apply_scaling,
    even_weights,
    fit_scaling,
    spread_rows,
    weighted_quantile,
)
from batteryloop.health.learned.tree_arrays import TreeArrays, fit_trees, predict_trees
from batteryloop.health.learned.varying_ridge import (
    VaryingRidge,
    fit_varying_ridge,
    predict_varying_ridge,
)

Array = NDArray[np.float64]
Members = tuple[KernelMachine, ...] | tuple[TreeArrays, ...] | tuple[VaryingRidge, ...]
# A kernel machine's ridge, or the name of another learner.
Learner = float | Literal["trees", "lines"]
_N_ROWS_CELL_WEIGHTS = 40
_LEAST_WEIGHT = 1e-3
_CARD_CONFIDENCE_FRAC = 0.9


def fit_cell_blend(
    views: Mapping[str, Array],
    target: Array,
    cell_index: NDArray[np.int64],
    settings: BlendSettings,
    rng: np.random.Generator,
) -> tuple[CellBlend, OutOfFold]:
    """Fit on a positive target; errors are relative (its logarithm is learnt).

    Parameters
    ----------
    views : mapping of str to NDArray
        Named input matrices of the same n rows, finite.
    target : NDArray of float64
        Above 0, shape (n,).
    cell_index : NDArray of int64
        The cell of each row, shape (n,); two cells at least.
    settings : BlendSettings
        How to train.
    rng : numpy.random.Generator
        For folds, landmarks, columns and trees.

    Returns
    -------
    tuple of CellBlend and OutOfFold
        The blend, and how the training rows were judged by members that never saw their cell.

    Raises
    ------
    InputWrong
        If there are rows of fewer than two cells, or a target is not above 0.
    """
    cells = np.unique(cell_index)
    if len(cells) < 2:
        raise InputWrong("training", f"rows of {len(cells)} cells", "of two cells at least")
    if not (np.isfinite(target).all() and (target > 0).all()):
        raise InputWrong("training", "a target that is not above 0", "above 0")
    keep = spread_rows(cell_index, settings.n_rows_cell)
    groups = cell_index[keep]
    log_target = np.log(target[keep])
    mean, spread = float(log_target.mean()), float(log_target.std()) or 1.0
    goal = (log_target - mean) / spread
    weight = even_weights(groups)
    scaling = {name: fit_scaling(rows[keep]) for name, rows in views.items()}
    scaled = {name: apply_scaling(scaling[name], rows[keep]) for name, rows in views.items()}
    parts = np.array_split(rng.permutation(cells), min(settings.n_folds, len(cells)))
    folds = [np.isin(groups, part) for part in parts]
    names = _learners(views, settings)
    judgements = np.empty((len(goal), len(names)))
    for column, (view, kind) in enumerate(names):
        rows = scaled[view]
        for out in folds:
            taught = (rows[~out], goal[~out], weight[~out], groups[~out])
            members = _fit_members(kind, *taught, settings, rng, True)
            judgements[out, column] = _mean_of(members, rows[out])
    few = spread_rows(groups, _N_ROWS_CELL_WEIGHTS)
    shares = _shares(judgements[few], goal[few], even_weights(groups[few]), settings.shrink_frac)
    value = judgements @ shares
    disagreement = _disagreement(judgements, shares)
    floor = float(np.median(disagreement)) + 1e-9
    scores = np.abs(goal - value) / (floor + disagreement)
    experts = tuple(
        Expert(
            view,
            _fit_members(kind, scaled[view], goal, weight, groups, settings, rng, False),
            float(share),
        )
        for (view, kind), share in zip(names, shares, strict=True)
        if share > 0
    )
    order = np.argsort(scores)
    blend = CellBlend(
        scaling, experts, mean, spread, floor, scores[order], weight[order], len(cells)
    )
    limit = _limits_from_others(scores, weight, groups)
    half = np.expm1(limit * (floor + disagreement) * spread)
    errors = np.expm1((value - goal) * spread)
    return blend, OutOfFold(keep, groups, errors, half, scores <= limit)


def predict_cell_blend(
    blend: CellBlend, views: Mapping[str, Array], *, confidence_frac: float = 0.9
) -> BlendPrediction:
    """Judge rows.

    Parameters
    ----------
    blend : CellBlend
        From `fit_cell_blend`.
    views : mapping of str to NDArray
        As in training, n rows.
    confidence_frac : float, optional
        Coverage wanted [1]: of a new cell of the same kind, on average over its rows.
    """
    used = {expert.view for expert in blend.experts}
    scaled = {name: apply_scaling(blend.scaling[name], views[name]) for name in used}
    judgements = np.stack([_mean_of(e.members, scaled[e.view]) for e in blend.experts], axis=1)
    shares = np.array([e.weight_frac for e in blend.experts])
    quantile = weighted_quantile(
        blend.scores, blend.score_weights, _level(confidence_frac, blend.n_cells)
    )
    spread = blend.target_spread
    half = quantile * (blend.disagreement_floor + _disagreement(judgements, shares)) * spread
    log_value = judgements @ shares * spread + blend.target_mean
    return BlendPrediction(
        np.exp(log_value), np.exp(log_value - half), np.exp(log_value + half), np.expm1(half)
    )


def _level(confidence: float, n_cells: int) -> float:
    """Return the quantile to take: between the naive and the guaranteed one of n + 1 cells."""
    return min(1.0, confidence * (1.0 + 0.5 / n_cells))


def _limits_from_others(scores: Array, weight: Array, groups: NDArray[np.int64]) -> Array:
    cells = np.unique(groups)
    level = _level(_CARD_CONFIDENCE_FRAC, len(cells) - 1)
    limit = np.empty(len(scores))
    for cell in cells:
        is_own = groups == cell
        limit[is_own] = weighted_quantile(scores[~is_own], weight[~is_own], level)
    return limit


def _learners(views: Mapping[str, Array], settings: BlendSettings) -> list[tuple[str, Learner]]:
    """Return which learner is to look at which view."""
    names: list[tuple[str, Learner]] = []
    for view in views:
        names += [(view, ridge) for ridge in settings.ridges_frac]
        names.append((view, "trees"))
        if view in settings.varying_views:
            names.append((view, "lines"))
    return names


def _fit_members(
    learner: Learner,
    rows: Array,
    goal: Array,
    weight: Array,
    groups: NDArray[np.int64],
    settings: BlendSettings,
    rng: np.random.Generator,
    is_fold: bool,
) -> Members:
    """Return kernel machines for a ridge, else what the learner's name says."""
    if learner == "lines":
        line = fit_varying_ridge(
            rows,
            goal,
            weight,
            groups,
            ridges_frac=settings.varying_ridges_frac,
            n_knots=settings.n_knots,
        )  # fmt: skip
        return (line,)
    if learner == "trees":
        n_trees = settings.n_trees_fold if is_fold else settings.n_trees
        n_leaf = settings.n_rows_leaf
        return (fit_trees(rows, goal, weight, n_trees=n_trees, n_rows_leaf=n_leaf, rng=rng),)
    n_all = rows.shape[1]
    n_columns = min(n_all, max(3, round(settings.column_share_frac * n_all)))
    members = []
    for _ in range(settings.n_kernels_fold if is_fold else settings.n_kernels):
        columns = np.sort(rng.choice(n_all, n_columns, replace=False)).astype(np.int16)
        machine = fit_kernel_machine(
            rows,
            goal,
            weight,
            columns,
            n_landmarks=settings.n_landmarks,
            ridge_frac=learner,
            rng=rng,
            length_frac=settings.length_frac,
        )
        members.append(machine)
    return tuple(members)


def _shares(judgements: Array, goal: Array, weight: Array, shrink_frac: float) -> Array:
    """Weights of sum one that minimise the absolute error, then pulled towards equal ones."""
    n, k = judgements.shape
    cost = np.concatenate([np.zeros(k), weight, weight])
    equal = hstack([csr_matrix(judgements), eye(n), -eye(n)])
    total = csr_matrix(np.concatenate([np.ones(k), np.zeros(2 * n)])[None, :])
    bound = np.concatenate([goal, [1.0]])
    found = linprog(
        cost, A_eq=vstack([equal, total]).tocsr(), b_eq=bound, bounds=(0, None), method="highs"
    )
    best = found.x[:k] if found.success else np.full(k, 1.0 / k)
    is_used = best > _LEAST_WEIGHT
    best = np.where(is_used, best, 0.0) / best[is_used].sum()
    shares: Array = (1.0 - shrink_frac) * best + shrink_frac * is_used / is_used.sum()
    return shares


def _mean_of(members: Members, rows: Array) -> Array:
    mean: Array = np.mean([_judged(member, rows) for member in members], axis=0)
    return mean


def _judged(member: KernelMachine | TreeArrays | VaryingRidge, rows: Array) -> Array:
    if isinstance(member, TreeArrays):
        return predict_trees(member, rows)
    if isinstance(member, VaryingRidge):
        return predict_varying_ridge(member, rows)
    return predict_kernel_machine(member, rows)


def _disagreement(judgements: Array, shares: Array) -> Array:
    centre = judgements @ shares
    spread: Array = np.sqrt(((judgements - centre[:, None]) ** 2) @ shares)
    return spread
