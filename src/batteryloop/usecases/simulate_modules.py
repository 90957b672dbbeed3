"""Simulate the modules of retired packs, as a bench measures them."""

import numpy as np
import polars as pl

from batteryloop.simulation.returns import simulated_returns

# A module of eight in series in a pack whose cells hold so much.
_RATED_AH = 120.0
_PER_PACK = 8
_RESISTANCE_NEW_OHM = 0.0035


def simulate_modules(n_packs: int, *, rng: np.random.Generator) -> pl.DataFrame:
    """Return SIMULATED modules with the packs they came from, as `match_modules` takes them.

    The weakest module of a pack has the pack's state of health, the best lies above by the pack's
    spread; resistance grows as capacity falls.

    Parameters
    ----------
    n_packs : int
        How many packs are taken apart, eight modules each.
    rng : numpy.random.Generator
        The same state makes the same modules.

    Examples
    --------
    >>> simulate_modules(2, rng=np.random.Generator(np.random.PCG64(1))).height
    16
    """
    made = simulated_returns(n_packs, rng=rng)
    shape = (n_packs, _PER_PACK)
    place = rng.random(shape)
    place = (place - place.min(axis=1, keepdims=True)) / np.ptp(place, axis=1, keepdims=True)
    soh = made.true_soh_frac[:, None] + made.true_spread_frac[:, None] * place
    worn = 1.0 + 1.6 * (1.0 - soh) + 0.03 * rng.standard_normal(shape)
    names = [name for name in made.battery_ids for _ in range(_PER_PACK)]
    return pl.DataFrame(
        {
            "module_id": [f"{name}-M{k % _PER_PACK + 1}" for k, name in enumerate(names)],
            "pack_id": names,
            "capacity_ah": (_RATED_AH * soh).ravel(),
            "resistance_ohm": (_RESISTANCE_NEW_OHM * worn).ravel(),
            "is_simulated": [True] * len(names),
        }
    )
