"""What is large, small and late in a battery's data: the limits that its samples set."""

import numpy as np
from numpy.typing import NDArray

from batteryloop.telemetry.blocks import Array

_N_SAMPLES = 1024
# evenly spread, but in step with no cycle: multiples of the golden ratio
_PLACES = np.sort(np.arange(1, _N_SAMPLES + 1) * 0.6180339887498949 % 1.0)
_REST_FRAC = 0.005
_NEAR_REST_FRAC = 0.02
_NOISE_SIGMAS = 5.0
_GAP_MIN_S = 300.0
_GAP_MEDIANS = 20.0


def _sampled(size: int) -> NDArray[np.int64] | slice:
    """Return the rows to look at: all, or some 1,000."""
    return slice(0, size) if size <= 4 * _N_SAMPLES else (_PLACES * size).astype(np.int64)


def _at_share(values: Array, share_frac: float) -> float:
    place = int(np.ceil(share_frac * (values.size - 1)))
    return float(np.partition(values, place)[place])


def current_scale_a(current_a: Array) -> float:
    """Return the 99th percentile of the current's magnitude, in A.

    Taken from some 1,000 samples.

    Examples
    --------
    >>> current_scale_a(np.array([0.0, -2.0, 2.0, 2.0]))
    2.0
    """
    magnitude = np.abs(current_a[_sampled(current_a.size)])
    magnitude = magnitude[np.isfinite(magnitude)]
    return _at_share(magnitude, 0.99) if magnitude.size else 0.0


def rest_limit_a(current_a: Array, scale_a: float) -> float:
    """Return the current below which a battery is taken to rest, in A.

    Half a percent of the current's scale, or five standard deviations of the sensor's noise near
    zero where that is more, but never above 2 % of the scale: a slow charge is not a rest.

    Parameters
    ----------
    current_a : array of float, shape (n,)
        Positive charges. [A]
    scale_a : float
        As `current_scale_a` gives it. [A]
    """
    rows = _sampled(current_a.size - 1)
    first, second = current_a[:-1][rows], current_a[1:][rows]
    near = _NEAR_REST_FRAC * scale_a
    is_near = (np.abs(first) < near) & (np.abs(second) < near)
    moves = np.abs(second[is_near] - first[is_near])
    noise = _at_share(moves, 0.5) * 1.4826 / 2**0.5 if moves.size >= 8 else 0.0
    return max(_REST_FRAC * scale_a, min(_NOISE_SIGMAS * noise, near), 1e-9)


def gap_limit_us(time_us: NDArray[np.int64]) -> int:
    """Return the time between samples above which nothing is known of what happened, in µs.

    Twenty times the usual time between samples, but never under five minutes.

    Examples
    --------
    >>> gap_limit_us(np.array([0, 60_000_000, 120_000_000])) / 1e6
    1200.0
    """
    rows = _sampled(max(time_us.size - 1, 0))
    steps = time_us[1:][rows] - time_us[:-1][rows]
    steps = steps[steps > 0]
    usual = _at_share(steps.astype(np.float64), 0.5) if steps.size else 0.0
    return int(max(_GAP_MIN_S * 1e6, _GAP_MEDIANS * usual))
