"""Views of pulse records."""

import numpy as np
import pytest

from batteryloop.errors import ValueOutOfRange
from batteryloop.health.learned.pulse_response import PULSE_AMPLITUDES, pulse_views


def _record(ohmic_v=0.03, polar_v=0.01):
    """A cell at rest at 3.7 V that comes back to it after each pulse."""
    voltages = [3.7]
    for amplitude in PULSE_AMPLITUDES:
        on = 3.7 + amplitude * ohmic_v
        end = on + amplitude * polar_v
        voltages += [on, end, end - amplitude * ohmic_v, 3.7]
    return np.array([voltages])


def test_the_logarithms_are_those_of_the_steps_whatever_the_amplitude():
    shape = pulse_views(_record())["shape"][0]
    assert shape[1:6] == pytest.approx([np.log(0.03)] * 5)
    assert shape[6:11] == pytest.approx([np.log(0.01)] * 5)
    assert shape[11:16] == pytest.approx([np.log(0.03)] * 5)
    assert shape[21:26] == pytest.approx([0.0] * 5)


def test_all_but_the_rest_voltage_ignore_a_shift():
    plain, raised = pulse_views(_record()), pulse_views(_record() + 0.25)
    for name, view in plain.items():
        assert np.allclose(view[:, 1:], raised[name][:, 1:])
        assert raised[name][0, 0] == pytest.approx(3.95)


def test_a_step_of_the_wrong_sign_is_still_a_number():
    assert np.isfinite(pulse_views(_record(ohmic_v=-0.03))["shape"]).all()


@pytest.mark.parametrize("wrong", [np.ones((2, 20)), np.ones(21), np.full((1, 21), np.nan)])
def test_what_is_no_pulse_record_is_refused(wrong):
    with pytest.raises(ValueOutOfRange, match="21 finite voltages"):
        pulse_views(wrong)
