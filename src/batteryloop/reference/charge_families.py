"""How charge curves of known kinds of cell change as they age, from `charge_families.csv`."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Doubt:
    """How far a charge may be off its prediction: standard deviations, on top of the noise.

    Parameters
    ----------
    offset_v, offset_growth_v : float
        Shift of the voltage in proportion to the current (resistance, temperature): when as old
        as the reference, and how much it grows for a whole capacity lost. [V]
    tilt_v, tilt_growth_v : float
        Tilt over a quarter of the charge to either side. [V]
    bend_ratio_frac : float
        Bend over the tilt.
    stretch_frac : float
        Stretch of the curve along the charge.
    shape_v : float
        What is left at each hundredth and a half of the charge. [V]
    switch_v, taper_v : float
        Further about the switch to constant voltage, and all along the taper. [V]
    scale_frac : float
        Error of the capacity's scale, the reference's included.
    """

    offset_v: float
    offset_growth_v: float
    tilt_v: float
    tilt_growth_v: float
    bend_ratio_frac: float
    stretch_frac: float
    shape_v: float
    switch_v: float
    taper_v: float
    scale_frac: float


@dataclass(frozen=True, slots=True)
class ChargeFamily:
    """Charge curves of one kind of cell over its life: voltage by state of health and position.

    Parameters
    ----------
    soh_frac : array of float, shape (m,)
        Capacity over rated capacity, rising.
    position_frac : array of float, shape (p,)
        Share of the charge that has flowed, 0 to 1.
    voltage_v : array of float, shape (m, p)
        Of one cell, raised as if the current had not tapered. [V]
    polarisation_v : float
        By how much a current fallen to nothing was raised. [V]
    c_rate_per_h : float
        Constant current over rated capacity.
    doubt : Doubt
        Of one more cell of the kind.
    """

    name: str
    chemistry: str
    soh_frac: Array
    position_frac: Array
    voltage_v: Array
    polarisation_v: float
    c_rate_per_h: float
    n_cells: int
    doubt: Doubt
    source: str


_DOUBTS = tuple(Doubt.__dataclass_fields__)


def _rows(name: str) -> list[dict[str, str]]:
    text = files("batteryloop.reference").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def charge_families() -> dict[str, ChargeFamily]:
    """Return every family that ships with the curves of its life, by name."""
    curves = _rows("charge_family_curves.csv")
    found = {}
    for row in _rows("charge_families.csv"):
        own = [c for c in curves if c["family"] == row["name"]]
        if not own:
            continue
        soh = np.unique([float(c["soh_frac"]) for c in own])
        position = np.unique([float(c["position_frac"]) for c in own])
        voltage = np.array([float(c["voltage_v"]) for c in own])
        found[row["name"]] = ChargeFamily(
            row["name"],
            row["chemistry"],
            soh,
            position,
            voltage.reshape(soh.size, position.size),
            float(row["polarisation_v"]),
            float(row["c_rate_per_h"]),
            int(row["n_cells"]),
            charge_doubt(row["name"]),
            row["source"],
        )
    return found


@cache
def charge_doubt(name: str) -> Doubt:
    """Return the doubt of the row `name`; "unknown" is that of a kind that was never followed.

    Examples
    --------
    >>> charge_doubt("unknown").shape_v >= charge_doubt("CS2-LCO-C2").shape_v
    True
    """
    row = next(row for row in _rows("charge_families.csv") if row["name"] == name)
    return Doubt(**{field: float(row[field]) for field in _DOUBTS})
