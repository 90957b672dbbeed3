"""Modules of opened packs as a bench would measure them: SIMULATED, in step with the truth."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Cells of a module differ less than modules of a pack.
_CELL_SPREAD_FRAC = 0.004


@dataclass(frozen=True, slots=True)
class SimulatedModule:
    """A SIMULATED module: what it gives, and what each of its cells gives [1]."""

    serial: str
    soh_frac: float
    resistance_ratio_frac: float
    cells_soh_frac: tuple[float, ...]


def simulated_modules(
    serials: Sequence[str],
    soh_frac: float,
    spread_frac: float,
    *,
    n_cells: int,
    rng: np.random.Generator,
) -> tuple[SimulatedModule, ...]:
    """Return the modules of a pack: the weakest has `soh_frac`, the best lies above by spread.

    Parameters
    ----------
    serials : sequence of str
        One a module.
    soh_frac, spread_frac : float
        The pack's truth [1].
    n_cells : int
        Cells of a module.
    rng : numpy.random.Generator
        The same state makes the same modules.

    Examples
    --------
    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> made = simulated_modules(["a", "b"], 0.8, 0.1, n_cells=2, rng=rng)
    >>> sorted(round(module.soh_frac, 3) for module in made)
    [0.8, 0.9]
    """
    places = rng.random(len(serials))
    places = (places - places.min()) / max(float(np.ptp(places)), 1e-12)
    found = []
    for serial, place in zip(serials, places, strict=True):
        soh = soh_frac + spread_frac * float(place)
        cells = soh + _CELL_SPREAD_FRAC * rng.random(n_cells)
        cells[int(rng.integers(n_cells))] = soh
        ratio = 1.0 + 1.6 * (1.0 - soh) + 0.02 * float(rng.standard_normal())
        found.append(SimulatedModule(serial, soh, ratio, tuple(float(c) for c in cells)))
    return tuple(found)


@cache
def facility_countries() -> dict[str, str]:
    """Return the country of each city of the SIMULATED network.

    Examples
    --------
    >>> facility_countries()["Rotterdam"]
    'NL'
    """
    text = files("batteryloop.simulation").joinpath("facility_countries.csv").read_text("utf-8")
    return {row["facility"]: row["country"] for row in csv.DictReader(text.splitlines())}
