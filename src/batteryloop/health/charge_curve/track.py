"""Capacity followed over many windows: each is remembered, older ones count less.

A Kalman filter (R. E. Kalman, Journal of Basic Engineering 82 (1960) 35, doi 10.1115/1.3662552) of
three states: the logarithm of the capacity, its trend, and an error that all windows of one battery
share, so that many windows never make the estimate surer than what they have in common allows.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from batteryloop.health.charge_curve.match import CapacityDistribution
from batteryloop.health.interval import normal_quantile
from batteryloop.quantities import Estimate

Array = NDArray[np.float64]

METHOD = "partial-charge-track v1"
_SHARED_SD = 0.015
_DRIFT_SD = 0.003
_TREND_SD, _TREND_DRIFT_SD = 0.0005, 0.0003
_OUTLYING_SDS = 4.0
_LEAST_SD = 0.004
_SEEN = np.array([1.0, 0.0, 1.0])


@dataclass(frozen=True, slots=True)
class CapacityTrack:
    """What is known after some windows.

    Parameters
    ----------
    mean : array of float, shape (3,)
        Natural logarithm of the capacity in Ah, its change a cycle, and the relative error that
        windows share.
    covariance : array of float, shape (3, 3)
        Of the three.
    n_windows, n_passed_over : int
        Taken, and left out because nothing could be said.
    """

    mean: Array = field(default_factory=lambda: np.zeros(3))
    covariance: Array = field(default_factory=lambda: np.zeros((3, 3)))
    n_windows: int = 0
    n_passed_over: int = 0

    def estimate(self, *, confidence_frac: float = 0.9) -> Estimate:
        """Return the capacity after the windows so far, or that there was none."""
        if not self.n_windows:
            return Estimate.unknown(
                "capacity_ah", METHOD, "no window told anything", confidence_frac=confidence_frac
            )
        half = normal_quantile(confidence_frac) * np.sqrt(self.covariance[0, 0])
        low, value, high = np.exp(self.mean[0] + np.array([-half, 0.0, half]))
        return Estimate(
            "capacity_ah",
            float(value),
            float(low),
            float(high),
            confidence_frac,
            METHOD,
            n_segments=self.n_windows,
        )


def followed(
    track: CapacityTrack, seen: CapacityDistribution, *, n_cycles: float = 1.0
) -> CapacityTrack:
    """Return the track after one more window.

    Parameters
    ----------
    track : CapacityTrack
        `CapacityTrack()` before the first.
    seen : CapacityDistribution
        Of the window (`charge_match.capacity_distribution`). One without an answer only counts
        as passed over: the cycles before it are then to be given with the next.
    n_cycles : float, default 1
        Equivalent full cycles since the last window that was taken. The capacity may have drifted
        by 0.3 %, its trend by 0.03 % a cycle, for the root of each.

    Examples
    --------
    >>> grid = np.array([9.0, 10.0, 11.0])
    >>> seen = CapacityDistribution(grid, np.array([0.2, 0.6, 0.2]), "made")
    >>> track = followed(followed(CapacityTrack(), seen), seen)
    >>> round(track.estimate().value, 2), track.n_windows
    (10.0, 2)
    """
    if seen.reason:
        return replace(track, n_passed_over=track.n_passed_over + 1)
    low, middle, high = (float(np.log(seen.quantile(q))) for q in (0.16, 0.5, 0.84))
    own = max((high - low) / 2, _LEAST_SD) ** 2
    if not track.n_windows:
        # What the first window is off by the shared error, its capacity is off the other way.
        covariance = np.diag([own + _SHARED_SD**2, _TREND_SD**2, _SHARED_SD**2])
        covariance[0, 2] = covariance[2, 0] = -(_SHARED_SD**2)
        return CapacityTrack(np.array([middle, 0.0, 0.0]), covariance, 1, track.n_passed_over)
    mean, covariance = _gone_on(track, n_cycles)
    surprise = middle - float(_SEEN @ mean)
    spread = float(_SEEN @ covariance @ _SEEN) + own
    far = abs(surprise) / np.sqrt(spread)
    if far > _OUTLYING_SDS:
        spread *= (far / _OUTLYING_SDS) ** 2
    gain = covariance @ _SEEN / spread
    return CapacityTrack(
        mean + gain * surprise,
        covariance - np.outer(gain, gain) * spread,
        track.n_windows + 1,
        track.n_passed_over,
    )


def _gone_on(track: CapacityTrack, n_cycles: float) -> tuple[Array, Array]:
    """Return mean and covariance after cycles without a window."""
    step = np.eye(3)
    step[0, 1] = n_cycles
    wander = _TREND_DRIFT_SD**2
    drift = np.zeros((3, 3))
    drift[0, 0] = _DRIFT_SD**2 * n_cycles + wander * n_cycles**3 / 3
    drift[0, 1] = drift[1, 0] = wander * n_cycles**2 / 2
    drift[1, 1] = wander * n_cycles
    return step @ track.mean, step @ track.covariance @ step.T + drift
