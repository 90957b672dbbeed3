"""A simulated market whose lives and returns are known, for demonstrations and tests."""

from dataclasses import dataclass

import numpy as np

from batteryloop.circular.returns.types import Life, Sale

# Made up, to have something to show: no market's figures.
_REGIONS = {"EMEA": 1.0, "East China": 2.0, "North China": 0.8, "Singapore": 0.15}
_LIVES = {("car", "NMC622"): (11.0, 3.6), ("car", "LFP"): (14.0, 4.0), ("bus", "LFP"): (8.5, 4.5)}


@dataclass(frozen=True, slots=True)
class SimulatedMarket:
    """Sales, lives seen so far, and the truth behind them. Everything here is simulated."""

    sales: tuple[Sale, ...]
    lives: tuple[Life, ...]
    true_lives: dict[tuple[str, str], tuple[float, float]]
    true_sales: tuple[Sale, ...]
    now_year: int


def simulated_market(
    rng: np.random.Generator, *, now_year: int = 2026, last_year: int = 2042, n_lives: int = 600
) -> SimulatedMarket:
    """Return a made-up market with a rising share of LFP.

    Parameters
    ----------
    rng : numpy.random.Generator
        Chance of lives and of sales to come.
    now_year : int, optional
        The year after which sales are forecasts.
    last_year : int, optional
        Last year with sales.
    n_lives : int, optional
        Lives seen, ended and not.

    Examples
    --------
    >>> market = simulated_market(np.random.default_rng(1))
    >>> {sale.region for sale in market.sales} == set(market_regions())
    True
    """
    sales, true_sales = [], []
    for region, size in _REGIONS.items():
        for application, chemistry in _LIVES:
            level = rng.standard_normal()
            for year in range(2014, last_year + 1):
                growth = 60_000.0 * size / (1.0 + np.exp(-(year - 2025) / 3.0))
                lfp = 0.15 + 0.55 / (1.0 + np.exp(-(year - 2023) / 2.5))
                share = lfp if chemistry == "LFP" else 1.0 - lfp
                part = 0.85 if application == "car" else 0.15
                mass = growth * share * part
                ahead = max(year - now_year, 0)
                spread = 0.05 * np.sqrt(ahead)
                reach = float(np.exp(1.645 * spread))
                true = mass * float(np.exp(spread * level))
                sales.append(
                    Sale(region, application, chemistry, year, mass, mass / reach, mass * reach)
                )
                true_sales.append(Sale(region, application, chemistry, year, true, true, true))
    lives = []
    for (application, chemistry), (scale, shape) in _LIVES.items():
        for _ in range(n_lives // len(_LIVES)):
            age = float(rng.uniform(0.5, now_year - 2014))
            life = float(scale * rng.weibull(shape))
            lives.append(Life(application, chemistry, min(age, life), life <= age))
    return SimulatedMarket(tuple(sales), tuple(lives), dict(_LIVES), tuple(true_sales), now_year)


def market_regions() -> tuple[str, ...]:
    """Return the regions of the simulated market."""
    return tuple(_REGIONS)
