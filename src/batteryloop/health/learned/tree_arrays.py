"""Extremely randomised trees as flat arrays: trained with scikit-learn, walked without it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

from batteryloop.errors import OurFault

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesRegressor

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TreeArrays:
    """A forest, its trees one after another; the left child of a node is the next node.

    `feature` (k,) is the column tested at each node, -1 at a leaf; `split` (k,) sends a value at
    or below it to the left, and is the value of a leaf; `right` (k,) is the right child; `root`
    (t,) the first node of each tree.
    """

    feature: NDArray[np.int16]
    split: NDArray[np.float32] | NDArray[np.float64]
    right: NDArray[np.int32]
    root: NDArray[np.int32]


def fit_trees(
    rows: Array,
    target: Array,
    weight: Array,
    *,
    n_trees: int,
    n_rows_leaf: int,
    rng: np.random.Generator,
    column_share_frac: float = 0.4,
) -> TreeArrays:
    """Fit extremely randomised trees and flatten them.

    Parameters
    ----------
    rows, target, weight : NDArray of float64
        Inputs (n, d), target (n,) and weights (n,).
    n_trees, n_rows_leaf : int
        Trees, and the least rows of a leaf.
    rng : numpy.random.Generator
        Seeds the trees.
    column_share_frac : float, optional
        Columns tried at each split [1].

    Notes
    -----
    Geurts, Ernst, Wehenkel 2006 (doi:10.1007/s10994-006-6226-1).
    """
    # Heavy to load, and not needed to predict.
    from sklearn.ensemble import ExtraTreesRegressor

    forest = ExtraTreesRegressor(
        n_estimators=n_trees,
        min_samples_leaf=n_rows_leaf,
        max_features=column_share_frac,
        random_state=int(rng.integers(2**31)),
    ).fit(rows.astype(np.float32), target, sample_weight=weight)
    return flat_trees(forest)


def flat_trees(forest: "ExtraTreesRegressor", *, is_exact: bool = False) -> TreeArrays:
    """Return a fitted forest as arrays; `is_exact` keeps splits and leaves at 64 bit.

    Raises
    ------
    OurFault
        If scikit-learn no longer lays trees out depth first.
    """
    feature, split, right, root = [], [], [], []
    offset = 0
    for member in forest.estimators_:
        tree = member.tree_
        is_leaf = tree.children_left < 0
        if not np.array_equal(tree.children_left[~is_leaf], np.flatnonzero(~is_leaf) + 1):
            raise OurFault("trees", "scikit-learn no longer stores them depth first")
        feature.append(np.where(is_leaf, -1, tree.feature).astype(np.int16))
        split.append(np.where(is_leaf, tree.value[:, 0, 0], tree.threshold))
        right.append(np.where(is_leaf, 0, tree.children_right + offset).astype(np.int32))
        root.append(offset)
        offset += tree.node_count
    splits: Array = np.concatenate(split)
    return TreeArrays(
        np.concatenate(feature),
        splits if is_exact else splits.astype(np.float32),
        np.concatenate(right),
        np.array(root, np.int32),
    )


def predict_trees(trees: TreeArrays, rows: Array) -> Array:
    """Return the mean over the trees, rows (n, d) -> (n,).

    Examples
    --------
    A single tree: 1 up to 0.5, 2 above.

    >>> tree = TreeArrays(np.array([0, -1, -1], "i2"), np.array([0.5, 1, 2], "f4"),
    ...                   np.array([2, 0, 0], "i4"), np.array([0], "i4"))
    >>> predict_trees(tree, np.array([[0.2], [0.9]])).tolist()
    [1.0, 2.0]
    """
    found: Array = _walk(
        rows.astype(np.float32), trees.feature, trees.split, trees.right, trees.root
    )
    return found


@njit(cache=True)
def _walk(
    rows: NDArray[np.float32],
    feature: NDArray[np.int16],
    split: NDArray[np.float32] | NDArray[np.float64],
    right: NDArray[np.int32],
    root: NDArray[np.int32],
) -> Array:
    out = np.zeros(rows.shape[0])
    for i in range(rows.shape[0]):
        total = 0.0
        for t in range(root.shape[0]):
            node = root[t]
            while feature[node] >= 0:
                node = node + 1 if rows[i, feature[node]] <= split[node] else right[node]
            total += split[node]
        out[i] = total / root.shape[0]
    return out
