"""Capacity from a window of a charge, held against a whole charge of the same battery when young.

The window's charge, its place in the charge and the state of health are found together: each state
of health predicts a curve, and the one under which the window is likely is the answer, with an
interval from all that are. How curves change with age comes from a family of the same kind of
cell; where none is known, from the bounds that physics sets, which often leave too much open.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batteryloop.health.charge_curve.curve import ChargeCurve, samples
from batteryloop.health.charge_curve.family import HEALTHS, family_of, prediction
from batteryloop.health.charge_curve.posterior import charge_window, log_likelihood
from batteryloop.quantities import Estimate
from batteryloop.reference.charge_families import ChargeFamily

Array = NDArray[np.float64]
Family = ChargeFamily | Literal["recognised", "none"]

METHOD = "partial-charge-curve v1"
WIDEST_FRAC = 0.6
_MISFIT_MAX = 6.0
_LEAST_FRAC = 0.05
_RATE_FRAC = 0.3
_TAPER_V = 0.03
_OFF_RATE_SHARE = 0.3
_UNLEARNT_LEAST_FRAC = 0.6


@dataclass(frozen=True, slots=True)
class CapacityDistribution:
    """How likely each capacity is.

    Parameters
    ----------
    capacity_ah, probability_frac : array of float, shape (m,)
        Capacities, rising by equal steps [Ah], and their shares of the probability, 1 in all.
    method : str
        How it was made.
    n_rows : int
        Samples it was made from.
    reason : str
        Why nothing can be said; the arrays are empty then.
    """

    capacity_ah: Array
    probability_frac: Array
    method: str
    n_rows: int = 0
    reason: str = ""

    def quantile(self, share_frac: float) -> float:
        """Return the capacity below which `share_frac` of the probability lies, in Ah."""
        reached = np.cumsum(self.probability_frac) - self.probability_frac / 2
        return float(np.interp(share_frac, reached, self.capacity_ah))

    def estimate(self, *, confidence_frac: float = 0.9) -> Estimate:
        """Return the median and the interval, or the reason why there is none.

        Nothing is said where the interval spans more than six tenths of the median.
        """
        if self.reason:
            return Estimate.unknown(
                "capacity_ah", self.method, self.reason, confidence_frac=confidence_frac
            )
        low, value, high = (
            self.quantile(share)
            for share in (0.5 - confidence_frac / 2, 0.5, 0.5 + confidence_frac / 2)
        )
        if high - low > WIDEST_FRAC * value:
            why = (
                f"anything from {low:.3g} to {high:.3g} Ah is likely: this part of the charge"
                " says too little"
            )
            return Estimate.unknown(
                "capacity_ah", self.method, why, confidence_frac=confidence_frac
            )
        return Estimate(
            "capacity_ah",
            value,
            low,
            high,
            confidence_frac,
            self.method,
            n_rows=self.n_rows,
            n_segments=1,
        )


def capacity_from_partial_charge(
    time_s: ArrayLike,
    current_a: ArrayLike,
    voltage_v: ArrayLike,
    reference: ChargeCurve,
    *,
    family: Family = "recognised",
    n_cells_series: int = 1,
    confidence_frac: float = 0.9,
) -> Estimate:
    """Return the capacity from a window of a charge and an early whole charge.

    Parameters
    ----------
    time_s, current_a, voltage_v : array of float, shape (n,)
        Samples of the window, charging as the reference did. Where in the charge the window lies
        need not be known. [s], [A], [V]
    reference : ChargeCurve
        A whole charge of the same battery when young (`curve`), with its capacity then.
    family : ChargeFamily or {"recognised", "none"}
        How such cells age (`learn_charge_family`); by default the one that ships whose early
        curves the reference looks like, if any.
    n_cells_series : int, default 1
        Cells in series, of the window's voltage.
    confidence_frac : float, default 0.9
        Of the interval.

    Returns
    -------
    Estimate
        `capacity_ah`, as the reference's capacity was measured. Unknown, with the reason, where
        the window is too short, was charged at another rate, does not look like a charge of this
        battery at any age, or leaves too much open.

    Raises
    ------
    InputWrong
        If the arrays differ in length or the time falls.

    Notes
    -----
    Valid from 30 to 112 % of rated capacity (60 % where the kind of cell is unknown), at a rate
    within 30 % of the reference's and near its temperature, with a reference of the first thirty
    cycles or one that carries the rated capacity. For agreement with measurements see the manual:
    methods, partial charges.
    """
    return capacity_distribution(
        time_s,
        current_a,
        voltage_v,
        reference,
        family=family,
        n_cells_series=n_cells_series,
    ).estimate(confidence_frac=confidence_frac)


def capacity_distribution(
    time_s: ArrayLike,
    current_a: ArrayLike,
    voltage_v: ArrayLike,
    reference: ChargeCurve,
    *,
    family: Family = "recognised",
    n_cells_series: int = 1,
) -> CapacityDistribution:
    """Return how likely each capacity is, as `capacity_from_partial_charge` takes it."""
    time, current, voltage = samples(time_s, current_a, voltage_v, subject="window of a charge")
    voltage = voltage / n_cells_series
    if isinstance(family, str):
        known = family_of(reference) if family == "recognised" else None
    else:
        known = family
    predicted = prediction(reference, known)
    method = f"{METHOD} ({predicted.name} family)"
    off_rate = _off_rate(current, voltage, reference)
    if off_rate:
        return _nothing(method, off_rate)
    window = charge_window(
        time,
        current,
        voltage,
        steady_a=reference.current_a,
        capacity_ah=reference.charge_ah,
        polarisation_v=predicted.polarisation_v,
    )
    if window is None or window.charge_ah[-1] < _LEAST_FRAC * reference.charge_ah:
        share = 0.0 if window is None else float(window.charge_ah[-1]) / reference.charge_ah
        return _nothing(
            method,
            f"the window holds {share:.0%} of the reference's charge; {_LEAST_FRAC:.0%} needed",
        )
    score, misfit = log_likelihood(window, predicted, reference_charge_ah=reference.charge_ah)
    if misfit > _MISFIT_MAX:
        return _nothing(
            method,
            f"the window is {np.sqrt(misfit):.1f} standard deviations off every age of the"
            " reference: another battery, temperature or way of charging",
        )
    share = np.exp(score - score.max())
    spread = HEALTHS[:, None] - HEALTHS
    kernel = np.exp(-0.5 * (spread / (predicted.doubt.scale_frac * HEALTHS)) ** 2)
    share = (kernel / kernel.sum(axis=0)) @ (share / share.sum())
    scale = reference.capacity_ah / predicted.reference_soh_frac
    found = CapacityDistribution(HEALTHS * scale, share / share.sum(), method, time.size)
    if known is None and found.quantile(0.5) < _UNLEARNT_LEAST_FRAC * reference.capacity_ah:
        return _nothing(
            method,
            f"less than {_UNLEARNT_LEAST_FRAC:.0%} of the reference's capacity, and of this kind of"
            " cell it is not known how it wears out",
        )
    return found


def _nothing(method: str, reason: str) -> CapacityDistribution:
    return CapacityDistribution(np.zeros(0), np.zeros(0), method, reason=reason)


def _off_rate(current: Array, voltage: Array, reference: ChargeCurve) -> str:
    """Return why the window's rate does not fit, if it does not; a taper's current may be lower."""
    charging = current > 0
    if not charging.any():
        return "no charge flows in the window"
    is_taper = voltage > reference.voltage_v.max() - _TAPER_V
    ratio = current[charging] / reference.current_a
    is_off = (ratio > 1 + _RATE_FRAC) | ((ratio < 1 - _RATE_FRAC) & ~is_taper[charging])
    if is_off.mean() <= _OFF_RATE_SHARE:
        return ""
    return (
        f"charged at {np.median(current[charging]):.3g} A, the reference at"
        f" {reference.current_a:.3g} A: the curves differ by more than age"
    )
