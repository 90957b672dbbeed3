"""What charges say against the cell's own past."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.health.learned.charge_history import (
    clean_features,
    history_views,
    running_median,
)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 79), st.integers(0, 100))
def test_no_charge_knows_its_future(cut, seed):
    rows = np.random.default_rng(seed).normal(size=(80, 16)) + 5.0
    whole, part = history_views(rows), history_views(rows[:cut])
    for name, view in whole.items():
        assert np.allclose(view[:cut], part[name])


def test_infinities_and_gaps_take_the_last_value_or_zero():
    rows = np.array([[np.nan, 1.0], [np.inf, -np.inf], [2.0, np.nan]])
    assert clean_features(rows).tolist() == [[0.0, 1.0], [0.0, 1.0], [2.0, 1.0]]


def test_views_of_a_table_with_infinities_are_finite():
    rows = np.random.default_rng(0).normal(size=(30, 16))
    rows[7] = np.inf
    assert all(np.isfinite(view).all() for view in history_views(rows).values())


def test_one_charge_has_views():
    assert {name: view.shape[0] for name, view in history_views(np.ones((1, 16))).items()} == {
        "state": 1, "drift": 1, "rate": 1
    }  # fmt: skip


def test_a_spike_leaves_the_running_median_alone():
    rows = np.ones((9, 1))
    rows[4] = 100.0
    assert running_median(rows, 5).max() == 1.0


def test_as_many_charges_as_features_are_not_turned_round():
    rows = np.arange(256.0).reshape(16, 16)
    assert clean_features(rows).tolist() == rows.tolist()
