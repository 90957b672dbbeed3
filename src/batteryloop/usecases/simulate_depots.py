"""Bring SIMULATED returns to depots: packs of one model a chemistry, each at its nearest city."""

from dataclasses import replace

import numpy as np
import polars as pl

from batteryloop.simulation.modules import facility_countries
from batteryloop.usecases.simulate_returns import ReturnsBatch

_PLACE = ("latitude", "longitude")


def of_one_model_each(batch: ReturnsBatch) -> ReturnsBatch:
    """Return the batch with every pack of a chemistry of one model, so that modules fit together.

    The model has the batch's median energy; masses follow in proportion.
    """
    median = pl.col("rated_energy_kwh").median().over("chemistry").round(0)
    returns = batch.returns.with_columns(
        mass_kg=(pl.col("mass_kg") / pl.col("rated_energy_kwh")).median().over("chemistry")
        * median,
        rated_energy_kwh=median,
    )
    return replace(batch, returns=returns)


def at_depots(batch: ReturnsBatch) -> pl.DataFrame:
    """Return the packs with the city of the network that is nearest, and its country."""
    lat, lon = (np.radians(batch.facilities[f"{n}_deg"].to_numpy()) for n in _PLACE)
    own_lat, own_lon = (np.radians(batch.returns[f"{n}_deg"].to_numpy())[:, None] for n in _PLACE)
    close = np.sin(own_lat) * np.sin(lat) + np.cos(own_lat) * np.cos(lat) * np.cos(own_lon - lon)
    names = batch.facilities["facility"].to_list()
    sites = [names[k] for k in close.argmax(axis=1)]
    countries = facility_countries()
    return batch.returns.with_columns(
        site=pl.Series(sites, dtype=pl.String),
        country=pl.Series([countries[site] for site in sites], dtype=pl.String),
    )
