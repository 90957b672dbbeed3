"""Trees as arrays."""

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor

from batteryloop.health.learned.tree_arrays import fit_trees, predict_trees


def test_flat_trees_say_what_scikit_learn_says():
    rng = np.random.default_rng(0)
    rows, weight = rng.normal(size=(200, 3)), np.ones(200)
    target = rows[:, 0] - rows[:, 1] ** 2
    trees = fit_trees(rows, target, weight, n_trees=7, n_rows_leaf=2,
                      rng=np.random.default_rng(5))  # fmt: skip
    seed = int(np.random.default_rng(5).integers(2**31))
    forest = ExtraTreesRegressor(7, min_samples_leaf=2, max_features=0.4, random_state=seed)
    forest.fit(rows.astype(np.float32), target, sample_weight=weight)
    new = rng.normal(size=(50, 3)).astype(np.float32)
    assert np.allclose(predict_trees(trees, new), forest.predict(new), atol=1e-5)


def test_a_heavy_row_pulls_its_leaf():
    rows = np.zeros((2, 1))
    trees = fit_trees(rows, np.array([0.0, 1.0]), np.array([1.0, 3.0]), n_trees=2, n_rows_leaf=1,
                      rng=np.random.default_rng(0))  # fmt: skip
    assert predict_trees(trees, rows).tolist() == [0.75, 0.75]


def test_no_rows_give_no_answers():
    rows = np.arange(8.0)[:, None]
    trees = fit_trees(rows, rows[:, 0], np.ones(8), n_trees=1, n_rows_leaf=1,
                      rng=np.random.default_rng(0))  # fmt: skip
    assert predict_trees(trees, np.empty((0, 1))).size == 0
