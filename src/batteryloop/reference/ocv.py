"""Open-circuit voltage over state of charge, one curve a chemistry, from `ocv_curves.csv`."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batteryloop.errors import NotKnown
from batteryloop.reference.chemistries import chemistry as known_chemistry
from batteryloop.reference.half_cells import half_cell

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OcvCurve:
    """The open-circuit voltage of one cell at 25 °C, from empty (0) to full (1).

    Both arrays are of one length and strictly rising. [1], [V]
    """

    chemistry: str
    soc_frac: Array
    voltage_v: Array
    source: str

    def voltage_at(self, soc_frac: ArrayLike) -> Array:
        """Return the voltage at `soc_frac` (any shape); beyond the ends, that of the end, in V.

        Examples
        --------
        >>> float(ocv_curve("LFP").voltage_at(0.5).round(2))
        3.31
        """
        return np.asarray(
            np.interp(np.asarray(soc_frac, dtype=float), self.soc_frac, self.voltage_v)
        )

    def soc_at(self, voltage_v: ArrayLike) -> Array:
        """Return the state of charge at `voltage_v` (any shape), 0 to 1.

        Examples
        --------
        >>> curve = ocv_curve("NMC622")
        >>> float(curve.soc_at(curve.voltage_at(0.4)).round(6))
        0.4
        """
        return np.asarray(
            np.interp(np.asarray(voltage_v, dtype=float), self.voltage_v, self.soc_frac)
        )


@cache
def _rows() -> dict[str, OcvCurve]:
    text = files("batteryloop.reference").joinpath("ocv_curves.csv").read_text("utf-8")
    points: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        points.setdefault(row["chemistry"], []).append(row)
    return {
        chemistry: OcvCurve(
            chemistry,
            np.array([float(r["soc_frac"]) for r in rows]),
            np.array([float(r["voltage_v"]) for r in rows]),
            rows[0]["source"],
        )
        for chemistry, rows in points.items()
    }


def ocv_chemistries() -> tuple[str, ...]:
    """Return the chemistries that have a curve.

    Examples
    --------
    >>> "LFP" in ocv_chemistries()
    True
    """
    return tuple(_rows())


def ocv_curve(chemistry: str) -> OcvCurve:
    """Return the open-circuit voltage of `chemistry` (a name or an alias, whatever its case).

    Raises
    ------
    NotKnown
        If it is no chemistry, or one without a curve; the nearest three are offered.

    Examples
    --------
    >>> ocv_curve("ncm622").chemistry
    'NMC622'
    """
    name = known_chemistry(chemistry).name
    if name not in _rows():
        raise NotKnown.among("open-circuit curve of", name, _rows())
    return _rows()[name]


@dataclass(frozen=True, slots=True)
class ElectrodeWindow:
    """Between which lithiations a cell uses its electrodes: one row of `electrode_windows.csv`."""

    chemistry: str
    negative: str
    positive: str
    negative_empty_frac: float
    negative_full_frac: float
    positive_empty_frac: float
    positive_full_frac: float
    source: str

    def voltage_at(self, soc_frac: ArrayLike) -> Array:
        """Return positive less negative potential at `soc_frac` (any shape), in V.

        Examples
        --------
        >>> window = electrode_windows()["NMC532"]
        >>> [round(float(window.voltage_at(soc)), 2) for soc in (0.0, 1.0)]
        [2.8, 4.2]
        """
        soc = np.asarray(soc_frac, dtype=float)
        x = self.negative_empty_frac + (self.negative_full_frac - self.negative_empty_frac) * soc
        y = self.positive_empty_frac + (self.positive_full_frac - self.positive_empty_frac) * soc
        return np.asarray(half_cell(self.positive)(y) - half_cell(self.negative)(x))


@cache
def electrode_windows() -> dict[str, ElectrodeWindow]:
    """Return every electrode window by chemistry; the curves of `ocv_curves.csv` come from them."""
    text = files("batteryloop.reference").joinpath("electrode_windows.csv").read_text("utf-8")
    return {
        row["chemistry"]: ElectrodeWindow(
            row["chemistry"],
            row["negative"],
            row["positive"],
            float(row["negative_empty_frac"]),
            float(row["negative_full_frac"]),
            float(row["positive_empty_frac"]),
            float(row["positive_full_frac"]),
            row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    }
