"""Sixteen numbers of the end of a charge: a fixed voltage window, and the constant-voltage tail.

The idea and the names are those of Wang et al. 2024 (doi:10.1038/s41467-024-48779-z); the
definitions are ours and are said here. A model judges features made in the way of its training:
the entropies and slopes of another laboratory's table need not be these.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import InputWrong, ValueOutOfRange

Array = NDArray[np.float64]

# What each is, and in which unit; the names are those of published tables, so carry none.
FEATURE_UNITS = {
    "voltage_mean": "V",
    "voltage_std": "V",
    "voltage_kurtosis": "1",
    "voltage_skewness": "1",
    "cc_q": "Ah",
    "cc_charge_time": "s",
    "voltage_slope": "V/s",
    "voltage_entropy": "1",
    "current_mean": "A",
    "current_std": "A",
    "current_kurtosis": "1",
    "current_skewness": "1",
    "cv_q": "Ah",
    "cv_charge_time": "s",
    "current_slope": "A/s",
    "current_entropy": "1",
}
CHARGE_FEATURES = tuple(FEATURE_UNITS)
_N_POINTS = 512
_N_BINS = 40
_N_LEAST = 8


@dataclass(frozen=True, slots=True)
class ChargeWindow:
    """Which part of a charge is looked at.

    From `window_v` below the end of constant current up to it; then the tail from `current_high_a`
    down to `current_low_a`. Voltage counts as held within `tolerance_v` of the highest.
    """

    window_v: float = 0.2
    current_high_a: float = 0.5
    current_low_a: float = 0.1
    tolerance_v: float = 0.003


def charge_features(
    time_s: Array, current_a: Array, voltage_v: Array, window: ChargeWindow | None = None
) -> dict[str, float]:
    """Return the sixteen features of one constant-current, constant-voltage charge of a cell.

    Both parts are read at 512 moments evenly in time, so that the sampling does not matter.

    Parameters
    ----------
    time_s, current_a, voltage_v : NDArray of float64
        Samples of one charge in order [s], [A] (charging is positive), [V], shape (n,).
    window : ChargeWindow, optional
        Which part to look at. Keep it the same over a cell's life and for a model.

    Returns
    -------
    dict of str to float
        By the names of `FEATURE_UNITS`: mean, standard deviation, excess kurtosis and skewness;
        charge and time of the part; slope over the later half of its voltage (or current); entropy
        [nat] of the share of time spent in each of 40 equal steps between its ends.

    Raises
    ------
    InputWrong
        If the charge does not pass the window, has no tail, or has fewer than 8 samples in either.
    ValueOutOfRange
        If samples are not finite or time does not rise.

    Examples
    --------
    One hour from 3.2 to 4.2 V at 1 A, then half an hour down to nothing; the voltage counts as
    held from 4.197 V, at 3590 s:

    >>> t = np.arange(0.0, 5401.0, 10.0)
    >>> v = np.minimum(3.2 + t / 3600, 4.2)
    >>> i = np.clip(1.0 - (t - 3600) / 1800, 0.0, 1.0)
    >>> f = charge_features(t, i, v)
    >>> round(f["cc_charge_time"]), round(f["voltage_mean"], 2), round(f["cv_charge_time"])
    (710, 4.1, 720)
    """
    window = window or ChargeWindow()
    _check(time_s, current_a, voltage_v)
    top = float(voltage_v.max())
    held = int(np.argmax(voltage_v >= top - window.tolerance_v))
    below = np.flatnonzero(voltage_v[: held + 1] < top - window.window_v)
    if below.size == 0:
        lowest = float(voltage_v[: held + 1].min())
        raise InputWrong(
            "beginning of the charge",
            f"begins at {lowest:.3f} V",
            f"below {top - window.window_v:.3f} V",
        )
    begin = int(below[-1])
    t0 = float(np.interp(top - window.window_v, voltage_v[begin : begin + 2],
                         time_s[begin : begin + 2]))  # fmt: skip
    t2, t3 = _tail(time_s[held:], current_a[held:], window)
    for name, first, last in (("voltage window", t0, time_s[held]), ("tail", t2, t3)):
        n = int(((time_s >= first) & (time_s <= last)).sum())
        if n < _N_LEAST:
            raise InputWrong(f"{name} of the charge", f"{n} samples", f"at least {_N_LEAST}")
    rising = _part(time_s, voltage_v, current_a, t0, float(time_s[held]))
    falling = _part(time_s, current_a, current_a, t2, t3)
    values = (*rising[:4], rising[5], rising[4], *rising[6:],
              *falling[:4], falling[5], falling[4], *falling[6:])  # fmt: skip
    return dict(zip(CHARGE_FEATURES, values, strict=True))


def _check(time_s: Array, current_a: Array, voltage_v: Array) -> None:
    if time_s.size < 2 * _N_LEAST:
        raise InputWrong("charge", f"{time_s.size} samples", f"at least {2 * _N_LEAST}")
    if not all(np.isfinite(x).all() for x in (time_s, current_a, voltage_v)):
        raise ValueOutOfRange("charge", "samples that are not finite", "numbers", "clean it first")
    if (np.diff(time_s) <= 0).any():
        raise ValueOutOfRange("charge", "time that does not rise", "rising time", "sort it first")


def _tail(time_s: Array, current_a: Array, window: ChargeWindow) -> tuple[float, float]:
    """Return when the current falls through the two levels."""
    ends = []
    for level in (window.current_high_a, window.current_low_a):
        at_or_below = np.flatnonzero(current_a <= level)
        if at_or_below.size == 0:
            raise InputWrong(
                "tail of the charge",
                f"its current at constant voltage ends at {current_a[-1]:.3g} A",
                f"down to {window.current_low_a:g} A",
                "choose another window, the same for all charges",
            )
        k = int(at_or_below[0])
        if k == 0:
            ends.append(float(time_s[0]))
            continue
        share = (current_a[k - 1] - level) / (current_a[k - 1] - current_a[k])
        ends.append(float(time_s[k - 1] + share * (time_s[k] - time_s[k - 1])))
    return ends[0], ends[1]


def _part(
    time_s: Array, signal: Array, current_a: Array, first: float, last: float
) -> tuple[float, ...]:
    """Return mean, deviation, kurtosis, skewness, time, charge, slope, entropy of a part."""
    moments = np.linspace(first, last, _N_POINTS)
    x = np.interp(moments, time_s, signal)
    flow = np.interp(moments, time_s, current_a)
    mean, std = float(x.mean()), float(x.std())
    z = (x - mean) / max(std, 1e-12)
    middle = 0.5 * (x[0] + x[-1])
    is_rising = x[-1] > x[0]
    at = moments[int(np.argmax(x >= middle if is_rising else x <= middle))]
    slope = (x[-1] - middle) / max(last - at, 1e-9)
    share = np.histogram(x, _N_BINS)[0] / _N_POINTS
    share = share[share > 0]
    return (
        mean,
        std,
        float((z**4).mean() - 3.0),
        float((z**3).mean()),
        last - first,
        float(np.trapezoid(flow, moments) / 3600.0),
        float(slope),
        float(-(share * np.log(share)).sum()),
    )
