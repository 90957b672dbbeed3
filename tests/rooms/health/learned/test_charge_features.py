"""The sixteen numbers of the end of a charge."""

import numpy as np
import pytest

from batteryloop.errors import InputWrong, ValueOutOfRange
from batteryloop.health.learned.charge_features import (
    CHARGE_FEATURES,
    ChargeWindow,
    charge_features,
)

EXACT = ChargeWindow(tolerance_v=1e-9)


def _charge(step_s=5.0):
    """One hour at 1 A from 3.2 to 4.2 V, then half an hour in which the current falls evenly."""
    time = np.arange(0.0, 5400.1, step_s)
    voltage = np.minimum(3.2 + time / 3600, 4.2)
    return time, np.clip(1.0 - (time - 3600) / 1800, 0.0, 1.0), voltage


def test_a_straight_charge_has_the_numbers_of_a_uniform_distribution():
    found = charge_features(*_charge(), EXACT)
    assert tuple(found) == CHARGE_FEATURES
    assert found["voltage_mean"] == pytest.approx(4.1, abs=1e-4)
    assert found["voltage_std"] == pytest.approx(0.2 / 12**0.5, rel=0.01)
    assert found["voltage_kurtosis"] == pytest.approx(-1.2, abs=0.01)
    assert found["voltage_skewness"] == pytest.approx(0.0, abs=1e-3)
    assert found["voltage_slope"] == pytest.approx(1 / 3600, rel=0.01)
    assert found["voltage_entropy"] == pytest.approx(np.log(40), abs=0.01)
    assert found["cc_charge_time"] == pytest.approx(720.0, abs=0.1)
    assert found["cc_q"] == pytest.approx(0.2, rel=1e-3)


def test_the_tail_is_that_between_the_two_currents():
    found = charge_features(*_charge(), EXACT)
    assert found["cv_charge_time"] == pytest.approx(0.4 * 1800, abs=0.1)
    assert found["current_mean"] == pytest.approx(0.3, abs=1e-4)
    assert found["current_slope"] == pytest.approx(-1 / 1800, rel=0.01)
    assert found["cv_q"] == pytest.approx(0.3 * 720 / 3600, rel=1e-3)


def test_the_sampling_does_not_matter():
    fine, coarse = charge_features(*_charge(1.0)), charge_features(*_charge(40.0))
    for name in CHARGE_FEATURES:
        assert coarse[name] == pytest.approx(fine[name], rel=0.02, abs=0.01)


def test_a_charge_that_begins_in_the_window_is_refused():
    time, current, voltage = _charge()
    with pytest.raises(InputWrong, match=r"begins at 4\.1"):
        charge_features(time[700:], current[700:], voltage[700:])


def test_a_charge_without_a_tail_is_refused():
    time, current, voltage = _charge()
    with pytest.raises(InputWrong, match="choose another window"):
        charge_features(time[:760], current[:760], voltage[:760])


def test_samples_too_far_apart_are_refused():
    with pytest.raises(InputWrong, match=r"voltage window of the charge: \d+ samples"):
        charge_features(*_charge(120.0))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_gap_in_the_samples_is_refused(place):
    parts = [part.copy() for part in _charge()]
    parts[place][300] = np.nan
    with pytest.raises(ValueOutOfRange, match="not finite"):
        charge_features(*parts)


def test_time_that_runs_back_is_refused():
    time, current, voltage = _charge()
    with pytest.raises(ValueOutOfRange, match="does not rise"):
        charge_features(time[::-1], current, voltage)


def test_a_few_samples_are_no_charge():
    with pytest.raises(InputWrong, match="3 samples"):
        charge_features(np.arange(3.0), np.ones(3), np.ones(3))
