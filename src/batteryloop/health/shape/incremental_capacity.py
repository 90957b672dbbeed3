"""Incremental capacity dQ/dV and differential voltage dV/dQ of one charge, and its peaks."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from batteryloop.errors import InputWrong
from batteryloop.health.trace import Array

METHOD = "incremental-capacity v1"
SMOOTHING_V = 0.006
GRID_V = 0.001

_FINE_V = 0.00025
_REACH = 5.0
_EDGE = 2.0
_PROMINENT_FRAC = 0.05
_SURE_SD = 3.0
_NARROWEST_V = 2e-5
_MAD = 1.4826


@dataclass(frozen=True, slots=True)
class Peak:
    """One peak of dQ/dV of a cell, each figure with its standard deviation.

    `area_ah` is the charge between the valleys on either side; `position_v` is the voltage of the
    cell under the current at hand. The standard deviations are those of the voltage's noise and
    resolution: what an instrument shows wrongly in every curve alike is not in them.
    """

    position_v: float
    position_sd_v: float
    height_ah_per_v: float
    height_sd_ah_per_v: float
    area_ah: float
    area_sd_ah: float


@dataclass(frozen=True, slots=True)
class IncrementalCapacity:
    """dQ/dV and dV/dQ on a grid of the cell's voltage, arrays of one length n.

    Parameters
    ----------
    voltage_v : array of float
        Rising in steps of `GRID_V`. [V]
    charge_ah : array of float
        Charge moved below that voltage. [Ah]
    charge_per_v_ah : array of float
        dQ/dV. [Ah/V]
    charge_per_v_sd_ah : array of float
        Its standard deviation by noise and resolution. [Ah/V]
    voltage_per_ah_v : array of float
        dV/dQ, infinite where no charge moved. [V/Ah]
    smoothing_v, noise_v : float
        Standard deviation of the smoothing kernel, and of the voltage's noise. [V]
    is_inner : array of bool
        False within two kernels of either end, where the curve is cut off.
    """

    voltage_v: Array
    charge_ah: Array
    charge_per_v_ah: Array
    charge_per_v_sd_ah: Array
    voltage_per_ah_v: Array
    smoothing_v: float
    noise_v: float
    is_inner: np.ndarray[tuple[int], np.dtype[np.bool_]]
    peaks: tuple[Peak, ...] = ()


def incremental_capacity(
    charge_ah: Array, cell_voltage_v: Array, *, smoothing_v: float | None = None
) -> IncrementalCapacity:
    """Return dQ/dV of one charge or discharge, smoothed by a Gaussian in voltage.

    Nothing is differentiated. The charge that flowed between two samples is laid evenly over the
    voltages between them, and the resulting density of charge over voltage *is* dQ/dV (Feng et
    al. 2013, doi 10.1016/j.jpowsour.2013.01.018): it is never below 0, its area is the charge
    moved, and noise widens a peak instead of making new ones.

    Parameters
    ----------
    charge_ah : array of float, shape (n,)
        Charge along the curve, rising or falling throughout; only differences count. [Ah]
    cell_voltage_v : array of float, shape (n,)
        Voltage of one cell. [V]
    smoothing_v : float, optional
        Standard deviation of the kernel; by default 6 mV, or the voltage's resolution, or the
        step between two samples (its nine-tenths quantile) where one of these is coarser. [V]

    Raises
    ------
    InputWrong
        If there are fewer than three points, a number is missing or the charge turns.

    Examples
    --------
    >>> volts = np.linspace(3.0, 4.0, 501)
    >>> curve = incremental_capacity(10 * (volts - 3.0), volts)
    >>> bool(np.allclose(curve.charge_per_v_ah[curve.is_inner], 10.0, rtol=0.03))
    True
    >>> curve.peaks
    ()
    """
    charge, volts = np.asarray(charge_ah, float), np.asarray(cell_voltage_v, float)
    _check(charge, volts)
    step = np.abs(np.diff(charge))
    resolution = _resolution(volts)
    noise = float(np.hypot(_noise(volts), resolution / np.sqrt(12)))
    coarse = float(np.quantile(np.abs(np.diff(volts)), 0.9))
    kernel = max(SMOOTHING_V, resolution, coarse) if smoothing_v is None else smoothing_v
    reach = _REACH * kernel
    low, high = float(volts.min()) - reach, float(volts.max()) + reach
    n_fine = int(np.ceil((high - low) / _FINE_V))
    edges: Array = low + _FINE_V * np.arange(n_fine + 1, dtype=np.float64)
    mass = np.diff(_charge_below(edges, volts, step))
    squares = np.diff(_charge_below(edges, volts, step**2))
    width = kernel / _FINE_V
    density = gaussian_filter1d(mass, width, mode="constant") / _FINE_V
    slope = gaussian_filter1d(mass, width, order=1, mode="constant") / _FINE_V**2
    bend = gaussian_filter1d(mass, width, order=2, mode="constant") / _FINE_V**3
    sd = noise * _root_of_squares(squares, kernel, order=1)
    slope_sd = noise * _root_of_squares(squares, kernel, order=2)
    middle = 0.5 * (edges[1:] + edges[:-1])
    below = np.cumsum(gaussian_filter1d(mass, width, mode="constant"))
    edge = _EDGE * kernel
    is_inner = (middle >= volts.min() + edge) & (middle <= volts.max() - edge)
    fine = _Fine(middle, density, sd, slope, slope_sd, bend, below, squares, is_inner)
    every = slice(None, None, round(GRID_V / _FINE_V))
    with np.errstate(divide="ignore", over="ignore"):
        per_charge = 1.0 / density[every]
    return IncrementalCapacity(
        middle[every],
        below[every],
        density[every],
        sd[every],
        per_charge,
        kernel,
        noise,
        is_inner[every],
        _peaks(fine, kernel, noise),
    )


@dataclass(frozen=True, slots=True)
class _Fine:
    volts: Array
    density: Array
    sd: Array
    slope: Array
    slope_sd: Array
    bend: Array
    below: Array
    squares: Array
    is_inner: np.ndarray[tuple[int], np.dtype[np.bool_]]


def _check(charge: Array, volts: Array) -> None:
    if charge.size < 3 or charge.shape != volts.shape:
        raise InputWrong(
            "curve",
            f"{charge.size} charges and {volts.size} voltages",
            "three points or more, as many of one as of the other",
            "give the whole charge",
        )
    if not (np.isfinite(charge).all() and np.isfinite(volts).all()):
        raise InputWrong("curve", "a number is missing", "finite numbers", "leave such rows out")
    step = np.diff(charge)
    if (step > 0).any() and (step < 0).any():
        raise InputWrong(
            "curve", "the charge turns", "one direction", "give one charge or one discharge"
        )


def _charge_below(at: Array, volts: Array, step: Array) -> Array:
    """Return the charge laid below each voltage `at`: a piecewise linear function, exact."""
    low, high = np.minimum(volts[1:], volts[:-1]), np.maximum(volts[1:], volts[:-1])
    narrow = np.clip(_NARROWEST_V - (high - low), 0.0, None) / 2
    low, high = low - narrow, high + narrow
    density = step / (high - low)
    corner = np.concatenate([low, high])
    order = np.argsort(corner, kind="stable")
    corner = corner[order]
    rate = np.cumsum(np.concatenate([density, -density])[order])
    reached = np.concatenate([[0.0], np.cumsum(rate[:-1] * np.diff(corner))])
    return np.asarray(np.interp(at, corner, reached, left=0.0, right=float(step.sum())))


def _root_of_squares(squares: Array, kernel: float, *, order: int) -> Array:
    """Return the root of the charges' squares through the square of the kernel's derivative."""
    u = np.arange(-_REACH * kernel, _REACH * kernel + _FINE_V / 2, _FINE_V) / kernel
    bell = np.exp(-0.5 * u**2) / (np.sqrt(2 * np.pi) * kernel)
    derivative = bell * (-u / kernel if order == 1 else (u**2 - 1) / kernel**2)
    summed = np.convolve(squares, derivative**2, mode="same")[: squares.size]
    return np.asarray(np.sqrt(np.clip(summed, 0, None)))


def _resolution(volts: Array) -> float:
    """Return the step in which the voltage is written. [V]."""
    apart = np.diff(np.unique(volts))
    apart = apart[apart > 1e-6]
    return float(np.quantile(apart, 0.1)) if apart.size else 0.0


def _noise(volts: Array) -> float:
    """Return the noise's standard deviation from second differences, which a curve hardly has."""
    bend = np.diff(volts, n=2)
    if bend.size < 5:
        return 0.0
    return float(_MAD * np.median(np.abs(bend - np.median(bend))) / np.sqrt(6))


