"""From the trajectories that a cell may follow to its end of life and its health on the way."""

import numpy as np
from numpy.typing import NDArray

from batteryloop.health.lifetime.posterior import (
    CORRELATED_SHARE_FRAC,
    CORRELATION_LENGTH_FRAC,
    TrajectoryPosterior,
)
from batteryloop.health.lifetime.trajectory import age_at_fade, fade_at
from batteryloop.quantities import Estimate

Array = NDArray[np.float64]

METHOD = "two-power-law particles v1"
# Less than this share of the age is no time left.
_LEAST_LEFT_FRAC = 0.002


def life_samples(
    posterior: TrajectoryPosterior,
    threshold_ah: float,
    rng: np.random.Generator,
    *,
    duty_ratio_frac: float = 1.0,
) -> Array:
    """Return samples of the age at which the capacity reaches `threshold_ah`.

    Parameters
    ----------
    posterior : TrajectoryPosterior
        From `update_trajectory`.
    threshold_ah : float
        Capacity that ends the life [Ah].
    rng : numpy.random.Generator
        For the departures at that age.
    duty_ratio_frac : float, optional
        Ageing per equivalent full cycle under the future duty over that of the past [1].

    Returns
    -------
    NDArray of float64
        Shape (n,), [equivalent full cycles], not before the end of the history.
    """
    noise = posterior.scatter_frac * np.sqrt(CORRELATED_SHARE_FRAC)
    fade = posterior.levels_frac - threshold_ah / posterior.initial_capacity_ah
    fade = fade + noise * rng.standard_normal(fade.size)
    ages = age_at_fade(fade, posterior.parameters)
    lives: Array = posterior.age_efc + np.maximum(ages - posterior.age_efc, 0.0) / duty_ratio_frac
    return lives


def soh_samples(
    posterior: TrajectoryPosterior,
    ages_efc: Array,
    rng: np.random.Generator,
    *,
    duty_ratio_frac: float = 1.0,
) -> Array:
    """Return samples of the state of health [1] at future `ages_efc` (m,), shape (n, m)."""
    aged = posterior.age_efc + (ages_efc - posterior.age_efc) * duty_ratio_frac
    fall = posterior.levels_frac[:, None] - fade_at(aged, posterior.parameters)
    stay = np.exp(-(aged - posterior.age_efc) / (CORRELATION_LENGTH_FRAC * posterior.age_efc))
    fresh = posterior.scatter_frac[:, None] * rng.standard_normal((fall.shape[0], 1))
    wander = np.sqrt(CORRELATED_SHARE_FRAC * (1.0 - stay**2)) * fresh
    path = fall + stay * posterior.departures_frac[:, None] + wander
    return np.maximum(path, 0.0)


def life_score(
    samples: Array, life_efc: float, age_efc: float, *, confidence_frac: float = 0.9
) -> float:
    """Return how far the true life lies out, in half-widths of the unstretched interval [1].

    Both are taken in the logarithm of what is left after `age_efc`, as `life_estimate` stretches.

    Examples
    --------
    >>> life_score(np.array([150.0, 200.0, 300.0]), 500.0, 100.0, confidence_frac=0.999999)
    2.0
    """
    low, middle, high = _left_bounds(samples, age_efc, confidence_frac)
    left = max(life_efc - age_efc, _LEAST_LEFT_FRAC * age_efc)
    side = high / middle if left > middle else middle / low
    return round(float(abs(np.log(left / middle)) / max(np.log(side), 1e-6)), 5)


def _left_bounds(
    samples: Array, age_efc: float, confidence_frac: float
) -> tuple[float, float, float]:
    left = np.maximum(samples - age_efc, _LEAST_LEFT_FRAC * age_efc)
    tail = 0.5 - confidence_frac / 2
    low, middle, high = np.quantile(left, [tail, 0.5, 1.0 - tail])
    return float(low), float(middle), float(high)


def interval_stretch(scores: Array, *, confidence_frac: float = 0.9) -> float:
    """Return the factor on the log half-widths that covers the calibration cells.

    Split-conformal over cells (Lei et al. 2018, doi:10.1080/01621459.2017.1307116).

    Examples
    --------
    >>> interval_stretch(np.arange(1.0, 20.0) / 10)
    1.8
    """
    n = scores.size
    rank = min(int(np.ceil((n + 1) * confidence_frac)), n) - 1
    return float(np.sort(scores)[rank])


def life_estimate(
    samples: Array,
    age_efc: float,
    *,
    quantity: str = "end_of_life_efc",
    stretch_frac: float = 1.0,
    confidence_frac: float = 0.9,
    n_rows: int = 0,
) -> Estimate:
    """Return the life with its interval from samples.

    Samples are first moved away from their median by `stretch_frac`, in the logarithm of what is
    left after `age_efc`, so that value and interval speak of the same belief. The value has the
    least expected absolute percentage error (the median under weights 1/life); the interval is
    that of the samples and never leaves the value out.

    Examples
    --------
    >>> e = life_estimate(np.array([90.0, 100.0, 100.0, 200.0]), 50.0, confidence_frac=0.5)
    >>> e.value, e.low, e.high
    (100.0, 97.5, 125.0)
    """
    low, middle, high = _left_bounds(samples, age_efc, confidence_frac)
    left = np.maximum(samples - age_efc, _LEAST_LEFT_FRAC * age_efc)
    ordered = age_efc + np.sort(middle * (left / middle) ** stretch_frac)
    cumulative = np.cumsum(1.0 / ordered)
    value = float(ordered[np.searchsorted(cumulative, 0.5 * cumulative[-1])])
    below = age_efc + middle * (low / middle) ** stretch_frac
    above = age_efc + middle * (high / middle) ** stretch_frac
    return Estimate(
        quantity,
        value,
        min(below, value),
        max(above, value),
        confidence_frac,
        METHOD,
        n_rows=n_rows,
    )
