"""A cell's measured capacities: outliers out, where end of life was, and few points for fitting."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CapacityRecord:
    """Capacities over age, rising in age.

    `ages_efc` (equivalent full cycles, above 0) and `capacity_ah` [Ah] have shape (n,).
    """

    ages_efc: Array
    capacity_ah: Array

    def until(self, age_efc: float) -> "CapacityRecord":
        """Return the part up to and with `age_efc`."""
        keep = self.ages_efc <= age_efc
        return CapacityRecord(self.ages_efc[keep], self.capacity_ah[keep])

    def initial_capacity_ah(self, n_first: int = 5) -> float:
        """Return the median of the first `n_first` capacities [Ah]."""
        return float(np.median(self.capacity_ah[:n_first]))


def without_outliers(
    record: CapacityRecord, *, n_wide: int = 11, n_sd: float = 5.0
) -> CapacityRecord:
    """Drop aborted discharges and spikes: too far from the median of the neighbours.

    A point goes when it is not finite, below half the median of its window, or further from it
    than `n_sd` robust standard deviations (at least 2 % of the median).

    Examples
    --------
    >>> r = CapacityRecord(np.arange(1.0, 8.0), np.array([2.0, 2.0, 0.1, 1.9, 1.9, 5.0, 1.8]))
    >>> without_outliers(r).ages_efc.tolist()
    [1.0, 2.0, 4.0, 5.0, 7.0]
    """
    ok = np.isfinite(record.capacity_ah) & (record.capacity_ah > 0)
    ages, q = record.ages_efc[ok], record.capacity_ah[ok]
    if q.size == 0:
        return CapacityRecord(ages, q)
    half = min(n_wide // 2, max(1, (q.size - 1) // 2))
    size = min(2 * half + 1, q.size)
    whole = np.lib.stride_tricks.sliding_window_view(q, size)
    windows = whole[(np.arange(q.size) - half).clip(0, len(whole) - 1)]
    middle = np.median(windows, axis=1)
    spread = 1.4826 * np.median(np.abs(windows - middle[:, None]), axis=1)
    far = np.abs(q - middle) > np.maximum(n_sd * spread, 0.02 * middle)
    keep = ~far & (q > 0.5 * middle)
    return CapacityRecord(ages[keep], q[keep])


def end_of_life_efc(
    record: CapacityRecord, threshold_ah: float, *, n_after: int = 3
) -> float | None:
    """Return the age at which the falling-only fit of the capacity first is at the threshold.

    The fit is isotonic (falling) least squares, so a regeneration after a rest does not end a
    life early, nor does one bad discharge. `n_after` points must lie at or past the end.

    Returns
    -------
    float or None
        Age, or None where the record does not lastingly reach the threshold.

    Examples
    --------
    >>> r = CapacityRecord(np.arange(1.0, 7.0), np.array([1.0, 0.95, 0.9, 0.78, 0.77, 0.76]))
    >>> end_of_life_efc(r, 0.8)
    4.0
    """
    if record.ages_efc.size == 0:
        return None
    fit = isotonic_regression(record.capacity_ah, increasing=False).x
    past = np.flatnonzero(fit <= threshold_ah)
    if past.size < n_after:
        return None
    return float(record.ages_efc[past[0]])


def binned(record: CapacityRecord, n_bins: int = 24) -> tuple[Array, Array, Array]:
    """Return medians over equal counts of points, for fitting.

    Returns
    -------
    ages, capacity_ah : NDArray of float64
        Shape (m,), m at most `n_bins`.
    counts : NDArray of float64
        Points in each bin, shape (m,).
    """
    parts = np.array_split(np.arange(record.ages_efc.size), min(n_bins, record.ages_efc.size))
    ages = np.array([record.ages_efc[p].mean() for p in parts])
    capacity = np.array([np.median(record.capacity_ah[p]) for p in parts])
    return ages, capacity, np.array([float(p.size) for p in parts])
