"""How likely each state of health is, given a window of a charge and what charges should look like.

The window's place in the charge is unknown; it is summed over. How the window may be off the
prediction (a shift, a tilt, a bend, a stretch) is Gaussian and is integrated out exactly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batteryloop.health.charge_curve.curve import POSITIONS, counted_charge, is_settled
from batteryloop.health.charge_curve.family import HEALTHS, Prediction
from batteryloop.reference.charge_families import Doubt

Array = NDArray[np.float64]

_KNOT_FRAC = 0.015
_N_KNOTS_MIN, _N_KNOTS_MAX = 6, 40
_PLACE_FRAC = 0.005
_BEYOND_FRAC = 0.015
_BEYOND_V_PER_FRAC = 2.0
_STEEPEST_V = 6.0
_QUARTER_FRAC = 0.25
_TAPER_FRAC = 0.97
_SWITCH_FRAC = 0.03


@dataclass(frozen=True, slots=True)
class ChargeWindow:
    """A stretch of a charge, averaged over knots of equal charge.

    Parameters
    ----------
    charge_ah, voltage_v, current_ratio_frac : array of float, shape (n,)
        Charge since the first knot [Ah]; voltage of one cell as if the current had not
        tapered [V]; current over the reference's, at most 1.
    noise_v : float
        Standard deviation of a knot's voltage by noise and rounding. [V]
    """

    charge_ah: Array
    voltage_v: Array
    current_ratio_frac: Array
    noise_v: float


def charge_window(
    time_s: Array,
    current_a: Array,
    voltage_v: Array,
    *,
    steady_a: float,
    capacity_ah: float,
    polarisation_v: float,
) -> ChargeWindow | None:
    """Return the window's knots, or None if its settled samples hold too little of the charge.

    Parameters
    ----------
    time_s, current_a, voltage_v : array of float, shape (n,)
        Samples; voltage of one cell. [s], [A], [V]
    steady_a, capacity_ah : float
        The reference's constant current and charge. [A], [Ah]
    polarisation_v : float
        By how much a current fallen to nothing is raised. [V]
    """
    flowed = counted_charge(time_s, current_a)
    is_kept = is_settled(time_s, current_a, flowed, steady_a=steady_a, capacity_ah=capacity_ah)
    charge, ratio = flowed[is_kept], np.minimum(current_a[is_kept] / steady_a, 1.0)
    if charge.size < _N_KNOTS_MIN or charge[-1] - charge[0] < 2 * _KNOT_FRAC * capacity_ah:
        return None
    voltage = voltage_v[is_kept]
    raised = voltage + (1 - ratio) * polarisation_v
    span = charge[-1] - charge[0]
    n = int(np.clip(round(span / (_KNOT_FRAC * capacity_ah)), _N_KNOTS_MIN, _N_KNOTS_MAX))
    edges = np.linspace(charge[0], charge[-1], n + 1)
    area = np.concatenate([[0.0], np.cumsum((raised[1:] + raised[:-1]) / 2 * np.diff(charge))])
    middle = (edges[1:] + edges[:-1]) / 2
    averaged = np.diff(np.interp(edges, charge, area)) / np.diff(edges)
    n_each = max(charge.size / n / 2, 1.0)
    return ChargeWindow(
        middle - middle[0],
        averaged,
        np.clip(np.interp(middle, charge, ratio), 0.0, 1.0),
        _noise_v(voltage) / float(np.sqrt(n_each)),
    )


def _noise_v(voltage: Array) -> float:
    """Return the noise of one sample: from second differences, or from the steps of rounding."""
    if voltage.size < 5:
        return 0.001
    second = float(np.median(np.abs(np.diff(voltage, 2)))) * 1.4826 / np.sqrt(6)
    steps = np.abs(np.diff(voltage))
    steps = steps[steps > 1e-7]
    rounding = float(steps.min()) / np.sqrt(12) if steps.size else 0.0
    return float(max(second, min(rounding, 0.02)))


def log_likelihood(
    window: ChargeWindow, predicted: Prediction, *, reference_charge_ah: float
) -> tuple[Array, float]:
    """Return how likely the window is at each of `HEALTHS`, and how well the best place fits.

    Parameters
    ----------
    window : ChargeWindow
        Knots of the window.
    predicted : Prediction
        What charges should look like.
    reference_charge_ah : float
        Charge of the whole reference charge. [Ah]

    Returns
    -------
    array of float, shape (m,)
        Natural logarithm, up to a constant.
    float
        Mean square of what is left at the best place, in its own standard deviations: near 1
        where prediction and window agree.
    """
    place_count = np.zeros(HEALTHS.size)
    total = np.full((len(predicted.voltage_v), HEALTHS.size), -np.inf)
    best, misfit = -np.inf, np.inf
    for k, soh in enumerate(HEALTHS):
        share = window.charge_ah[-1] / reference_charge_ah * predicted.reference_soh_frac / soh
        places = np.arange(-_BEYOND_FRAC, 1 + _BEYOND_FRAC - share, _PLACE_FRAC)
        if not places.size:
            continue
        place_count[k] = places.size
        for way, table in enumerate(predicted.voltage_v):
            each, left = _at_places(
                window, table[k], places, float(soh), predicted, reference_charge_ah
            )
            total[way, k] = np.logaddexp.reduce(each)
            top = int(np.argmax(each))
            if each[top] > best:
                best, misfit = float(each[top]), float(left[top])
    joined = np.logaddexp.reduce(total, axis=0)
    return joined - np.log(np.maximum(place_count, 1)), misfit / window.charge_ah.size


def _at_places(
    window: ChargeWindow,
    voltage: Array,
    places: Array,
    soh: float,
    predicted: Prediction,
    reference_charge_ah: float,
) -> tuple[Array, Array]:
    """Return log-likelihood and squared misfit for the window at each place, shape (z,)."""
    doubt, size = predicted.doubt, POSITIONS.size - 1
    charge = window.charge_ah / reference_charge_ah
    at = places[:, None] + charge * predicted.reference_soh_frac / soh
    node = np.clip(at, 0, 1) * size
    low = np.minimum(node.astype(np.int64), size - 1)
    rise = voltage[low + 1] - voltage[low]
    off = window.voltage_v - (voltage[low] + (node - low) * rise)
    slope = np.minimum(np.abs(rise) * size, _STEEPEST_V)
    beyond = np.maximum(at - 1, 0) + np.maximum(-at, 0)
    own = doubt.shape_v**2 + window.noise_v**2 + _taper_variance(window, doubt, reference_charge_ah)
    precision = 1 / (own + (_BEYOND_V_PER_FRAC * beyond) ** 2)
    aged = abs(predicted.reference_soh_frac - soh)
    tilt_v = doubt.tilt_v + doubt.tilt_growth_v * aged
    side = (charge - charge[-1] / 2) / _QUARTER_FRAC
    ways = np.empty((*at.shape, 5))
    ways[:, :, 0] = window.current_ratio_frac * (doubt.offset_v + doubt.offset_growth_v * aged)
    ways[:, :, 1] = side * tilt_v
    ways[:, :, 2] = side**2 * tilt_v * doubt.bend_ratio_frac
    ways[:, :, 3] = slope * side * _QUARTER_FRAC * doubt.stretch_frac
    # Half a step between places, so that none is missed on a steep stretch.
    ways[:, :, 4] = slope * _PLACE_FRAC / 2
    weighted = (ways * precision[:, :, None]).transpose(0, 2, 1)
    normal = weighted @ ways + np.eye(5)
    right = weighted @ off[:, :, None]
    taken = np.linalg.solve(normal, right)
    left = (off**2 * precision).sum(axis=1) - (right * taken)[:, :, 0].sum(axis=1)
    size_term = np.log(precision).sum(axis=1) - np.linalg.slogdet(normal)[1]
    return 0.5 * (size_term - left), left


def _taper_variance(window: ChargeWindow, doubt: Doubt, reference_charge_ah: float) -> Array:
    """Return the further variance about the switch to constant voltage and along the taper."""
    is_taper = window.current_ratio_frac < _TAPER_FRAC
    if not is_taper.any():
        return np.zeros(is_taper.size)
    begin = window.charge_ah[int(np.argmax(is_taper))]
    away = np.abs(window.charge_ah - begin) / reference_charge_ah
    return np.asarray(
        (doubt.switch_v * np.exp(-away / _SWITCH_FRAC)) ** 2 + (doubt.taper_v * is_taper) ** 2
    )
