"""What is large, small and late in a battery's data: the limits that its samples set."""

import numpy as np
from numpy.typing import NDArray

from batteryloop.telemetry.blocks import Array

_N_SAMPLES = 4096
_REST_FRAC = 0.005
_NEAR_REST_FRAC = 0.02
_NOISE_SIGMAS = 4.0
_GAP_MIN_S = 300.0
_GAP_MEDIANS = 20.0


def current_scale_a(current_a: Array) -> float:
    """Return the 99th percentile of the current's magnitude, in A.

    Taken from at most 4,096 samples.

    Examples
    --------
    >>> current_scale_a(np.array([0.0, -2.0, 2.0, 2.0]))
    2.0
    """
    magnitude = np.abs(current_a[:: max(1, current_a.size // _N_SAMPLES)])
    magnitude = magnitude[np.isfinite(magnitude)]
    if not magnitude.size:
        return 0.0
    return float(np.percentile(magnitude, 99, method="higher"))


def rest_limit_a(current_a: Array, scale_a: float) -> float:
    """Return the current below which a battery is taken to rest, in A.

    Half a percent of the current's scale, or four standard deviations of the sensor's noise near
    zero where that is more, but never above 2 % of the scale: a slow charge is not a rest.

    Parameters
    ----------
    current_a : array of float, shape (n,)
        Positive charges. [A]
    scale_a : float
        As `current_scale_a` gives it. [A]
    """
    stride = max(1, current_a.size // _N_SAMPLES)
    first, second = current_a[:-1:stride], current_a[1::stride]
    size = min(first.size, second.size)
    first, second = first[:size], second[:size]
    near = _NEAR_REST_FRAC * scale_a
    is_near = (np.abs(first) < near) & (np.abs(second) < near)
    noise = 0.0
    if is_near.sum() >= 8:
        noise = float(np.median(np.abs(second - first)[is_near])) * 1.4826 / np.sqrt(2.0)
    return max(_REST_FRAC * scale_a, min(_NOISE_SIGMAS * noise, near), 1e-9)


def gap_limit_us(time_us: NDArray[np.int64]) -> int:
    """Return the time between samples above which nothing is known of what happened, in µs.

    Twenty times the usual time between samples, but never under five minutes.

    Examples
    --------
    >>> gap_limit_us(np.array([0, 60_000_000, 120_000_000])) / 1e6
    1200.0
    """
    stride = max(1, time_us.size // _N_SAMPLES)
    size = (time_us.size - 1) // stride
    if size < 1:
        return int(_GAP_MIN_S * 1e6)
    steps = (time_us[1::stride][:size] - time_us[:-1:stride][:size]).astype(np.float64)
    usual = float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0
    return int(max(_GAP_MIN_S * 1e6, _GAP_MEDIANS * usual))
