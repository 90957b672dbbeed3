"""How a kind of cell's charge curve changes with age: learnt from cells followed to their end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from batteryloop.errors import InputWrong
from batteryloop.health.charge_curve.curve import POSITIONS, ChargeCurve
from batteryloop.reference.charge_families import (
    ChargeFamily,
    Doubt,
    charge_doubt,
    charge_families,
)

Array = NDArray[np.float64]

HEALTHS = np.round(np.arange(0.15, 1.1201, 0.01), 2)
_LEARNT_POSITIONS = np.unique(
    np.concatenate(
        [np.arange(0, 0.03, 0.005), np.arange(0.03, 0.1, 0.01), np.arange(0.1, 1.001, 0.02)]
    )
)
_N_FIRST_LEFT_OUT = 4
_N_CURVES_MIN = 30
_KERNEL_FRAC = 0.012
_KERNEL_WEIGHT = 8.0
_EARLY_FRAC, _EARLY_SD_FRAC = 1.02, 0.02
_RATED_SD_FRAC = 0.005
_SHAPE_SD_V = 0.003
_N_SHAPES = 6.0
_ALIKE_V = 0.012
_SAME_RATE_FRAC = 0.25
_MIDDLE = (POSITIONS > 0.06) & (POSITIONS < 0.88)
_DEVIATION_SD_V = 0.003
_DEVIATION_KEPT_FRAC = 0.5
# From a cell that loses charge evenly all along the curve to one that loses it at the empty end.
_MODES = (0.0, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What charges of one cell should look like at every state of health.

    Parameters
    ----------
    voltage_v : array of float, shape (k, m, p)
        For each of k ways of ageing, at `HEALTHS` (m) and `POSITIONS` (p), as if the current had
        not tapered. [V]
    reference_soh_frac : float
        Where on `HEALTHS` the reference stands.
    polarisation_v : float
        By how much a current fallen to nothing is raised. [V]
    doubt : Doubt
        How far a charge may be off.
    name : str
        The family's, or "unknown".
    """

    voltage_v: Array
    reference_soh_frac: float
    polarisation_v: float
    doubt: Doubt
    name: str


def learn_charge_family(
    cells: Sequence[Sequence[ChargeCurve]],
    *,
    rated_capacity_ah: float,
    name: str,
    chemistry: str = "",
    source: str = "",
    doubt: Doubt | None = None,
) -> ChargeFamily:
    """Return the family of charge curves that cells went through as they aged.

    Each cell's curves are smoothed over its state of health (local lines, a kernel of 1.2 %), and
    the cells averaged. The first four charges of each are left out: new cells are not yet
    themselves.

    Parameters
    ----------
    cells : sequence of sequences of ChargeCurve
        Whole charges of each cell, new to worn out, each with the capacity beside it; all at one
        rate and between the same limits. At least 34 a cell.
    rated_capacity_ah : float
        What a state of health of 1 is. [Ah]
    name, chemistry, source : str
        Kept with the family.
    doubt : Doubt, optional
        By default that of the family that ships.

    Raises
    ------
    InputWrong
        If there is no cell, or one with too few curves.
    """
    if not cells or min(len(curves) for curves in cells) < _N_CURVES_MIN + _N_FIRST_LEFT_OUT:
        raise InputWrong(
            f"charge family {name}",
            f"cells with {', '.join(str(len(c)) for c in cells) or 'no'} charges",
            f"at least {_N_CURVES_MIN + _N_FIRST_LEFT_OUT} charges of each",
            "give the charges of cells that were followed as they aged",
        )
    kept = [list(curves)[_N_FIRST_LEFT_OUT:] for curves in cells]
    polarisation = float(np.median([curves[0].polarisation_v() for curves in kept]))
    each = [_smoothed(curves, rated_capacity_ah, polarisation) for curves in kept]
    first = kept[0][0]
    return ChargeFamily(
        name,
        chemistry,
        HEALTHS,
        POSITIONS,
        np.mean(each, axis=0),
        polarisation,
        first.current_a / rated_capacity_ah,
        len(cells),
        charge_doubt("CS2-LCO-C2") if doubt is None else doubt,
        source,
    )


def _smoothed(curves: Sequence[ChargeCurve], rated_ah: float, polarisation_v: float) -> Array:
    """Return the voltage at `HEALTHS` and `POSITIONS` by local lines over the state of health."""
    health = np.array([curve.capacity_ah for curve in curves]) / rated_ah
    voltage = np.array([curve.compensated(polarisation_v) for curve in curves])
    rows = []
    for at in HEALTHS:
        width = _KERNEL_FRAC
        weight = np.exp(-0.5 * ((health - at) / width) ** 2)
        while weight.sum() < min(_KERNEL_WEIGHT, len(curves) / 4):
            width *= 1.3
            weight = np.exp(-0.5 * ((health - at) / width) ** 2)
        line = np.column_stack([np.ones_like(health), health - at])
        # A little stiffness keeps the line level where all points lie on one side.
        normal = line.T @ (weight[:, None] * line) + np.diag([0.0, 1e-3])
        rows.append(np.linalg.solve(normal, line.T @ (weight[:, None] * voltage))[0])
    return np.array(rows)


