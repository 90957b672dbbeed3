"""The slope of a cell's open-circuit voltage over its charge: what turns volts into charge."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import NotKnown
from batteryloop.reference.ocv import ocv_curve

Array = NDArray[np.float64]
_N = 401
_SMOOTH_FRAC = 0.02
_STEEPEST_V = 4.0
_FLAT_V = 0.3
# Without a chemistry: a straight line from empty to full, whose slope only scales the gaps.
_PLAIN_LOW_V, _PLAIN_HIGH_V = 3.0, 4.2


@dataclass(frozen=True, slots=True)
class SlopeTable:
    """Slope over state of charge, and state of charge over voltage, evenly spaced.

    `slope_v` is in V per whole charge; `soc_frac` runs over `v_low` to `v_high`.
    """

    slope_v: Array
    soc_frac: Array
    v_low: float
    v_high: float
    is_known: bool

    @property
    def typical_slope_v(self) -> float:
        """The median slope, V over the whole charge."""
        return float(np.median(self.slope_v))

    @property
    def is_flat(self) -> bool:
        """Whether a cell's charge hardly shows in its voltage, or nobody knows if it does."""
        return not self.is_known or self.typical_slope_v < _FLAT_V


@cache
def slope_table(chemistry: str | None) -> SlopeTable:
    """Return the slope of `chemistry`, smoothed over 2 % of the charge; a line where unknown.

    Examples
    --------
    >>> slope_table("NMC622").typical_slope_v > 4 * slope_table("LFP").typical_slope_v
    True
    >>> slope_table(None).is_known
    False
    """
    soc = np.linspace(0.0, 1.0, _N)
    try:
        curve = ocv_curve(chemistry) if chemistry else None
    except NotKnown:
        curve = None
    if curve is None:
        line = np.linspace(0.0, 1.0, _N)
        span = _PLAIN_HIGH_V - _PLAIN_LOW_V
        return SlopeTable(np.full(_N, span), line, _PLAIN_LOW_V, _PLAIN_HIGH_V, False)
    half = _SMOOTH_FRAC
    above, below = np.minimum(soc + half, 1.0), np.maximum(soc - half, 0.0)
    slope = (curve.voltage_at(above) - curve.voltage_at(below)) / (above - below)
    v_low, v_high = float(curve.voltage_v[0]), float(curve.voltage_v[-1])
    volts = np.linspace(v_low, v_high, _N)
    return SlopeTable(np.clip(slope, 0.0, _STEEPEST_V), curve.soc_at(volts), v_low, v_high, True)
