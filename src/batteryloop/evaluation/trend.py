"""How fast does it fall? A straight line through capacities, with the interval of its slope."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from batteryloop.evaluation.limits import limit
from batteryloop.quantities import Estimate

Array = NDArray[np.float64]
METHOD = "median-of-slopes trend v1"
# More points make no surer slope: neighbours err alike.
_MOST = 400


def trend(
    ages: Array, soh_frac: Array, name: str, *, too_short: str, confidence_frac: float
) -> Estimate:
    """Return how fast a series falls: positive where it falls.

    Parameters
    ----------
    ages : array of float, shape (n,)
        Age, in whatever the result is per.
    soh_frac : array of float, shape (n,)
        State of health. [1]
    name : str
        Of the result.
    too_short : str
        Why the record is too short for a trend; empty if it is not.
    confidence_frac : float
        In (0, 1).

    Notes
    -----
    The median of the slopes between all pairs of points (Theil 1950; Sen 1968,
    doi:10.1080/01621459.1968.10480934): a few wild capacities do not move it. The interval is of
    the same rank statistics; it presumes that the points err independently.

    Examples
    --------
    >>> line = np.linspace(0, 2, 20)
    >>> fall = trend(line, 1 - 0.05 * line, "fade_per_year", too_short="", confidence_frac=0.9)
    >>> round(fall.value, 3)
    0.05
    """
    is_known = np.isfinite(ages) & np.isfinite(soh_frac)
    age, soh = ages[is_known], soh_frac[is_known]
    n_least = int(limit("trend_least_points"))
    why = too_short
    if age.size < n_least:
        why = f"{age.size} capacities; a trend needs {n_least} or more"
    if why:
        return Estimate.unknown(name, METHOD, why, confidence_frac=confidence_frac)
    if age.size > _MOST:
        at = np.unique(np.linspace(0, age.size - 1, _MOST).round().astype(int))
        age, soh = age[at], soh[at]
    fit = stats.theilslopes(soh, age, alpha=confidence_frac)
    return Estimate(
        name,
        float(-fit.slope),
        float(-fit.high_slope),
        float(-fit.low_slope),
        confidence_frac,
        METHOD,
        n_rows=int(is_known.sum()),
    )
