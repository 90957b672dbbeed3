"""Open-circuit potentials of electrodes against lithium (or sodium), as published.

Each function takes the lithiation (share of the host's sites that are filled, array of any
shape, [1]) and returns the potential of the same shape, [V]. The full cell is the difference
between its positive and its negative electrode over the window each one is used in:
`electrode_windows.csv` holds the windows, `ocv_curves.csv` the result.
"""

import csv
from collections.abc import Callable
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import NotKnown

Array = NDArray[np.float64]

FARADAY_C_PER_MOL = 96485.33
GAS_J_PER_MOL_K = 8.314462


def graphite_safari_v(x_frac: Array) -> Array:
    """Return graphite's potential (Safari, Delacourt 2011, doi 10.1149/1.3567007).

    Examples
    --------
    >>> bool(abs(graphite_safari_v(np.array(0.394)) - 0.123) < 0.002)
    True
    """
    return np.asarray(
        0.6379
        + 0.5416 * np.exp(-305.5309 * x_frac)
        + 0.044 * np.tanh(-(x_frac - 0.1958) / 0.1088)
        - 0.1978 * np.tanh((x_frac - 1.0571) / 0.0854)
        - 0.6875 * np.tanh((x_frac + 0.0117) / 0.0529)
        - 0.0175 * np.tanh((x_frac - 0.5692) / 0.0875)
    )


def lfp_safari_v(y_frac: Array) -> Array:
    """Return iron phosphate's potential (Safari, Delacourt 2011, doi 10.1149/1.3567007)."""
    free = 1.0 - y_frac
    return np.asarray(
        3.4323
        - 0.8428 * np.exp(-80.2493 * free**1.3198)
        - 3.2474e-6 * np.exp(20.2645 * free**3.8003)
        + 3.2482e-6 * np.exp(20.2646 * free**3.7995)
    )


def graphite_mohtat_v(x_frac: Array) -> Array:
    """Return graphite's potential (Mohtat et al. 2020, doi 10.1149/1945-7111/aba5d1)."""
    steps = (
        (0.0120, 0.127, 0.016),
        (0.0118, 0.155, 0.016),
        (0.0035, 0.220, 0.020),
        (0.0095, 0.190, 0.013),
        (0.0145, 0.490, 0.020),
        (0.0800, 1.030, 0.055),
    )
    falls = sum(height * np.tanh((x_frac - at) / width) for height, at, width in steps)
    return np.asarray(0.063 + 0.8 * np.exp(-75 * (x_frac + 0.001)) - falls)


def nmc532_mohtat_v(y_frac: Array) -> Array:
    """Return NMC532's potential (Mohtat et al. 2020, doi 10.1149/1945-7111/aba5d1)."""
    smooth = np.polynomial.polynomial.polyval(
        y_frac, np.array([4.3452, -1.6518, 1.6225, -2.0843, 3.5146, -2.2166])
    )
    return np.asarray(smooth - 0.5623e-4 * np.exp(109.451 * y_frac - 100.006))


def graphite_siox_chen_v(x_frac: Array) -> Array:
    """Return graphite-SiOx's potential (Chen et al. 2020, doi 10.1149/1945-7111/ab9050)."""
    return np.asarray(
        1.9793 * np.exp(-39.3631 * x_frac)
        + 0.2482
        - 0.0909 * np.tanh(29.8538 * (x_frac - 0.1234))
        - 0.04478 * np.tanh(14.9159 * (x_frac - 0.2769))
        - 0.0205 * np.tanh(30.4444 * (x_frac - 0.6103))
    )


def nmc811_chen_v(y_frac: Array) -> Array:
    """Return NMC811's potential (Chen et al. 2020, doi 10.1149/1945-7111/ab9050)."""
    return np.asarray(
        -0.8090 * y_frac
        + 4.4875
        - 0.0428 * np.tanh(18.5138 * (y_frac - 0.5542))
        - 17.7326 * np.tanh(15.7890 * (y_frac - 0.3117))
        + 17.5842 * np.tanh(15.9308 * (y_frac - 0.3120))
    )


