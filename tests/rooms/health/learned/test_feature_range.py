"""What is refused, and why."""

import numpy as np

from batteryloop.health.learned.feature_range import (
    check_feature_range,
    fit_feature_range,
    refusal_reason,
)

NAMES = ("voltage_mean", "cc_q")


def _limits():
    x = np.random.default_rng(2).normal(size=2000)
    return fit_feature_range(
        np.stack([x, x + 0.05 * np.random.default_rng(4).normal(size=2000)], 1)
    )


def test_what_was_trained_on_is_let_through():
    x = np.random.default_rng(2).normal(size=2000)
    check = check_feature_range(_limits(), np.stack([x, x], axis=1))
    assert check.is_inside.mean() > 0.995


def test_a_value_past_the_range_is_named_with_the_range():
    limits, rows = _limits(), np.array([[0.0, 9.0]])
    reason = refusal_reason(limits, check_feature_range(limits, rows), rows, 0, NAMES)
    assert reason.startswith("cc_q 9 is outside the trained range -")


def test_a_pair_that_never_came_together_is_refused_though_each_is_in_range():
    limits, rows = _limits(), np.array([[1.5, -1.5]])
    check = check_feature_range(limits, rows)
    assert check.worst_column[0] == -1
    assert not check.is_inside[0]
    assert "unlike any record" in refusal_reason(limits, check, rows, 0, NAMES)


def test_a_column_that_never_moved_refuses_another_value():
    limits = fit_feature_range(np.stack([np.linspace(0, 1, 50), np.full(50, 3.0)], axis=1))
    assert check_feature_range(limits, np.array([[0.5, 3.0]])).is_inside[0]
    assert not check_feature_range(limits, np.array([[0.5, 3.1]])).is_inside[0]
