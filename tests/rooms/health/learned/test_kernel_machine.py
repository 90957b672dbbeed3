"""The kernel regression."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.health.learned.kernel_machine import (
    fit_kernel_machine,
    matern52,
    predict_kernel_machine,
)


def _fitted(rows, target):
    columns = np.arange(rows.shape[1], dtype=np.int16)
    return fit_kernel_machine(rows, target, np.ones(len(rows)), columns, n_landmarks=80,
                              ridge_frac=1e-3, rng=np.random.default_rng(1))  # fmt: skip


def test_the_kernel_at_distance_one_is_that_of_the_formula():
    # (1 + sqrt 5 + 5/3) exp(-sqrt 5)
    assert matern52(np.zeros((1, 1)), np.ones((1, 1)))[0, 0] == pytest.approx(0.5239941, abs=1e-6)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_kernel_is_symmetric_and_at_most_one(seed):
    rows = np.random.default_rng(seed).normal(size=(6, 3))
    kernel = matern52(rows, rows)
    assert np.allclose(kernel, kernel.T)
    assert kernel.max() <= 1.0 + 1e-9
    assert np.linalg.eigvalsh(kernel).min() > -1e-7


def test_a_smooth_curve_is_learnt():
    x = np.linspace(-2, 2, 200)[:, None]
    machine = _fitted(x, np.sin(2 * x[:, 0]))
    new = np.linspace(-1.9, 1.9, 57)[:, None]
    assert np.abs(predict_kernel_machine(machine, new) - np.sin(2 * new[:, 0])).max() < 0.02


def test_one_absurd_target_moves_little():
    x = np.linspace(-2, 2, 200)[:, None]
    y = x[:, 0].copy()
    y[100] = 50.0
    machine = _fitted(x, y)
    clean = predict_kernel_machine(_fitted(x, x[:, 0]), x)
    assert np.median(np.abs(predict_kernel_machine(machine, x) - clean)) < 0.1


def test_many_rows_are_judged_as_few_are():
    x = np.linspace(-2, 2, 9000)[:, None]
    machine = _fitted(x[::50], x[::50, 0])
    assert np.allclose(predict_kernel_machine(machine, x)[8500:8510],
                       predict_kernel_machine(machine, x[8500:8510]))  # fmt: skip
