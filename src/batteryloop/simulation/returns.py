"""Returned packs whose truth is known, and a network to send them to: all of it SIMULATED."""

import csv
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Chemistry: share of the returns, energy of a pack [kWh], energy density of a pack [kWh/kg] after
# EverBatt 2023 (154-205 Wh/kg), loss of health a year [1].
_KINDS: dict[str, tuple[float, float, float, float]] = {
    "LFP": (0.38, 52.0, 0.154, 0.020),
    "NMC622": (0.30, 62.0, 0.194, 0.027),
    "NMC811": (0.14, 75.0, 0.205, 0.030),
    "NMC111": (0.10, 38.0, 0.186, 0.029),
    "NCA": (0.08, 75.0, 0.200, 0.030),
}
# Where batteries come back: latitude, longitude, region, share.
_ORIGINS = (
    (48.9, 2.3, "EMEA", 0.14), (52.4, 4.9, "EMEA", 0.10), (51.5, 7.5, "EMEA", 0.16),
    (59.9, 10.8, "EMEA", 0.07), (41.4, 2.2, "EMEA", 0.06), (31.2, 121.5, "China", 0.20),
    (39.9, 116.4, "China", 0.11), (23.1, 113.3, "China", 0.08), (1.35, 103.8, "APAC", 0.08),
)  # fmt: skip
_BEFORE_EXPIRY_YEARS = 15.0


@dataclass(frozen=True, slots=True)
class SimulatedReturns:
    """SIMULATED packs: what a returns desk reads of them, and the truth that it cannot see.

    Arrays have one entry a pack. `soh_read_frac` is read with the noise `soh_sd_frac`, which is
    also the spread of the belief; beliefs are calibrated.
    """

    battery_ids: tuple[str, ...]
    chemistry: tuple[str, ...]
    energy_kwh: Floats
    mass_kg: Floats
    age_years: Floats
    soh_mean_frac: Floats
    soh_sd_frac: Floats
    spread_mean_frac: Floats
    spread_sd_frac: Floats
    unsafe_frac: Floats
    is_before_expiry: NDArray[np.bool_]
    latitude_deg: Floats
    longitude_deg: Floats
    region: tuple[str, ...]
    true_soh_frac: Floats
    true_spread_frac: Floats
    is_truly_unsafe: NDArray[np.bool_]


def simulated_returns(n_packs: int, *, rng: np.random.Generator) -> SimulatedReturns:
    """Return packs that came back, SIMULATED, with their truth.

    Health falls with age and varies from pack to pack; the desk knows that population and a
    reading from the battery management unit, and combines the two. A hidden defect is likelier
    in worn and uneven packs; three signs of different worth hint at it.

    Parameters
    ----------
    n_packs : int
        How many.
    rng : numpy.random.Generator
        The same state makes the same packs.

    Examples
    --------
    >>> returns = simulated_returns(3, rng=np.random.Generator(np.random.PCG64(1)))
    >>> returns.battery_ids[0]
    'SIM-R-00000'
    """
    names = list(_KINDS)
    figures = np.array(list(_KINDS.values()))
    kind = rng.choice(len(names), n_packs, p=figures[:, 0])
    energy = figures[kind, 1] * rng.lognormal(0.0, 0.18, n_packs)
    mass = energy / figures[kind, 2]
    age = np.clip(rng.gamma(9.0, 0.95, n_packs), 0.5, 20.0)
    centre = 1.0 - figures[kind, 3] * age
    population_sd = 0.045 + 0.004 * age
    soh = np.clip(centre + population_sd * rng.standard_normal(n_packs), 0.3, 1.02)
    noise = rng.choice([0.015, 0.03, 0.06], n_packs, p=[0.3, 0.45, 0.25])
    read = soh + noise * rng.standard_normal(n_packs)
    gain = population_sd**2 / (population_sd**2 + noise**2)
    spread = rng.gamma(2.2, 0.02, n_packs)
    spread_noise = 0.35 * 0.044
    spread_gain = 0.03**2 / (0.03**2 + spread_noise**2)
    spread_read = spread + spread_noise * rng.standard_normal(n_packs)
    log_odds = -5.2 + 6.0 * (0.8 - soh) + 14.0 * (spread - 0.044) + 0.08 * (age - 8.5)
    is_unsafe = rng.random(n_packs) < 1.0 / (1.0 + np.exp(-log_odds))
    prior = -5.2 + 6.0 * (0.8 - centre - gain * (read - centre))
    prior += 14.0 * spread_gain * (spread_read - 0.044) + 0.08 * (age - 8.5)
    for found, false_alarm in ((0.75, 0.05), (0.5, 0.08), (0.35, 0.04)):
        sign = rng.random(n_packs) < np.where(is_unsafe, found, false_alarm)
        prior += np.where(
            sign, np.log(found / false_alarm), np.log((1.0 - found) / (1.0 - false_alarm))
        )
    place = rng.choice(len(_ORIGINS), n_packs, p=[origin[3] for origin in _ORIGINS])
    where = np.array([origin[:2] for origin in _ORIGINS])[place]
    return SimulatedReturns(
        tuple(f"SIM-R-{i:05d}" for i in range(n_packs)),
        tuple(names[k] for k in kind),
        energy,
        mass,
        age,
        centre + gain * (read - centre),
        population_sd * np.sqrt(1.0 - gain),
        np.clip(0.044 + spread_gain * (spread_read - 0.044), 0.002, None),
        np.full(n_packs, 0.03 * np.sqrt(1.0 - spread_gain)),
        1.0 / (1.0 + np.exp(-prior)),
        age < _BEFORE_EXPIRY_YEARS,
        where[:, 0] + rng.normal(0.0, 1.5, n_packs),
        where[:, 1] + rng.normal(0.0, 1.5, n_packs),
        tuple(_ORIGINS[k][2] for k in place),
        soh,
        spread,
        is_unsafe,
    )


@dataclass(frozen=True, slots=True)
class SimulatedFacility:
    """A SIMULATED facility in a real city: its capacity is made up."""

    facility: str
    latitude_deg: float
    longitude_deg: float
    region: str
    fates: tuple[str, ...]
    capacity_kg: float


def simulated_facilities(mass_kg: float) -> tuple[SimulatedFacility, ...]:
    """Return a SIMULATED network of 20 facilities that takes 1.3 times `mass_kg` in all.

    Examples
    --------
    >>> network = simulated_facilities(1000.0)
    >>> len(network), round(sum(f.capacity_kg for f in network))
    (20, 1320)
    """
    text = files("batteryloop.simulation").joinpath("facilities.csv").read_text("utf-8")
    return tuple(
        SimulatedFacility(
            row["facility"],
            float(row["latitude_deg"]),
            float(row["longitude_deg"]),
            row["region"],
            tuple(row["fates"].split()),
            float(row["share_frac"]) * mass_kg,
        )
        for row in csv.DictReader(text.splitlines())
    )