def thinned(family: ChargeFamily) -> ChargeFamily:
    """Return the family at fewer states of health and positions, rounded to 0.1 mV, for a file."""
    soh = np.concatenate([HEALTHS[HEALTHS < 0.6][::5], HEALTHS[HEALTHS >= 0.6][::2]])
    table = on_grids(family)
    rows = table[np.searchsorted(HEALTHS, soh - 1e-9)]
    voltage = np.array([np.interp(_LEARNT_POSITIONS, POSITIONS, row) for row in rows])
    return replace(
        family, soh_frac=soh, position_frac=_LEARNT_POSITIONS, voltage_v=np.round(voltage, 4)
    )


def on_grids(family: ChargeFamily) -> Array:
    """Return the family's voltage at `HEALTHS` and `POSITIONS`, in V."""
    if family.voltage_v.shape == (HEALTHS.size, POSITIONS.size):
        return family.voltage_v
    along = CubicSpline(family.position_frac, family.voltage_v, axis=1)(POSITIONS)
    held = np.clip(HEALTHS, family.soh_frac[0], family.soh_frac[-1])
    return np.asarray(CubicSpline(family.soh_frac, along, axis=0)(held))


def family_of(reference: ChargeCurve) -> ChargeFamily | None:
    """Return the family that ships whose early curves the reference looks like, if there is one.

    Alike within 12 mV (root mean square over the middle of the charge, a shift let go), at a rate
    within a quarter.
    """
    near = [
        (misfit, family)
        for family in charge_families().values()
        if (misfit := _standing(reference, family)[1]) < _ALIKE_V
        and abs(reference.current_a / reference.capacity_ah / family.c_rate_per_h - 1)
        < _SAME_RATE_FRAC
    ]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def _standing(reference: ChargeCurve, family: ChargeFamily) -> tuple[float, float]:
    """Return the state of health whose curve the reference looks like most, and how far off.

    Its capacity over the rated capacity says most of it, if that is known; else the reference is
    early, and states of health near 1.02 are likelier beforehand.
    """
    likely, doubt = _EARLY_FRAC, _EARLY_SD_FRAC
    if reference.rated_capacity_ah is not None:
        likely, doubt = reference.capacity_ah / reference.rated_capacity_ah, _RATED_SD_FRAC
    table = on_grids(family)
    off = reference.compensated(family.polarisation_v)[_MIDDLE] - table[:, _MIDDLE]
    off = off - off.mean(axis=1, keepdims=True)
    square = (off**2).mean(axis=1)
    cost = _N_SHAPES * square / _SHAPE_SD_V**2 + ((HEALTHS - likely) / doubt) ** 2
    best = int(np.argmin(cost))
    return float(HEALTHS[best]), float(np.sqrt(square[best]))


def prediction(reference: ChargeCurve, family: ChargeFamily | None) -> Prediction:
    """Return what charges of the reference's cell should look like at every state of health.

    With a family: its curves, and of how the reference deviates from them one half or less: a
    single charge carries much of its own day. Without: the reference itself, losing charge evenly
    all along, at its empty end, or between the two; that leaves much open.
    """
    if family is None:
        return _unlearnt(reference)
    standing, _ = _standing(reference, family)
    table = on_grids(family)
    own = np.array([np.interp(standing, HEALTHS, column) for column in table.T])
    deviation = reference.compensated(family.polarisation_v) - own
    middle = deviation[_MIDDLE]
    square = float(np.mean((middle - middle.mean()) ** 2))
    kept = _DEVIATION_KEPT_FRAC / (1 + square / _DEVIATION_SD_V**2)
    return Prediction(
        (table + kept * deviation)[None],
        standing,
        family.polarisation_v,
        _of_one_more(family.doubt, family.n_cells),
        family.name,
    )


def _of_one_more(doubt: Doubt, n_cells: int) -> Doubt:
    """Return the doubt of a cell predicted by the mean of `n_cells`; it is stated for one."""
    share = float(np.sqrt((1 + 1 / max(n_cells, 1)) / 2))
    changes = {
        field: getattr(doubt, field) * share
        for field in Doubt.__dataclass_fields__
        if field not in {"bend_ratio_frac", "scale_frac"}
    }
    return replace(doubt, **changes)


def _unlearnt(reference: ChargeCurve) -> Prediction:
    polarisation = reference.polarisation_v()
    new = reference.compensated(polarisation)
    ways = [
        [np.interp(1 - (1 - POSITIONS) * min(soh, 1.0) ** mode, POSITIONS, new) for soh in HEALTHS]
        for mode in _MODES
    ]
    return Prediction(np.array(ways), 1.0, polarisation, charge_doubt("unknown"), "unknown")
