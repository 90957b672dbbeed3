"""Capacity as the slope between charge moved and change of state of charge, both uncertain.

Recursive weighted total least squares after G. L. Plett, Journal of Power Sources 196 (2011) 2319,
doi 10.1016/j.jpowsour.2010.09.048. Plett's approximate form weights each error by itself, and is
exact only while their ratio is the same in all segments; where it varies, it gives far too much
weight to segments of one large and one small error. Here each segment's two errors are brought to
one ratio at the present slope, its total weight kept: three sums instead of six. Robust weights
are added.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from batteryloop.errors import ValueOutOfRange
from batteryloop.quantities import Estimate

Array = NDArray[np.float64]

METHOD = "total-least-squares v1"
_HUBER = 2.0
_GATE = 6.0
_N_PASSES = 30


@dataclass(frozen=True, slots=True)
class SlopeState:
    """What is kept of all segments so far: three sums, in units in which both errors are alike.

    Parameters
    ----------
    sum_xx, sum_xy, sum_yy : float
        Weighted sums of squares and product of the change of state of charge (x) and the charge
        moved (y, in `scale_ah`).
    scale_ah : float
        Charge that is one unit of y: the ratio of the first segment's errors. [Ah]
    n_segments, n_rejected : int
        Taken and left out.
    n_effective : float
        Segments that count, after forgetting and weighting.
    """

    sum_xx: float = 0.0
    sum_xy: float = 0.0
    sum_yy: float = 0.0
    scale_ah: float = 0.0
    n_segments: int = 0
    n_rejected: int = 0
    n_effective: float = 0.0

    @property
    def capacity_ah(self) -> float:
        """The slope; NaN before the first segment. [Ah]."""
        if not self.n_effective > 0:
            return float("nan")
        half = (self.sum_yy - self.sum_xx) / 2
        return (half + float(np.hypot(half, self.sum_xy))) / self.sum_xy * self.scale_ah

    @property
    def chi_square(self) -> float:
        """Weighted sum of the squared distances from the line, in standard deviations."""
        slope = self.capacity_ah / self.scale_ah
        square = self.sum_yy - 2 * slope * self.sum_xy + slope**2 * self.sum_xx
        return max(square, 0.0) / (1 + slope**2)

    @property
    def capacity_sd_ah(self) -> float:
        """Standard deviation of the slope: from the cost's second derivative. [Ah]."""
        if not self.n_effective > 0:
            return float("nan")
        slope = self.capacity_ah / self.scale_ah
        curvature = max(self.sum_xx - self.chi_square, 1e-12 * self.sum_xx) / (1 + slope**2)
        return float(1 / np.sqrt(curvature)) * self.scale_ah


def started_with(capacity_ah: float, capacity_sd_ah: float) -> SlopeState:
    """Return a state that holds a prior: one whole discharge with that much charge.

    Examples
    --------
    >>> round(started_with(50.0, 2.5).capacity_ah, 6)
    50.0
    """
    # The error is shared evenly between the two.
    sd = capacity_sd_ah / np.sqrt(2)
    state = _added(SlopeState(), 1.0, capacity_ah, sd / capacity_ah, sd, capacity_ah, 1.0)
    return replace(state, n_segments=0)


