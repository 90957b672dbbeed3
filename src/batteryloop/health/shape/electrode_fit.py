"""One slow charge fitted by its electrodes: how large each is, and how much lithium they hold."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import least_squares

from batteryloop.health.trace import Array
from batteryloop.reference.half_cells import half_cell
from batteryloop.reference.ocv import ElectrodeWindow, electrode_windows

_TABLE = 2001
_EDGE_FRAC = 0.002
_BEYOND_V_PER_FRAC = 20.0
_STEEPEST_V_PER_FRAC = 40.0
# Between two phases the potential is flat, and a fit of it may ripple.
_RISES_V_PER_FRAC = 0.05
_POINTS = 120
_HUBER_V = 0.005
_LEAST_SD_V = 0.0005
_STARTS = (0.0, 0.1, 0.25)
# Loose: an electrode may be half or double what the window of new cells implies.
_SIZE_SD = 0.5
_TILT_FRAC = 0.5
_RESTED_WEIGHT = 3.0


@dataclass(frozen=True, slots=True)
class ElectrodeFit:
    """The electrodes behind one curve, with the covariance of the logarithms of the first three.

    `negative_ah`, `positive_ah` are the charges that would fill every site of the host;
    `inventory_ah` the lithium that both hold together, which a charge only moves.
    `polarisation_v` is what the current added all along the curve.
    `capacity_ah` is the charge between the voltage limits without a current.
    """

    negative_ah: float
    positive_ah: float
    inventory_ah: float
    polarisation_v: float
    capacity_ah: float
    misfit_v: float
    log_covariance: Array
    n_points: int

    @property
    def log_sd_frac(self) -> Array:
        """Relative standard deviations of negative, positive and inventory, shape (3,)."""
        return np.sqrt(np.diag(self.log_covariance))


@cache
def _table(name: str) -> tuple[Array, Array]:
    """Return lithiations and potentials of the part of the published function that can be true.

    A fit of many terms turns or explodes outside the range that was measured: from the middle
    outwards, only as far as the potential falls, and not steeper than a cell's end does.
    """
    at = np.linspace(_EDGE_FRAC, 1 - _EDGE_FRAC, _TABLE)
    slope = np.diff(half_cell(name)(at)) / np.diff(at)
    is_true = (slope <= _RISES_V_PER_FRAC) & (slope > -_STEEPEST_V_PER_FRAC)
    middle = _middle(name, is_true)
    wrong = np.flatnonzero(~is_true)
    first = int(max(wrong[wrong < middle], default=-1)) + 1
    last = int(min(wrong[wrong > middle], default=is_true.size))
    inside = at[first : last + 1]
    return inside, np.minimum.accumulate(half_cell(name)(inside))


def _middle(name: str, is_true: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    """Return a place in the middle of how new cells use the electrode."""
    uses = [
        (w.positive_empty_frac + w.positive_full_frac) / 2
        if w.positive == name
        else (w.negative_empty_frac + w.negative_full_frac) / 2
        for w in electrode_windows().values()
        if name in (w.positive, w.negative)
    ]
    wanted = round((uses[0] if uses else 0.5) * _TABLE)
    places = np.flatnonzero(is_true)
    return int(places[np.argmin(np.abs(places - wanted))])


def potential_v(name: str, lithiation_frac: Array) -> Array:
    """Return an electrode's potential, falling steeply on beyond either end so that a fit returns.

    Parameters
    ----------
    name : str
        Of `reference.half_cells`.
    lithiation_frac : array of float, any shape
        Share of the sites that are filled.

    Examples
    --------
    >>> inside, beyond = potential_v("lfp-safari-2011", np.array([0.5, 1.2]))
    >>> bool(beyond < inside - 1.0)
    True
    """
    at, volts = _table(name)
    inside = np.interp(lithiation_frac, at, volts)
    past = np.clip(lithiation_frac - at[-1], 0, None) + np.clip(lithiation_frac - at[0], None, 0)
    return np.asarray(inside - _BEYOND_V_PER_FRAC * past)


def fit_electrodes(
    charge_ah: Array,
    cell_voltage_v: Array,
    window: ElectrodeWindow,
    *,
    capacity_ah: float,
    is_charge: bool = True,
    voltage_limits_v: tuple[float, float],
    polarisation_v: tuple[float, float] = (0.0, 0.15),
    rested: Array | None = None,
    near: ElectrodeFit | None = None,
) -> ElectrodeFit:
    """Return the electrodes whose half cells give the curve, found by least squares.

    V(q) = U+(y0 - q/Q+) - U-(x0 + q/Q-) + eta, with q the charge moved since the curve began and
    eta one constant overpotential (Dubarry, Truchot, Liaw 2012, doi
    10.1016/j.jpowsour.2012.07.016; Birkl et al. 2017, doi 10.1016/j.jpowsour.2016.12.011).

    Parameters
    ----------
    charge_ah : array of float, shape (n,)
        Charge moved along the curve. [Ah]
    cell_voltage_v : array of float, shape (n,)
        Voltage of one cell. [V]
    window : ElectrodeWindow
        Which electrodes, and how a new cell uses them: only where the search begins.
    capacity_ah : float
        Roughly, to begin with. [Ah]
    is_charge : bool, default True
        Whether the curve rises.
    voltage_limits_v : tuple of float
        Between which `capacity_ah` of the result counts. [V]
    polarisation_v : tuple of float
        What the current is likely to add to the voltage, with standard deviation. [V]
    rested : array of float, shape (m, 3), optional
        Moments at rest beside the curve: charge on the scale of `charge_ah` [Ah], voltage [V] and
        its standard deviation [V].
    near : ElectrodeFit, optional
        An earlier curve of the same battery, to begin from.

    Notes
    -----
    The covariance is that of the linearised fit, widened by how much neighbouring residuals are
    alike: what the half cells cannot follow is no noise.
    """
    begin = float(charge_ah[0] if is_charge else charge_ah[-1])
    moved = np.asarray(charge_ah, float) - begin
    volts = np.asarray(cell_voltage_v, float)
    if not is_charge:
        moved, volts = moved[::-1], volts[::-1]
    still = np.empty((0, 3)) if rested is None else np.asarray(rested, float)
    still_q = still[:, 0] - begin
    q = np.linspace(0.0, float(moved[-1]), _POINTS)
    v = np.interp(q, moved, volts)
    widths = (
        window.negative_full_frac - window.negative_empty_frac,
        window.positive_empty_frac - window.positive_full_frac,
    )
    likely = np.log(capacity_ah) - np.log(widths)

    eta_sd = np.array([polarisation_v[1], _TILT_FRAC * polarisation_v[1]])
    along = q / q[-1] - 0.5

    def at_rest(p: Array, charge: Array) -> Array:
        x = p[2] + charge / np.exp(p[0])
        y = p[3] - charge / np.exp(p[1])
        return np.asarray(potential_v(window.positive, y) - potential_v(window.negative, x))

    def model(p: Array) -> Array:
        return np.asarray(at_rest(p, q) + p[4] + p[5] * along)

    def residuals(p: Array) -> Array:
        prior = [(p[:2] - likely) / _SIZE_SD, (p[4:] - [polarisation_v[0], 0.0]) / eta_sd]
        rests = (at_rest(p, still_q) - still[:, 1]) / still[:, 2] * _RESTED_WEIGHT
        return np.concatenate([(model(p) - v) / _HUBER_V, rests, *prior])

    best = None
    for start in _begins(window, likely, float(q[-1]), capacity_ah, polarisation_v[0], near):
        found = least_squares(
            residuals, start, loss="soft_l1", x_scale=(0.1, 0.1, 0.05, 0.05, 0.02, 0.01)
        )
        if best is None or found.cost < best.cost:
            best = found
    assert best is not None
    p = np.asarray(best.x)
    left = model(p) - v
    misfit = float(np.sqrt(np.mean(left**2)))
    jac = _jacobian(model, p)
    still_jac = _jacobian(lambda at: at_rest(at, still_q), p) / still[:, 2:]
    spread = max(misfit, _LEAST_SD_V)
    information = jac.T @ jac / (spread**2 * _alikeness(left)) + still_jac.T @ still_jac
    information += np.diag([1 / _SIZE_SD**2] * 2 + [0.0, 0.0] + (1 / eta_sd**2).tolist())
    covariance = np.linalg.pinv(information)
    negative, positive = float(np.exp(p[0])), float(np.exp(p[1]))
    inventory = negative * float(p[2]) + positive * float(p[3])
    to_log = np.zeros((3, 6))
    to_log[0, 0] = to_log[1, 1] = 1.0
    to_log[2, :4] = (negative * p[2], positive * p[3], negative, positive)
    to_log[2] /= max(abs(inventory), 1e-9)
    return ElectrodeFit(
        negative,
        positive,
        inventory,
        float(p[4]),
        capacity_of(negative, positive, inventory, window, voltage_limits_v),
        misfit,
        to_log @ covariance @ to_log.T,
        _POINTS,
    )


def _begins(
    window: ElectrodeWindow,
    likely: Array,
    moved: float,
    capacity: float,
    polarisation: float,
    near: ElectrodeFit | None,
) -> list[Array]:
    sizes, eta = likely, polarisation
    if near is not None:
        sizes = np.log([near.negative_ah, near.positive_ah])
        eta = near.polarisation_v
    begins = []
    for empty in _STARTS if moved < 0.9 * capacity else _STARTS[:2]:
        x0 = window.negative_empty_frac + empty * (
            window.negative_full_frac - window.negative_empty_frac
        )
        y0 = window.positive_empty_frac + empty * (
            window.positive_full_frac - window.positive_empty_frac
        )
        begins.append(np.array([*sizes, x0, y0, eta, 0.0]))
    return begins


def _jacobian(model: object, p: Array) -> Array:
    assert callable(model)
    columns = []
    for k in range(p.size):
        step = np.zeros(p.size)
        step[k] = 1e-4
        columns.append((np.asarray(model(p + step)) - np.asarray(model(p - step))) / 2e-4)
    return np.stack(columns, axis=1)


def _alikeness(left: Array) -> float:
    """Return how many neighbouring residuals count as one."""
    centred = left - left.mean()
    power = float(np.sum(centred**2))
    if not power > 0:
        return 1.0
    rho = float(np.sum(centred[1:] * centred[:-1])) / power
    rho = min(max(rho, 0.0), 0.98)
    return (1 + rho) / (1 - rho)


def capacity_of(
    negative_ah: float,
    positive_ah: float,
    inventory_ah: float,
    window: ElectrodeWindow,
    voltage_limits_v: tuple[float, float],
) -> float:
    """Return the charge between two voltages at rest that such electrodes give. [Ah].

    Parameters
    ----------
    negative_ah, positive_ah, inventory_ah : float
        As in `ElectrodeFit`. [Ah]
    window : ElectrodeWindow
        Which electrodes.
    voltage_limits_v : tuple of float
        Low and high. [V]

    Examples
    --------
    >>> from batteryloop.reference.ocv import electrode_windows
    >>> w = electrode_windows()["NMC532"]
    >>> negative = 10 / (w.negative_full_frac - w.negative_empty_frac)
    >>> positive = 10 / (w.positive_empty_frac - w.positive_full_frac)
    >>> held = negative * w.negative_empty_frac + positive * w.positive_empty_frac
    >>> round(capacity_of(negative, positive, held, w, (2.8, 4.2)), 1)
    10.0
    """
    x = np.linspace(_EDGE_FRAC, 1 - _EDGE_FRAC, _TABLE)
    y = (inventory_ah - negative_ah * x) / positive_ah
    volts = potential_v(window.positive, y) - potential_v(window.negative, x)
    volts = np.maximum.accumulate(volts)
    low, high = voltage_limits_v
    ends = np.interp([low, high], volts, x)
    return float((ends[1] - ends[0]) * negative_ah)
