"""Simulate returned packs and a network: tables as triage takes them, and the truth beside."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from batteryloop.simulation.returns import simulated_facilities, simulated_returns

# Two-sided 90 %.
_SDS = 1.6449


@dataclass(frozen=True, slots=True)
class ReturnsBatch:
    """SIMULATED: the returns desk's table, the network's, and the truth."""

    returns: pl.DataFrame
    facilities: pl.DataFrame
    truth: pl.DataFrame


def simulate_returns(n_packs: int, *, rng: np.random.Generator) -> ReturnsBatch:
    """Return a SIMULATED batch of returned packs with its network and its truth.

    Parameters
    ----------
    n_packs : int
        How many packs.
    rng : numpy.random.Generator
        The same state makes the same batch.
    """
    made = simulated_returns(n_packs, rng=rng)
    low_spread = np.maximum(made.spread_mean_frac - _SDS * made.spread_sd_frac, 0.0)
    returns = pl.DataFrame(
        {
            "battery_id": made.battery_ids,
            "chemistry": made.chemistry,
            "rated_energy_kwh": made.energy_kwh,
            "mass_kg": made.mass_kg,
            "soh_frac": made.soh_mean_frac,
            "soh_low_frac": made.soh_mean_frac - _SDS * made.soh_sd_frac,
            "soh_high_frac": made.soh_mean_frac + _SDS * made.soh_sd_frac,
            "spread_frac": made.spread_mean_frac,
            "spread_low_frac": low_spread,
            "spread_high_frac": 2.0 * made.spread_mean_frac - low_spread,
            "unsafe_frac": made.unsafe_frac,
            "expires_on": ["2999-12-31" if ok else "2020-01-01" for ok in made.is_before_expiry],
            "latitude_deg": made.latitude_deg,
            "longitude_deg": made.longitude_deg,
            "region": made.region,
            "is_simulated": [True] * n_packs,
        }
    )
    network = simulated_facilities(float(made.mass_kg.sum()))
    facilities = pl.DataFrame(
        {
            "facility": [f.facility for f in network],
            "latitude_deg": [f.latitude_deg for f in network],
            "longitude_deg": [f.longitude_deg for f in network],
            "region": [f.region for f in network],
            "fates": [" ".join(f.fates) for f in network],
            "capacity_kg": [f.capacity_kg for f in network],
            "is_simulated": [True] * len(network),
        }
    )
    truth = pl.DataFrame(
        {
            "battery_id": made.battery_ids,
            "true_soh_frac": made.true_soh_frac,
            "true_spread_frac": made.true_spread_frac,
            "is_truly_unsafe": made.is_truly_unsafe,
        }
    )
    return ReturnsBatch(returns, facilities, truth)
