"""Capacity followed over many windows: each is remembered, older ones count less.

A Kalman filter (R. E. Kalman, Journal of Basic Engineering 82 (1960) 35, doi 10.1115/1.3662552)
on the logarithm of the capacity, with an error that all windows of one battery share as its second
state, so that many windows never make the estimate surer than what they have in common allows.
"""

from dataclasses import dataclass, replace

import numpy as np

from batteryloop.health.charge_match import CapacityDistribution
from batteryloop.health.interval import normal_quantile
from batteryloop.quantities import Estimate

METHOD = "partial-charge-track v1"
_SHARED_SD_FRAC = 0.015
_DRIFT_SD_FRAC = 0.004
_OUTLYING_SDS = 3.0
_LEAST_SD_FRAC = 0.004


@dataclass(frozen=True, slots=True)
class CapacityTrack:
    """What is known after some windows: of log capacity and shared error, mean and covariance.

    Parameters
    ----------
    log_capacity, shared : float
        Means: natural logarithm of the capacity in Ah, and the relative error that windows share.
    variance, covariance, shared_variance : float
        Of the two.
    n_windows, n_passed_over : int
        Taken, and left out because nothing could be said.
    """

    log_capacity: float = 0.0
    shared: float = 0.0
    variance: float = 0.0
    covariance: float = 0.0
    shared_variance: float = _SHARED_SD_FRAC**2
    n_windows: int = 0
    n_passed_over: int = 0

    def estimate(self, *, confidence_frac: float = 0.9) -> Estimate:
        """Return the capacity after the windows so far, or that there was none."""
        if not self.n_windows:
            return Estimate.unknown(
                "capacity_ah", METHOD, "no window told anything", confidence_frac=confidence_frac
            )
        half = normal_quantile(confidence_frac) * np.sqrt(self.variance)
        low, value, high = np.exp(self.log_capacity + np.array([-half, 0.0, half]))
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
        as passed over.
    n_cycles : float, default 1
        Cycles since the last window: the capacity may have drifted by 0.4 % for the root of each.

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
    own = max((high - low) / 2, _LEAST_SD_FRAC) ** 2
    if not track.n_windows:
        # The shared error is part of what the first window is unsure of.
        return replace(
            track,
            log_capacity=middle,
            variance=own + track.shared_variance,
            covariance=-track.shared_variance,
            n_windows=1,
        )
    drifted = track.variance + _DRIFT_SD_FRAC**2 * n_cycles
    to_capacity = drifted + track.covariance
    to_shared = track.covariance + track.shared_variance
    surprise = middle - track.log_capacity - track.shared
    spread = to_capacity + to_shared + own
    far = abs(surprise) / np.sqrt(spread)
    if far > _OUTLYING_SDS:
        spread *= (far / _OUTLYING_SDS) ** 2
    return CapacityTrack(
        float(track.log_capacity + to_capacity / spread * surprise),
        float(track.shared + to_shared / spread * surprise),
        float(drifted - to_capacity**2 / spread),
        float(track.covariance - to_capacity * to_shared / spread),
        float(track.shared_variance - to_shared**2 / spread),
        track.n_windows + 1,
        track.n_passed_over,
    )
