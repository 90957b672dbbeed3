import numpy as np
import pytest

from batteryloop.errors import InputWrong
from batteryloop.health.lifetime.early_life import (
    CHARGE_FEATURES,
    EarlyLifeModel,
    early_features,
    early_loss_frac,
    predict_life,
    predict_log_life,
    train_early_life,
)


def charge(life, rng, n=110):
    """Charges whose mean voltage rises the faster the shorter the life."""
    cycle = np.arange(n)
    made = {name: 0.1 * k + 1e-4 * rng.standard_normal(n) for k, name in enumerate(CHARGE_FEATURES)}
    return made | {"voltage_mean": 3.4 + 0.3 * cycle / life + 1e-4 * rng.standard_normal(n)}


@pytest.fixture(scope="module")
def trained():
    rng = np.random.default_rng(5)
    lives = np.exp(rng.uniform(np.log(200.0), np.log(1500.0), 60))
    features = np.array([early_features(charge(life, rng)) for life in lives])
    return train_early_life(features[:40], lives[:40], rng, n_trees=80), features, lives


def test_lives_of_cells_not_seen_are_told_from_their_first_charges(trained):
    model, features, lives = trained
    told = [predict_life(model, f, 0.0, margin_frac=1.0) for f in features[40:]]
    errors = [abs(e.value / life - 1.0) for e, life in zip(told, lives[40:], strict=True)]
    assert np.mean(errors) < 0.15
    inside = [e.low <= life <= e.high for e, life in zip(told, lives[40:], strict=True)]
    assert np.mean(inside) >= 0.75


def test_our_arrays_predict_what_the_forest_does(trained):
    from sklearn.ensemble import ExtraTreesRegressor

    _, features, lives = trained
    rng = np.random.default_rng(9)
    model = train_early_life(features[:40], lives[:40], rng, n_trees=40)
    again = np.random.default_rng(9)
    again.permutation(40)
    seeds = [int(again.integers(2**31)) for _ in range(9)]
    forest = ExtraTreesRegressor(40, max_features=0.5, random_state=seeds[-1])
    forest.fit(features[:40], 300.0 / lives[:40])
    theirs = np.log(300.0 / forest.predict(features[40:]))
    assert predict_log_life(model, features[40:]) == pytest.approx(theirs, abs=1e-9)


def test_the_model_comes_back_from_its_arrays(trained):
    model, features, _ = trained
    again = EarlyLifeModel.from_arrays(model.as_arrays())
    assert np.array_equal(predict_log_life(again, features), predict_log_life(model, features))


def test_a_cell_that_already_fades_is_sent_to_its_own_trajectory(trained):
    model, features, _ = trained
    e = predict_life(model, features[0], 0.03)
    assert not e.is_known
    assert "3.0%" in e.reason


def test_features_outside_the_trained_range_are_refused_with_the_reason(trained):
    model, features, _ = trained
    e = predict_life(model, features[0] + 100.0, 0.0)
    assert not e.is_known
    assert "25 of 25 features outside the trained range" in e.reason


def test_fewer_than_a_hundred_cycles_are_too_few():
    with pytest.raises(InputWrong, match="99 cycles"):
        early_features(charge(500.0, np.random.default_rng(0), n=99))


def test_fifteen_cells_calibrate_no_interval():
    with pytest.raises(InputWrong, match="15 cells"):
        train_early_life(np.zeros((15, 3)), np.ones(15), np.random.default_rng(0))


def test_infinities_in_the_table_are_passed_over():
    made = charge(500.0, np.random.default_rng(0))
    made["voltage_kurtosis"][7] = np.inf
    assert np.all(np.isfinite(early_features(made)))


def test_capacity_that_rises_is_a_negative_loss():
    assert early_loss_frac(np.linspace(1.0, 1.05, 101)) < 0