def updated(
    state: SlopeState,
    soc_change_frac: float,
    charge_ah: float,
    *,
    soc_change_sd_frac: float,
    charge_sd_ah: float,
    forgetting_frac: float = 1.0,
) -> SlopeState:
    """Return the state after one more segment.

    Parameters
    ----------
    state : SlopeState
        `SlopeState()` or `started_with(...)` before the first.
    soc_change_frac, charge_ah : float
        Change of the state of charge and charge moved, of one sign. [1], [Ah]
    soc_change_sd_frac, charge_sd_ah : float
        Their standard deviations, above 0. [1], [Ah]
    forgetting_frac : float, default 1
        What earlier segments keep of their weight; 0.99 forgets half in 69 segments.

    Returns
    -------
    SlopeState
        A segment beyond two standard deviations counts less (Huber), beyond six not at all.

    Raises
    ------
    ValueOutOfRange
        If charge and change of the state of charge are not of one sign, a standard deviation
        is not above 0, or the forgetting is not in (0, 1].

    Examples
    --------
    >>> state = SlopeState()
    >>> for soc, charge in ((0.5, 25.2), (0.4, 19.9), (0.6, 30.1)):
    ...     state = updated(state, soc, charge, soc_change_sd_frac=0.01, charge_sd_ah=0.1)
    >>> round(state.capacity_ah, 1)
    50.2
    """
    if not (soc_change_sd_frac > 0 and charge_sd_ah > 0 and 0 < forgetting_frac <= 1):
        raise ValueOutOfRange(
            "segment",
            f"standard deviations {soc_change_sd_frac} and {charge_sd_ah} Ah,"
            f" forgetting {forgetting_frac}",
            "above 0, above 0, in (0, 1]",
            "give the segment's uncertainty",
        )
    if not charge_ah * soc_change_frac > 0:
        raise ValueOutOfRange(
            "segment",
            f"{charge_ah} Ah for a change of {soc_change_frac} in the state of charge",
            "both above 0, or both below",
            "leave out segments that moved nothing",
        )
    weight, q = 1.0, charge_ah / soc_change_frac
    if state.n_effective > 0:
        q, q_sd = state.capacity_ah, state.capacity_sd_ah
        spread = np.sqrt(
            (q * soc_change_sd_frac) ** 2 + charge_sd_ah**2 + (soc_change_frac * q_sd) ** 2
        )
        weight = _huber(abs(charge_ah - q * soc_change_frac) / float(spread))
    kept = replace(
        state,
        sum_xx=state.sum_xx * forgetting_frac,
        sum_xy=state.sum_xy * forgetting_frac,
        sum_yy=state.sum_yy * forgetting_frac,
        n_effective=state.n_effective * forgetting_frac,
    )
    if weight == 0:
        return replace(kept, n_rejected=kept.n_rejected + 1)
    return _added(kept, soc_change_frac, charge_ah, soc_change_sd_frac, charge_sd_ah, q, weight)


def capacity_over_segments(
    soc_change_frac: ArrayLike,
    charge_ah: ArrayLike,
    *,
    soc_change_sd_frac: ArrayLike,
    charge_sd_ah: ArrayLike,
    forgetting_frac: float = 1.0,
    shared_sd_frac: float = 0.0,
    confidence_frac: float = 0.9,
) -> Estimate:
    """Return the capacity from many segments at once, whichever of them are outliers.

    The same sums as `updated`, begun at the weighted median of the ratios and weighted again
    until the slope stands still, so that a bad first segment does no harm.

    Parameters
    ----------
    soc_change_frac, charge_ah : array of float, shape (n,)
        Of each segment, in order of time. [1], [Ah]
    soc_change_sd_frac, charge_sd_ah : array of float, shape (n,) or ()
        Standard deviations. [1], [Ah]
    forgetting_frac : float, default 1
        What a segment keeps of its weight for each one that follows.
    shared_sd_frac : float, default 0
        Relative error that all segments have in common (the current's gain, the curve), which no
        number of segments takes away.
    confidence_frac : float, default 0.9
        Of the interval.

    Returns
    -------
    Estimate
        `capacity_ah`. Where the segments scatter more than they should, the interval grows by as
        much (Birge's ratio).

    Examples
    --------
    >>> e = capacity_over_segments([0.5, 0.4, 0.6], [25.2, 19.9, 30.1],
    ...                            soc_change_sd_frac=0.01, charge_sd_ah=0.1)
    >>> round(e.value, 1), e.n_segments
    (50.2, 3)
    """
    x, y = np.asarray(soc_change_frac, dtype=float), np.asarray(charge_ah, dtype=float)
    sx = np.broadcast_to(np.asarray(soc_change_sd_frac, dtype=float), x.shape)
    sy = np.broadcast_to(np.asarray(charge_sd_ah, dtype=float), x.shape)
    is_usable = (sx > 0) & (sy > 0) & np.isfinite(x + y + sx + sy) & (x * y > 0)
    if not is_usable.any():
        return Estimate.unknown(
            "capacity_ah",
            METHOD,
            "no segment with a charge and a change of the state of charge of one sign",
            confidence_frac=confidence_frac,
        )
    x, y, sx, sy = x[is_usable], y[is_usable], sx[is_usable], sy[is_usable]
    age = forgetting_frac ** np.arange(x.size)[::-1]
    middle = float(np.median(y / x))
    capacity = _weighted_median(y / x, age * x**2 / ((middle * sx) ** 2 + sy**2))
    state = SlopeState()
    for _ in range(_N_PASSES):
        spread = np.hypot(capacity * sx, sy)
        weights = [_huber(r) for r in np.abs(y - capacity * x) / spread]
        state = _all(capacity, zip(x, y, sx, sy, weights, age, strict=True))
        if abs(state.capacity_ah - capacity) < 1e-9 * capacity:
            break
        capacity = state.capacity_ah
    return estimate_of(state, shared_sd_frac=shared_sd_frac, confidence_frac=confidence_frac)