def graphite_kim_v(x_frac: Array) -> Array:
    """Return graphite's potential (Kim et al. 2011, doi 10.1149/1.3597614)."""
    steps = (
        (0.0351, 0.286, 0.083),
        (0.0045, 0.9, 0.119),
        (0.035, 0.99, 0.05),
        (0.0147, 0.5, 0.034),
        (0.102, 0.194, 0.142),
        (0.022, 0.98, 0.0164),
        (0.011, 0.124, 0.0226),
        (-0.0155, 0.105, 0.029),
    )
    falls = sum(height * np.tanh((x_frac - at) / width) for height, at, width in steps)
    return np.asarray(0.124 + 1.5 * np.exp(-70 * x_frac) - falls)


def nca_kim_v(y_frac: Array) -> Array:
    """Return NCA's potential (Kim et al. 2011, doi 10.1149/1.3597614)."""
    smooth = np.polynomial.polynomial.polyval(
        y_frac,
        np.array(
            [
                11.8058,
                -66.3691,
                264.427,
                -554.774,
                621.3475,
                -344.566,
                81.246,
                -23.488,
                15.056,
                -2.222,
                1.638,
            ]
        ),
    )
    return np.asarray(smooth - 0.61386 * np.exp(5.8201 * y_frac**136.4))


def graphite_ramadass_v(x_frac: Array) -> Array:
    """Return MCMB graphite's potential (Ramadass et al. 2004, doi 10.1149/1.1634273)."""
    return np.asarray(
        0.7222
        + 0.1387 * x_frac
        + 0.029 * x_frac**0.5
        - 0.0172 / x_frac
        + 0.0019 / x_frac**1.5
        + 0.2808 * np.exp(0.90 - 15 * x_frac)
        - 0.7984 * np.exp(0.4465 * x_frac - 0.4108)
    )


def lco_ramadass_v(y_frac: Array) -> Array:
    """Return cobalt oxide's potential (Ramadass et al. 2004, doi 10.1149/1.1634273).

    The published fit counts sites of the stretched scale 1.13 y; so does this one.
    """
    square = (1.13 * y_frac) ** 2
    above = np.polynomial.polynomial.polyval(
        square, np.array([-4.656, 88.669, -401.119, 342.909, -462.471, 433.434])
    )
    below = np.polynomial.polynomial.polyval(
        square, np.array([-1.0, 18.933, -79.532, 37.311, -73.083, 95.96])
    )
    return np.asarray(above / below)


def lmo_doyle_v(y_frac: Array) -> Array:
    """Return manganese spinel's potential (Doyle et al. 1996, doi 10.1149/1.1836921)."""
    return np.asarray(
        4.19829
        + 0.0565661 * np.tanh(-14.5546 * y_frac + 8.60942)
        - 0.0275479 * (1.0 / (0.998432 - y_frac) ** 0.492465 - 1.90111)
        - 0.157123 * np.exp(-0.04738 * y_frac**8)
        + 0.810239 * np.exp(-40.0 * (y_frac - 0.133875))
    )


def lto_yao_v(x_frac: Array) -> Array:
    """Return titanate's potential (Yao, Viswanathan 2024, doi 10.1021/acs.jpclett.3c03129).

    A Redlich-Kister free energy with one miscibility gap; between its phases it is flat.
    """
    omegas = (14025.5664, 15593.5771, -100475.7578, -26389.4648)
    low, high, flat = 0.1186100244522095, 0.8482373952865601, -155770.73438
    sites = np.clip(x_frac, 1e-6, 1 - 1e-6)
    skew = 1 - 2 * sites
    energy = -155432.9219 + GAS_J_PER_MOL_K * 300.0 * np.log(sites / (1 - sites))
    for power, omega in enumerate(omegas):
        bend = 2 * power * sites * (1 - sites) * skew ** (power - 1) if power else 0.0
        energy = energy + omega * (skew ** (power + 1) - bend)
    energy = np.where((sites >= low) & (sites <= high), flat, energy)
    return np.asarray(-energy / FARADAY_C_PER_MOL)


