"""A charge as a curve: voltage and current over the share of the charge that has flowed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batteryloop.errors import InputWrong, ValueOutOfRange

Array = NDArray[np.float64]

POSITIONS = np.linspace(0.0, 1.0, 201)
_CHARGING_FRAC = 0.03
_JUMP_FRAC = 0.2
_SETTLE_S = 150.0
_BEGUN_FRAC = 0.01
_N_ROWS_MIN = 20
_SLOPE_SPAN_FRAC = 0.1


@dataclass(frozen=True, slots=True)
class ChargeCurve:
    """A whole charge of one cell, from empty to full, with which later charges are compared.

    Parameters
    ----------
    position_frac, voltage_v, current_ratio_frac : array of float, shape (n,)
        Share of the charge that has flowed, rising from 0 to 1; voltage of one cell [V]; current
        over `current_a`. Samples without current, and those before the voltage has settled after
        a jump of the current, are left out.
    current_a : float
        Current of the constant-current part. [A]
    charge_ah : float
        Charge that flowed in all. [Ah]
    capacity_ah : float
        The battery's capacity at that time, as it was measured. [Ah]
    rated_capacity_ah : float or None
        What the maker states; tells how far the battery had aged by then. [Ah]
    """

    position_frac: Array
    voltage_v: Array
    current_ratio_frac: Array
    current_a: float
    charge_ah: float
    capacity_ah: float
    rated_capacity_ah: float | None = None

    def polarisation_v(self) -> float:
        """Return the drop that carries the slope of the constant current on into the taper. [V].

        0 where the charge ends without a taper.
        """
        is_constant = self.current_ratio_frac > 0.97
        end = float(self.position_frac[is_constant].max(initial=0.0))
        near = is_constant & (self.position_frac > end - _SLOPE_SPAN_FRAC)
        if end > 0.99 or near.sum() < 3 or np.ptp(self.position_frac[near]) <= 0:
            return 0.0
        slope = float(np.polyfit(self.position_frac[near], self.voltage_v[near], 1)[0])
        return max(slope, 0.0) * (1 - end)

    def compensated(self, polarisation_v: float) -> Array:
        """Return the voltage at `POSITIONS` as if the current had not tapered, in V.

        Examples
        --------
        >>> curve = ChargeCurve(np.array([0.0, 0.5, 1.0]), np.array([3.9, 4.2, 4.2]),
        ...                     np.array([1.0, 1.0, 0.0]), 0.5, 1.0, 1.0)
        >>> float(curve.compensated(0.1)[-1].round(6))
        4.3
        """
        raised = self.voltage_v + (1 - self.current_ratio_frac) * polarisation_v
        return np.asarray(np.interp(POSITIONS, self.position_frac, raised))


def charge_curve(
    time_s: ArrayLike,
    current_a: ArrayLike,
    voltage_v: ArrayLike,
    *,
    capacity_ah: float | None = None,
    rated_capacity_ah: float | None = None,
    charge_ah: ArrayLike | None = None,
    n_cells_series: int = 1,
) -> ChargeCurve:
    """Return the curve of a whole charge, from an empty battery to a full one.

    Parameters
    ----------
    time_s, current_a, voltage_v : array of float, shape (n,)
        Samples of one charge, rests within it included. Positive current charges. [s], [A], [V]
    capacity_ah : float, optional
        Capacity at that time, best as the discharge beside it gave it; by default the charge
        itself. [Ah]
    rated_capacity_ah : float, optional
        What the maker states. Without it the battery is taken to be nearly new: give it where
        that is no longer so. [Ah]
    charge_ah : array of float, shape (n,), optional
        The tester's counter; by default the current's trapezoid integral. [Ah]
    n_cells_series : int, default 1
        Cells in series.

    Raises
    ------
    InputWrong
        If the arrays differ in length, the time falls, or there are fewer than 20 usable samples.
    ValueOutOfRange
        If no charge flows, or the voltage does not rise.

    Examples
    --------
    >>> t = np.arange(0.0, 7200.0, 60.0)
    >>> curve = charge_curve(t, np.full(120, 2.0), 3.5 + t / 10000)
    >>> round(curve.charge_ah, 2), curve.current_a
    (3.97, 2.0)
    """
    time, current, voltage = samples(time_s, current_a, voltage_v, subject="reference charge")
    voltage = voltage / n_cells_series
    flowed = counted_charge(time, current, charge_ah)
    total = float(flowed[-1]) if flowed.size else 0.0
    if not total > 0:
        raise ValueOutOfRange(
            "reference charge", f"{total:g} Ah in all", "above 0 Ah", "positive current charges"
        )
    steady_a = constant_current_a(current)
    is_kept = is_settled(time, current, flowed, steady_a=steady_a, capacity_ah=total)
    if is_kept.sum() < _N_ROWS_MIN:
        raise InputWrong(
            "reference charge",
            f"{is_kept.sum()} samples while charging",
            f"at least {_N_ROWS_MIN}",
            "give a charge that was sampled more often",
        )
    kept = voltage[is_kept]
    if not np.median(kept[-3:]) > np.median(kept[:3]):
        raise ValueOutOfRange(
            "reference charge",
            f"the voltage goes from {kept[0]:.3f} to {kept[-1]:.3f} V",
            "a voltage that rises",
            "give a charge from empty to full",
        )
    return ChargeCurve(
        flowed[is_kept] / total,
        kept,
        np.minimum(current[is_kept] / steady_a, 1.0),
        steady_a,
        total,
        total if capacity_ah is None else capacity_ah,
        rated_capacity_ah,
    )


def samples(
    time_s: ArrayLike, current_a: ArrayLike, voltage_v: ArrayLike, *, subject: str
) -> tuple[Array, Array, Array]:
    """Return the samples that have all three, as arrays of one length.

    Raises
    ------
    InputWrong
        If the lengths differ, or the time falls.
    """
    arrays = [np.asarray(a, dtype=float) for a in (time_s, current_a, voltage_v)]
    if len({a.shape for a in arrays}) != 1 or arrays[0].ndim != 1:
        shapes = ", ".join(str(a.shape) for a in arrays)
        raise InputWrong(
            subject, f"arrays of shape {shapes}", "one length", "give one of each a sample"
        )
    is_known = np.isfinite(arrays[0] + arrays[1] + arrays[2])
    time, current, voltage = (a[is_known] for a in arrays)
    if (np.diff(time) < 0).any():
        raise InputWrong(subject, "the time falls", "a time that rises", "sort the samples by time")
    return time, current, voltage


def counted_charge(time_s: Array, current_a: Array, charge_ah: ArrayLike | None = None) -> Array:
    """Return the charge since the first sample, in Ah: the counter's, or the trapezoid integral."""
    if charge_ah is not None:
        counter = np.asarray(charge_ah, dtype=float)
        if counter.shape != time_s.shape or not np.isfinite(counter).all():
            raise InputWrong(
                "charge counter",
                f"shape {counter.shape} with {np.sum(~np.isfinite(counter))} unknown",
                f"{time_s.size} finite numbers",
                "leave it out: the current is integrated then",
            )
        return np.asarray(counter - counter[0]) if counter.size else counter
    steps = np.diff(time_s) / 3600 * (current_a[1:] + current_a[:-1]) / 2
    return np.concatenate([np.zeros(min(time_s.size, 1)), np.cumsum(steps)])


def constant_current_a(current_a: Array) -> float:
    """Return the current of the constant-current part: the median of the larger half, in A."""
    flowing = np.sort(current_a[current_a > 0])
    return float(np.median(flowing[flowing.size // 2 :])) if flowing.size else 0.0


def is_settled(
    time_s: Array, current_a: Array, charge_ah: Array, *, steady_a: float, capacity_ah: float
) -> NDArray[np.bool_]:
    """Return which samples stand while charging, with the last rise of the current past.

    For 150 s after the current has risen by a fifth of `steady_a` a sample is left out, unless
    the charge has only just begun.
    """
    is_kept = current_a > _CHARGING_FRAC * steady_a
    for jump in np.flatnonzero(np.diff(current_a) > _JUMP_FRAC * steady_a) + 1:
        if charge_ah[jump - 1] > _BEGUN_FRAC * capacity_ah:
            is_kept &= ~((time_s >= time_s[jump]) & (time_s < time_s[jump] + _SETTLE_S))
    return np.asarray(is_kept)
