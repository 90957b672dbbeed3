"""The equations behind each form of `ageing_parameters.csv`: stress in, rate of loss out.

A rate times a power of the span is a loss, as a share of the value when new. Each function
takes the parameters of one law and the stress (one value a cell) and returns one rate a cell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batteryloop.reference.half_cells import GAS_J_PER_MOL_K

Array = NDArray[np.float64]
ZERO_DEGC_K = 273.15
REFERENCE_K = 298.15


@dataclass(frozen=True, slots=True)
class Stress:
    """What a cell goes through, averaged over a span; every array has one value a cell.

    `voltage_v` is the mean open-circuit voltage, `dod_frac` the depth of the daily cycle,
    `c_rate_per_h` the mean rate while current flows, `charge_rate_per_h` that of charging.
    """

    temperature_degc: Array
    soc_frac: Array
    voltage_v: Array
    dod_frac: Array
    c_rate_per_h: Array
    charge_rate_per_h: Array
    efc_per_day: Array

    @property
    def temperature_k(self) -> Array:
        """Absolute temperature. [K]."""
        return np.asarray(self.temperature_degc + ZERO_DEGC_K)


Parameters = Mapping[str, float]


def arrhenius(energy_j_per_mol: float, temperature_k: Array) -> Array:
    """Return how much faster than at 25 °C a process runs.

    Examples
    --------
    >>> float(arrhenius(50_000.0, np.array(308.15)).round(2))
    1.92
    """
    return np.asarray(
        np.exp(-energy_j_per_mol / GAS_J_PER_MOL_K * (1.0 / temperature_k - 1.0 / REFERENCE_K))
    )


def _arrhenius_cubic_soc(p: Parameters, s: Stress) -> Array:
    # Naumann 2018, eqs. 5-8: k_ref · Arrhenius · (c (soc - 0.5)³ + d), floored at 0
    shape = p["c"] * (s.soc_frac - 0.5) ** 3 + p["d"]
    speed = arrhenius(p["activation_energy_j_per_mol"], s.temperature_k)
    return np.asarray(p["k_ref"] * speed * np.maximum(shape, 0.0))


def _rate_cubic_dod(p: Parameters, s: Stress) -> Array:
    # Naumann 2020, eqs. 4-7: (a C + b)(c (dod - centre)³ + d), published in percent
    rate = np.maximum(p["a"] * s.c_rate_per_h + p["b"], 0.0)
    depth = np.maximum(p["c"] * (s.dod_frac - p["dod_centre"]) ** 3 + p["d"], 0.0)
    return np.asarray(p["scale"] * rate * depth)


def _voltage_arrhenius(p: Parameters, s: Stress) -> Array:
    # Schmalstieg 2014, eqs. 17 and 19: (a V + b) exp(-T0/T), days to the 0.75
    return np.asarray(
        np.maximum(p["a"] * s.voltage_v + p["b"], 0.0)
        * np.exp(-p["temperature_k"] / s.temperature_k)
    )


def _voltage_parabola_dod(p: Parameters, s: Stress) -> Array:
    # Schmalstieg 2014, eqs. 18 and 20: a (V - b)² + c + d dod, over charge throughput
    return np.maximum(p["a"] * (s.voltage_v - p["b"]) ** 2 + p["c"] + p["d"] * s.dod_frac, 0.0)


def _exponential_soc(p: Parameters, s: Stress) -> Array:
    # NREL's fits: a exp(b/T) exp(c soc/T)
    return np.asarray(p["a"] * np.exp((p["b"] + p["c"] * s.soc_frac) / s.temperature_k))


def _cold_linear_dod(p: Parameters, s: Stress) -> Array:
    # NREL's fits: (a + b C + c dod)(exp(d/T) + exp(-e/T)); d > 0 ages faster in the cold
    shape = p["a"] + p["b"] * s.c_rate_per_h + p["c"] * s.dod_frac
    thermal = np.exp(p["d"] / s.temperature_k) + np.exp(-p["e"] / s.temperature_k)
    return np.asarray(shape * thermal)


def _arrhenius_cubic_dod(p: Parameters, s: Stress) -> Array:
    # NREL's fit to Bank 2020: (a + b C + c dod³) exp(-d · 318.15 K/T)
    shape = p["a"] + p["b"] * s.c_rate_per_h + p["c"] * s.dod_frac**3
    return np.asarray(shape * np.exp(-p["d"] * p["norm_k"] / s.temperature_k))


def _smith_calendar(p: Parameters, s: Stress) -> Array:
    # Smith 2021: Arrhenius times a cubic in soc, with a cross term and a rise above 55 °C
    soc, kelvin = s.soc_frac, s.temperature_k
    shape = (
        p["p0"]
        + p["p1"] * soc
        + p["p2"] * soc**2
        + p["p3"] * soc**3
        + p["p4"] * soc * kelvin
        + p["p5"] * np.maximum(kelvin - 328.15, 0.0)
    )
    speed = arrhenius(p["activation_energy_j_per_mol"], kelvin)
    return np.asarray(speed * np.maximum(shape, 0.0))


def _smith_cycle(p: Parameters, s: Stress) -> Array:
    # Smith 2021: the calendar rate times what charging does to the layer on the graphite
    strain = np.sqrt(np.maximum(s.dod_frac * s.charge_rate_per_h, 0.0))
    cold = arrhenius(p["cold_energy_j_per_mol"], s.temperature_k)
    deep = arrhenius(p["deep_energy_j_per_mol"], s.temperature_k)
    charging = np.maximum(p["n0"] * cold * strain * (1.0 + p["n1"] * s.soc_frac) + p["n2"], 0.0)
    stress = charging + p["n3"] * deep * s.dod_frac**6
    return np.asarray(_smith_calendar(p, s) * stress * p["n4"])


def _constant(p: Parameters, s: Stress) -> Array:
    return np.full_like(s.temperature_degc, p["k"])


RATES: dict[str, Callable[[Parameters, Stress], Array]] = {
    "arrhenius-cubic-soc": _arrhenius_cubic_soc,
    "rate-cubic-dod": _rate_cubic_dod,
    "voltage-arrhenius": _voltage_arrhenius,
    "voltage-parabola-dod": _voltage_parabola_dod,
    "exponential-soc": _exponential_soc,
    "cold-linear-dod": _cold_linear_dod,
    "arrhenius-cubic-dod": _arrhenius_cubic_dod,
    "smith-calendar": _smith_calendar,
    "smith-cycle": _smith_cycle,
    "constant": _constant,
}
