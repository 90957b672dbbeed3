"""The 21 voltages of a pulse test, found in the samples of a tester."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import InputWrong, ValueOutOfRange
from batteryloop.health.learned.pulse_response import PULSE_AMPLITUDES

Array = NDArray[np.float64]
_AMPLITUDE_TOLERANCE_FRAC = 0.1
_LENGTH_TOLERANCE_FRAC = 0.3
# Below this share of the largest current of the record nothing flows.
_REST_FRAC = 0.005
_N_SAMPLES_LEAST = 2
_ROUNDING_S = 1e-6


def pulse_trains(
    time_s: Array, current_a: Array, voltage_v: Array, *, pulse_s: float = 5.0
) -> list[tuple[int, Array]]:
    """Return where each train of five pulses begins, and its 21 voltages.

    A train is five pulses of about `pulse_s`, each after a rest, whose currents stand to each
    other as 1, -1, 2, -2, 3 (charging is positive).

    Parameters
    ----------
    time_s, current_a, voltage_v : NDArray of float64
        Samples of one cell in order [s], [A], [V], shape (n,).
    pulse_s : float, optional
        How long a pulse is, to within 30 % and one sampling interval [s].

    Returns
    -------
    list of tuple of int and NDArray
        The row of the last sample at rest before the train; voltages U1 to U21: that sample, then
        of each pulse the first and the last sample with current, the first without, and the last
        before the next pulse (of the fifth: the last within as long a rest as the one before) [V].

    Raises
    ------
    InputWrong
        If there is no such train.
    ValueOutOfRange
        If samples are not finite, or time falls.

    Examples
    --------
    >>> steps = np.repeat([0, 1, 0, -1, 0, 2, 0, -2, 0, 3, 0], 50) * 1.0
    >>> ((row, voltages),) = pulse_trains(np.arange(550) / 10, steps, 3.7 + 0.01 * steps)
    >>> row, voltages[:5].round(2).tolist()
    (49, [3.7, 3.71, 3.71, 3.7, 3.7])
    """
    _check(time_s, current_a, voltage_v)
    runs = list(_runs(current_a))
    found = []
    for first in range(len(runs)):
        train = runs[first : first + 2 * len(PULSE_AMPLITUDES) + 1]
        if _is_train(train, time_s, current_a, pulse_s):
            found.append((train[0][1] - 1, _voltages(train, time_s, voltage_v)))
    if not found:
        raise InputWrong(
            "pulse test",
            f"{len(runs)} stretches of current and rest, no train of pulses among them",
            f"rest, then five pulses of {pulse_s:g} s at 1, -1, 2, -2, 3 times one current",
            "say how long the pulses are, or give U1 to U21 in a table",
        )
    return found


def _check(time_s: Array, current_a: Array, voltage_v: Array) -> None:
    if not all(np.isfinite(x).all() for x in (time_s, current_a, voltage_v)):
        raise ValueOutOfRange(
            "pulse test", "samples that are not finite", "numbers", "clean it first"
        )
    if (np.diff(time_s) < 0).any():
        raise ValueOutOfRange("pulse test", "time that falls", "rising time", "sort it first")


def _runs(current_a: Array) -> Iterator[tuple[int, int, int]]:
    """Yield first row, row after the last, and sign of each stretch of current or rest."""
    if current_a.size == 0:
        return
    rest = _REST_FRAC * float(np.abs(current_a).max())
    sign = np.sign(np.where(np.abs(current_a) > rest, current_a, 0.0)).astype(int)
    edges = np.concatenate([[0], np.flatnonzero(np.diff(sign)) + 1, [sign.size]])
    for begin, end in pairwise(edges):
        yield int(begin), int(end), int(sign[begin])


def _is_train(
    train: list[tuple[int, int, int]], time_s: Array, current_a: Array, pulse_s: float
) -> bool:
    signs = [0, *(x for a in PULSE_AMPLITUDES for x in (int(np.sign(a)), 0))]
    if [sign for _, _, sign in train] != signs:
        return False
    pulses = train[1::2]
    if any(end - begin < _N_SAMPLES_LEAST for begin, end, _ in pulses):
        return False
    for begin, end, _ in pulses:
        # From the first sample with current to the first without: a sampling interval too long.
        interval = time_s[begin + 1] - time_s[begin]
        length = time_s[end] - time_s[begin]
        if abs(length - pulse_s) > _LENGTH_TOLERANCE_FRAC * pulse_s + interval:
            return False
    flows = np.array([np.median(current_a[begin:end]) for begin, end, _ in pulses])
    expected = np.array(PULSE_AMPLITUDES) * flows[0]
    return bool((np.abs(flows - expected) <= _AMPLITUDE_TOLERANCE_FRAC * np.abs(expected)).all())


def _voltages(train: list[tuple[int, int, int]], time_s: Array, voltage_v: Array) -> Array:
    rows = [train[0][1] - 1]
    for number in range(len(PULSE_AMPLITUDES)):
        (on, off, _), (rest, after, _) = train[2 * number + 1], train[2 * number + 2]
        last = after - 1
        if number == len(PULSE_AMPLITUDES) - 1:
            before, until, _ = train[2 * number]
            end_s = time_s[rest] + time_s[until - 1] - time_s[before] + _ROUNDING_S
            last = min(last, int(np.searchsorted(time_s, end_s, "right")) - 1)
        rows += [on, off - 1, rest, max(last, rest)]
    found: Array = voltage_v[rows]
    return found
