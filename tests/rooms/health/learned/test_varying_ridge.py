"""Lines whose slopes change with one input."""

import numpy as np
import pytest

from batteryloop.health.learned.varying_ridge import fit_varying_ridge, predict_varying_ridge

RIDGES = (1e-3, 1e-2, 0.1, 1.0)


def _made(n_cells, rng, noise=0.05):
    cells = np.repeat(np.arange(n_cells), 10)
    rows = rng.normal(size=(cells.size, 4))
    # The slope on the second input turns its sign along the first.
    goal = rows[:, 0] * rows[:, 1] + noise * rng.normal(size=cells.size)
    return rows, goal, cells


def _fit(rows, goal, cells, **options):
    settings = {"ridges_frac": RIDGES, "n_knots": 4} | options
    return fit_varying_ridge(rows, goal, np.ones(len(goal)), cells, **settings)


def test_a_slope_that_changes_with_the_first_input_is_learned():
    rng = np.random.default_rng(0)
    fitted = _fit(*_made(40, rng))
    rows, goal, _ = _made(20, rng, noise=0.0)
    inner = np.abs(rows[:, 0]) < 1.5
    error = np.abs(predict_varying_ridge(fitted, rows) - goal)[inner].mean()
    assert error < 0.25
    straight = _fit(*_made(40, np.random.default_rng(0)), n_knots=1)
    assert np.abs(predict_varying_ridge(straight, rows) - goal)[inner].mean() > 2 * error


def test_the_ridge_is_chosen_on_cells_left_out():
    rng = np.random.default_rng(1)
    rows, _, cells = _made(12, rng)
    # Every cell has a level of its own and the inputs say nothing of it: only shrinking helps.
    goal = rng.normal(size=12)[cells]
    chosen = _fit(rows, goal, cells, ridges_frac=(1e-4, 10.0))
    free = _fit(rows, goal, cells, ridges_frac=(1e-4,))
    assert np.abs(chosen.weights).max() < np.abs(free.weights).max()


def test_far_out_it_says_no_more_than_was_learned():
    rng = np.random.default_rng(2)
    fitted = _fit(*_made(20, rng))
    far = 100.0 * np.ones((3, 4))
    assert np.abs(predict_varying_ridge(fitted, far)).max() <= 3.5


def test_two_cells_are_enough():
    rng = np.random.default_rng(3)
    rows, goal, cells = _made(2, rng)
    fitted = _fit(rows, goal, cells)
    assert predict_varying_ridge(fitted, rows) == pytest.approx(
        predict_varying_ridge(fitted, rows[::-1])[::-1]
    )
