"""Trains of pulses found in a tester's samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import InputWrong, ValueOutOfRange
from batteryloop.health.learned.pulse_record import pulse_trains
from batteryloop.health.learned.pulse_response import PULSE_AMPLITUDES


def _record(one_a=2.0, pulse_s=5.0, rest_s=30.0, interval_s=0.1, amplitudes=PULSE_AMPLITUDES):
    """A train after a long charge, voltage rising within each pulse and falling after it."""
    parts = [(one_a, 60.0), (0.0, rest_s)]
    for amplitude in amplitudes:
        parts += [(amplitude * one_a, pulse_s), (0.0, rest_s)]
    counts = [round(length / interval_s) for _, length in parts]
    current = np.concatenate([np.full(n, amps) for (amps, _), n in zip(parts, counts, strict=True)])
    time = interval_s * np.arange(current.size)
    since = np.concatenate([interval_s * np.arange(n) for n in counts])
    before = np.concatenate([[0.0], current[:-1]])
    relaxing = np.repeat([0.0, *(amps for amps, _ in parts[:-1])], counts) * np.exp(-since / 3.0)
    voltage = 3.7 + 0.01 * current + 0.002 * current * since / pulse_s + 0.002 * relaxing
    assert before.size == voltage.size
    return time, current, voltage, counts


@given(
    one_a=st.floats(0.1, 50.0),
    pulse_s=st.sampled_from([3.0, 5.0, 10.0]),
    interval_s=st.sampled_from([0.1, 0.5, 1.0]),
)
def test_voltages_are_those_at_the_turns_of_the_current(one_a, pulse_s, interval_s):
    time, current, voltage, counts = _record(one_a, pulse_s, interval_s=interval_s)
    ((row, found),) = pulse_trains(time, current, voltage, pulse_s=pulse_s)
    turns = np.cumsum(counts)
    assert row == turns[1] - 1
    assert found.shape == (21,)
    assert found[0] == voltage[row]
    for pulse in range(5):
        on, off, after = turns[2 * pulse + 1], turns[2 * pulse + 2], turns[2 * pulse + 3]
        np.testing.assert_array_equal(
            found[4 * pulse + 1 : 4 * pulse + 5], voltage[[on, off - 1, off, after - 1]]
        )


def test_the_last_rest_is_read_as_late_as_the_one_before():
    time, current, voltage, _ = _record()
    longer = np.concatenate([time, time[-1] + 0.1 + 10.0 * np.arange(100)])
    still = np.zeros(100)
    ((_, found),) = pulse_trains(
        longer, np.concatenate([current, still]), np.concatenate([voltage, still + 3.0])
    )
    assert found[20] == voltage[-1]


def test_two_trains_are_two_records():
    time, current, voltage, counts = _record()
    twice = np.concatenate([time, time + time[-1] + 100.0])
    found = pulse_trains(twice, np.tile(current, 2), np.tile(voltage, 2))
    assert [row for row, _ in found] == [counts[0] + counts[1] - 1 + n for n in (0, time.size)]


@pytest.mark.parametrize(
    "amplitudes", [(1, -1, 2, -2, 4), (1, -1, 2, -2), (-1, 1, -2, 2, -3), (1, 1, 2, -2, 3)]
)
def test_another_test_is_no_train(amplitudes):
    time, current, voltage, _ = _record(amplitudes=amplitudes)
    with pytest.raises(InputWrong, match="no train of pulses"):
        pulse_trains(time, current, voltage)


def test_pulses_of_another_length_are_no_train():
    time, current, voltage, _ = _record(pulse_s=10.0)
    with pytest.raises(InputWrong, match="say how long"):
        pulse_trains(time, current, voltage)


def test_samples_that_are_not_finite_are_refused():
    time, current, voltage, _ = _record()
    voltage[5] = np.nan
    with pytest.raises(ValueOutOfRange, match="finite"):
        pulse_trains(time, current, voltage)
