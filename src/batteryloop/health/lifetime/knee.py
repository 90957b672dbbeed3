"""Where a fade bends: two lines with a smooth joint, and how sure the place is.

The Bacon–Watts model as used for capacity knees by Fermín-Cueto et al. 2020
(doi:10.1016/j.egyai.2020.100006); the interval comes from the profile of the squared error with
correlated points counted once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batteryloop.health.lifetime.capacity_record import CapacityRecord, binned

Array = NDArray[np.float64]

MIN_SLOPE_RATIO = 1.5


@dataclass(frozen=True, slots=True)
class Knee:
    """A knee at `age_efc` between `low_efc` and `high_efc`, with the slopes before and after.

    Slopes are in Ah per equivalent full cycle; `is_knee` is False where one line does as well or
    the later slope is not clearly steeper.
    """

    age_efc: float
    low_efc: float
    high_efc: float
    slope_before_ah_per_efc: float
    slope_after_ah_per_efc: float
    is_knee: bool
    confidence_frac: float


def find_knee(
    record: CapacityRecord,
    *,
    confidence_frac: float = 0.9,
    n_bins: int = 60,
    width_frac: float = 0.02,
) -> Knee | None:
    """Fit two lines with a tanh joint and return where they meet.

    Parameters
    ----------
    record : CapacityRecord
        Capacities without outliers, up to now.
    confidence_frac : float, optional
        Coverage of the interval [1].
    n_bins : int, optional
        Points that the record is reduced to.
    width_frac : float, optional
        Width of the joint over the span of ages [1].

    Returns
    -------
    Knee or None
        None with fewer than 12 capacities.

    Examples
    --------
    >>> ages = np.arange(1.0, 101.0)
    >>> bent = CapacityRecord(ages, 2.0 - 0.001 * ages - 0.01 * np.maximum(ages - 60.0, 0.0))
    >>> knee = find_knee(bent)
    >>> knee.is_knee, abs(knee.age_efc - 60.0) < 2.0
    (True, True)
    """
    if record.ages_efc.size < 12:
        return None
    x, y, _ = binned(record, n_bins)
    span = x[-1] - x[0]
    places = np.linspace(x[0] + 0.08 * span, x[-1] - 0.08 * span, 337)
    errors, slopes = np.empty(places.size), np.empty((places.size, 2))
    residuals = np.empty((places.size, x.size))
    for i, place in enumerate(places):
        d = x - place
        design = np.column_stack([np.ones_like(d), d, d * np.tanh(d / (width_frac * span))])
        beta = np.linalg.lstsq(design, y, rcond=None)[0]
        residuals[i] = y - design @ beta
        errors[i] = residuals[i] @ residuals[i]
        slopes[i] = beta[1] - beta[2], beta[1] + beta[2]
    best = int(np.argmin(errors))
    floor = (1e-4 * y.mean()) ** 2 * x.size
    r = residuals[best]
    rho = float(np.clip(r[1:] @ r[:-1] / max(r @ r, 1e-300), 0.0, 0.95))
    n_effective = max(5.0, x.size * (1.0 - rho) / (1.0 + rho))
    sse = errors + floor
    weight = np.exp(-0.5 * n_effective * np.log(sse / sse[best]))
    cumulative = np.cumsum(weight) / weight.sum()
    low, high = (
        float(np.interp(p, cumulative, places))
        for p in (0.5 - confidence_frac / 2, 0.5 + confidence_frac / 2)
    )
    half_bin = 0.5 * float(np.median(np.diff(x)))
    low, high = max(low - half_bin, float(x[0])), min(high + half_bin, float(x[-1]))
    line = np.polyval(np.polyfit(x, y, 1), x) - y
    gain = n_effective * np.log((line @ line + floor) / sse[best])
    before, after = (float(s) for s in slopes[best])
    is_knee = bool(gain > 3.0 * np.log(x.size) and after < MIN_SLOPE_RATIO * min(before, 0.0))
    return Knee(float(places[best]), low, high, before, after, is_knee, confidence_frac)
