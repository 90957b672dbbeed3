"""Simulate the modules of retired packs, as a bench measures them."""

import numpy as np
import polars as pl

from batteryloop.simulation.modules import simulated_modules
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
    rows = [
        {
            "module_id": module.serial,
            "pack_id": name,
            "capacity_ah": _RATED_AH * module.soh_frac,
            "resistance_ohm": _RESISTANCE_NEW_OHM * module.resistance_ratio_frac,
            "is_simulated": True,
        }
        for name, soh, spread in zip(
            made.battery_ids, made.true_soh_frac, made.true_spread_frac, strict=True
        )
        for module in simulated_modules(
            [f"{name}-M{k + 1}" for k in range(_PER_PACK)], float(soh), float(spread),
            n_cells=1, rng=rng,
        )
    ]  # fmt: skip
    return pl.DataFrame(rows)
