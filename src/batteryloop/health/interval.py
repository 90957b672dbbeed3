"""From several measurements of one thing to a value and an interval."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
Bounds = tuple[float, float, float]

# A measurement's scatter before any is seen counts as this many measurements.
_PRIOR_WEIGHT = 2.0
_ORDER_FROM = 8


def normal_quantile(confidence_frac: float) -> float:
    """Return how many standard deviations a two-sided interval reaches.

    Examples
    --------
    >>> round(normal_quantile(0.9), 3)
    1.645
    """
    return float(stats.norm.ppf(0.5 + confidence_frac / 2))


def mean_interval(
    values: Array, *, prior_sd_frac: float, shared_sd_frac: float, confidence_frac: float
) -> Bounds:
    """Return the middle of a few measurements, with low and high.

    Parameters
    ----------
    values : array of float, shape (n,), n at least 1
        The measurements.
    prior_sd_frac : float
        Scatter of one measurement as expected before any is seen; it counts as two measurements,
        so that two that happen to agree do not claim certainty. Share of the median.
    shared_sd_frac : float
        Standard deviation of an error that all share (a gain, an offset): repetition does not
        lessen it. Share of the median.
    confidence_frac : float
        In (0, 1).

    Returns
    -------
    tuple of float
        Median, low and high: Student's interval of the mean around the median, the scatter
        shrunk towards `prior_sd_frac` (a scaled inverse chi-squared prior; Gelman et al., Bayesian
        Data Analysis, 3rd ed. 2013, section 3.2), joined with the shared error.

    Examples
    --------
    >>> value, low, high = mean_interval(np.array([10.0]), prior_sd_frac=0.01,
    ...                                  shared_sd_frac=0.0, confidence_frac=0.9)
    >>> value, low < 9.9, high > 10.1
    (10.0, True, True)
    """
    n = values.size
    middle = float(np.median(values))
    squares = float(np.sum((values - values.mean()) ** 2))
    freedom = _PRIOR_WEIGHT + n - 1
    scatter = np.sqrt((_PRIOR_WEIGHT * (prior_sd_frac * middle) ** 2 + squares) / freedom)
    random = float(stats.t.ppf(0.5 + confidence_frac / 2, freedom)) * scatter / np.sqrt(n)
    half = float(np.hypot(random, normal_quantile(confidence_frac) * shared_sd_frac * abs(middle)))
    return middle, middle - half, middle + half


def median_interval(
    values: Array, *, prior_sd_frac: float, shared_sd_frac: float, confidence_frac: float
) -> Bounds:
    """Return the median of many measurements, with low and high that presume no distribution.

    From eight measurements on, the bounds are two of the measurements themselves, chosen by the
    binomial distribution of how many fall below the median; fewer go to `mean_interval`. The
    shared error is joined.

    Parameters
    ----------
    values : array of float, shape (n,), n at least 1
        The measurements.
    prior_sd_frac, shared_sd_frac : float
        As in `mean_interval`.
    confidence_frac : float
        In (0, 1).

    Examples
    --------
    >>> median_interval(np.arange(1.0, 100.0), prior_sd_frac=0.0, shared_sd_frac=0.0,
    ...                 confidence_frac=0.9)
    (50.0, 41.0, 59.0)
    """
    n = values.size
    if n < _ORDER_FROM:
        return mean_interval(
            values,
            prior_sd_frac=prior_sd_frac,
            shared_sd_frac=shared_sd_frac,
            confidence_frac=confidence_frac,
        )
    ordered = np.sort(values)
    # The highest rank with less than half of the left-over confidence below it.
    rank = int(stats.binom.ppf((1 - confidence_frac) / 2, n, 0.5))
    rank = min(max(rank, 1), n // 2)
    middle = float(np.median(ordered))
    shared = normal_quantile(confidence_frac) * shared_sd_frac * abs(middle)
    below = float(np.hypot(middle - ordered[rank - 1], shared))
    above = float(np.hypot(ordered[n - rank] - middle, shared))
    return middle, middle - below, middle + above