def _peaks(fine: _Fine, kernel: float, noise: float) -> tuple[Peak, ...]:
    inner = np.flatnonzero(fine.is_inner)
    if inner.size < 3:
        return ()
    first = int(inner[0])
    density = fine.density[inner]
    least = _PROMINENT_FRAC * float(density.max())
    tops, about = find_peaks(density, prominence=least)
    sure = about["prominences"] > _SURE_SD * np.sqrt(2) * fine.sd[inner][tops]
    tops = tops[sure]
    found = []
    for k, top in enumerate(tops.tolist()):
        left = tops[k - 1] if k else 0
        right = tops[k + 1] if k + 1 < tops.size else density.size - 1
        from_ = first + int(left + np.argmin(density[left : top + 1]))
        to = first + int(top + np.argmin(density[top : right + 1]))
        found.append(_peak(fine, first + top, from_, to, kernel, noise))
    return tuple(found)


def _peak(fine: _Fine, top: int, from_: int, to: int, kernel: float, noise: float) -> Peak:
    sharp = max(-float(fine.bend[top]), 1e-9)
    # One step of Newton's from the grid point to where the slope is 0.
    move = float(np.clip(fine.slope[top] / sharp, -_FINE_V, _FINE_V))
    ends = [fine.volts[from_], fine.volts[to]]
    # A charge counts inside or outside a valley by the noise of the samples near it.
    bells = [np.exp(-0.5 * ((fine.volts - end) / kernel) ** 2) for end in ends]
    bell = (bells[0] - bells[1]) / (np.sqrt(2 * np.pi) * kernel)
    return Peak(
        float(fine.volts[top]) + move,
        min(float(fine.slope_sd[top]) / sharp, kernel),
        float(fine.density[top]),
        float(fine.sd[top]),
        float(fine.below[to] - fine.below[from_]),
        noise * float(np.sqrt(np.sum(fine.squares * bell**2))),
    )