def _sites_filled(
    potential_v: Array, sites: tuple[tuple[float, float, float], ...], temperature_k: float
) -> Array:
    per_v = FARADAY_C_PER_MOL / (GAS_J_PER_MOL_K * temperature_k)
    return np.asarray(
        sum(
            share / (1.0 + np.exp(np.clip(per_v * (potential_v - at) / spread, -700, 700)))
            for at, share, spread in sites
        )
    )


def _of_sites(
    lithiation_frac: Array,
    sites: tuple[tuple[float, float, float], ...],
    low_v: float,
    high_v: float,
) -> Array:
    potential = np.linspace(low_v, high_v, 20_001)
    filled = _sites_filled(potential, sites, 298.15)
    return np.asarray(np.interp(lithiation_frac, filled[::-1], potential[::-1]))


def graphite_verbrugge_v(x_frac: Array) -> Array:
    """Return graphite's potential (Verbrugge et al. 2017, doi 10.1149/2.0341708jes).

    Six kinds of sites, each filling around a potential of its own.
    """
    sites = (
        (0.08843, 0.43336, 0.08611),
        (0.12799, 0.23963, 0.08009),
        (0.14331, 0.15018, 0.72469),
        (0.16984, 0.05462, 2.53277),
        (0.21446, 0.06744, 0.09470),
        (0.36325, 0.05476, 5.97354),
    )
    return _of_sites(x_frac, sites, -0.2, 1.8)


def nmc622_verbrugge_v(y_frac: Array) -> Array:
    """Return NMC622's potential (Verbrugge et al. 2017, doi 10.1149/2.0341708jes)."""
    sites = (
        (3.62274, 0.13442, 0.96710),
        (3.72645, 0.32460, 1.39712),
        (3.90575, 0.21118, 3.50500),
        (4.22955, 0.32980, 5.52757),
    )
    return _of_sites(y_frac, sites, 3.0, 5.2)


def _of_points(material: str) -> Callable[[Array], Array]:
    text = files("batteryloop.reference").joinpath("half_cell_points.csv").read_text("utf-8")
    rows = [r for r in csv.DictReader(text.splitlines()) if r["material"] == material]
    at = np.array([float(r["lithiation_frac"]) for r in rows])
    potential = np.array([float(r["potential_v"]) for r in rows])

    def potential_v(lithiation_frac: Array) -> Array:
        return np.asarray(np.interp(lithiation_frac, at, potential))

    return potential_v


HALF_CELLS: dict[str, Callable[[Array], Array]] = {
    "graphite-safari-2011": graphite_safari_v,
    "lfp-safari-2011": lfp_safari_v,
    "graphite-mohtat-2020": graphite_mohtat_v,
    "nmc532-mohtat-2020": nmc532_mohtat_v,
    "graphite-siox-chen-2020": graphite_siox_chen_v,
    "nmc811-chen-2020": nmc811_chen_v,
    "graphite-kim-2011": graphite_kim_v,
    "nca-kim-2011": nca_kim_v,
    "graphite-ramadass-2004": graphite_ramadass_v,
    "lco-ramadass-2004": lco_ramadass_v,
    "lmo-doyle-1996": lmo_doyle_v,
    "lto-yao-2024": lto_yao_v,
    "graphite-verbrugge-2017": graphite_verbrugge_v,
    "nmc622-verbrugge-2017": nmc622_verbrugge_v,
    "hard-carbon-chayambuka-2022": _of_points("hard-carbon-chayambuka-2022"),
    "nvpf-chayambuka-2022": _of_points("nvpf-chayambuka-2022"),
}


def half_cell(name: str) -> Callable[[Array], Array]:
    """Return the potential function called `name`.

    Raises
    ------
    NotKnown
        If there is no such electrode; the nearest three are offered.

    Examples
    --------
    >>> round(float(half_cell("lfp-safari-2011")(np.array(0.5))), 3)
    3.432
    """
    if name not in HALF_CELLS:
        raise NotKnown.among("electrode", name, HALF_CELLS)
    return HALF_CELLS[name]