def estimate_of(
    state: SlopeState, *, shared_sd_frac: float = 0.0, confidence_frac: float = 0.9
) -> Estimate:
    """Return the state's capacity with its interval, widened where the segments disagree."""
    if not state.n_effective > 0:
        return Estimate.unknown(
            "capacity_ah", METHOD, "no segment yet", confidence_frac=confidence_frac
        )
    freedom = max(state.n_effective - 1, 0.0)
    # One standard segment's worth of belief in the stated errors: few segments cannot shrink or
    # blow the interval by chance.
    birge = max(1.0, float(np.sqrt((state.chi_square + 4) / (freedom + 4))))
    q = state.capacity_ah
    sd = float(np.hypot(state.capacity_sd_ah * birge, q * shared_sd_frac))
    half = float(stdtrit(freedom + 4, 0.5 + confidence_frac / 2)) * sd
    return Estimate(
        "capacity_ah",
        q,
        max(q - half, 0.0),
        q + half,
        confidence_frac,
        METHOD,
        n_segments=state.n_segments,
    )


def _all(
    capacity_ah: float, segments: Iterable[tuple[float, float, float, float, float, float]]
) -> SlopeState:
    state = SlopeState()
    for x, y, sx, sy, weight, age in segments:
        if weight == 0:
            state = replace(state, n_rejected=state.n_rejected + 1)
        else:
            state = _added(state, x, y, sx, sy, capacity_ah, weight * age)
    return state


def _added(
    state: SlopeState, x: float, y: float, sx: float, sy: float, capacity_ah: float, weight: float
) -> SlopeState:
    scale = state.scale_ah or sy / sx
    # The segment's distance from the line has this variance; in scaled units it is shared evenly.
    variance = ((capacity_ah * sx) ** 2 + sy**2) / (capacity_ah**2 + scale**2)
    share, y = weight / variance, y / scale
    return SlopeState(
        float(state.sum_xx + share * x * x),
        float(state.sum_xy + share * x * y),
        float(state.sum_yy + share * y * y),
        float(scale),
        state.n_segments + 1,
        state.n_rejected,
        float(state.n_effective + weight),
    )


def _huber(deviation: float) -> float:
    if deviation > _GATE:
        return 0.0
    return 1.0 if deviation <= _HUBER else _HUBER / float(deviation)


def _weighted_median(values: Array, weights: Array) -> float:
    order = np.argsort(values)
    share = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(share, 0.5 * share[-1])])
