"""Rainflow counting: which cycles of which depth a charge that goes up and down holds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RainflowCycles:
    """Cycles found: depth, middle and count (1, or 0.5 where it stays open), arrays of length n."""

    depth_frac: Array
    middle_frac: Array
    counts: Array

    @property
    def full_cycles(self) -> float:
        """The sum of the depths: what they come to in full cycles [1]."""
        return float(np.sum(self.depth_frac * self.counts))


def turning_points(level_frac: Array, *, least_frac: float) -> Array:
    """Return the levels at which a series turns, small reversals left out.

    Parameters
    ----------
    level_frac : array of float, shape (n,)
        The series; no NaN.
    least_frac : float
        A reversal smaller than this is none [1].

    Examples
    --------
    >>> turning_points(np.array([0.5, 0.6, 0.595, 0.8, 0.2, 0.4]), least_frac=0.01).tolist()
    [0.5, 0.8, 0.2, 0.4]
    """
    from batteryloop.evaluation.rainflow_kernel import turns  # numba: slow to import

    if level_frac.size < 2:
        return np.asarray(level_frac, float)
    return np.asarray(turns(np.ascontiguousarray(level_frac, float), least_frac))


def rainflow(turning_frac: Array) -> RainflowCycles:
    """Return the cycles of a series of turning points.

    Parameters
    ----------
    turning_frac : array of float, shape (n,)
        As `turning_points` returns them.

    Returns
    -------
    RainflowCycles
        The sum of depth times count is half of all the way up and down: nothing is lost.

    Notes
    -----
    ASTM E1049-85 (2017), section 5.4.4: a range that is no greater than the next one is a cycle,
    a half one where it holds the start; what is left at the end is half cycles.

    Examples
    --------
    The example of the standard, its figure 6:

    >>> found = rainflow(np.array([-2.0, 1, -3, 5, -1, 3, -4, 4, -2]))
    >>> sorted(zip(found.depth_frac.tolist(), found.counts.tolist()))
    [(3.0, 0.5), (4.0, 0.5), (4.0, 1.0), (6.0, 0.5), (8.0, 0.5), (8.0, 0.5), (9.0, 0.5)]
    """
    from batteryloop.evaluation.rainflow_kernel import pairs

    if turning_frac.size < 2:
        return RainflowCycles(*(np.empty(0) for _ in range(3)))
    depth, middle, counts = pairs(np.ascontiguousarray(turning_frac, float))
    return RainflowCycles(np.asarray(depth), np.asarray(middle), np.asarray(counts))


def joined(parts: list[RainflowCycles]) -> RainflowCycles:
    """Return the cycles of several stretches together."""
    if not parts:
        return rainflow(np.empty(0))
    return RainflowCycles(
        np.concatenate([part.depth_frac for part in parts]),
        np.concatenate([part.middle_frac for part in parts]),
        np.concatenate([part.counts for part in parts]),
    )
