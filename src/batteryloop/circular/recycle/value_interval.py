"""What a balance is worth when prices are not known: an interval instead of a number."""

from functools import cache

import numpy as np

from batteryloop.circular.recycle.balance import balance_plant
from batteryloop.circular.recycle.economics import PlantValue, plant_value
from batteryloop.errors import ValueOutOfRange
from batteryloop.quantities import Estimate
from batteryloop.reference.material_prices import MaterialPrices
from batteryloop.reference.rows import rows

METHOD = "log-normal prices v1"


def value_estimate(
    value: PlantValue,
    rng: np.random.Generator,
    *,
    n_draws: int = 2000,
    confidence_frac: float = 0.9,
) -> Estimate:
    """Return the net value with an interval from the spread of prices [USD].

    Each product's price is drawn log-normal about its own, with the spread of `price_spread.csv`
    and independently of the others; reagents, energy and packs stay as they are. The median is
    given.

    Parameters
    ----------
    value : PlantValue
        From `plant_value`.
    rng : numpy.random.Generator
        Chance of the prices.
    n_draws : int, optional
        How many draws.
    confidence_frac : float, optional
        Of the interval [1].

    Examples
    --------
    >>> value = plant_value(balance_plant({"NMC622": 1.0}))
    >>> worth = value_estimate(value, np.random.default_rng(1))
    >>> worth.low < value.net_usd < worth.high
    True
    """
    fixed = value.net_usd - sum(value.products_usd.values())
    total = np.full(n_draws, fixed)
    for product, usd in value.products_usd.items():
        spread = _spread(_items().get(product, ""))
        total += usd * np.exp(spread * rng.standard_normal(n_draws))
    tail = 50.0 * (1.0 - confidence_frac)
    low, middle, high = np.percentile(total, [tail, 50.0, 100.0 - tail])
    return Estimate(
        "value_usd", float(middle), float(low), float(high), confidence_frac, METHOD, n_draws
    )


def pack_value(
    chemistry: str,
    mass_kg: float,
    rng: np.random.Generator,
    *,
    opening: str = "electrified",
    route: str = "hydro",
    steps: tuple[str, ...] = (),
    prices: MaterialPrices | None = None,
    confidence_frac: float = 0.9,
) -> Estimate:
    """Return what recycling one pack brings, net of reagents, energy and its price [USD].

    Wages, capital and transport are not in it.

    Raises
    ------
    ValueOutOfRange
        If the mass is not above 0.
    NotKnown
        If the chemistry has no known composition.

    Examples
    --------
    >>> worth = pack_value("NMC811", 400.0, np.random.default_rng(1))
    >>> worth.quantity, worth.is_known
    ('value_usd', True)
    """
    if not mass_kg > 0:
        raise ValueOutOfRange("pack", f"{mass_kg:g} kg", "above 0 kg")
    feed_t = {chemistry: mass_kg / 1000.0}
    balance = balance_plant(feed_t, opening=opening, route=route, steps=steps)
    return value_estimate(plant_value(balance, prices), rng, confidence_frac=confidence_frac)


@cache
def _items() -> dict[str, str]:
    return {row["name"]: row["price_item"] for row in rows(__package__, "streams.csv")}


@cache
def _spread(item: str) -> float:
    found = {r["item"]: float(r["spread_frac"]) for r in rows(__package__, "price_spread.csv")}
    return found.get(item, found["*"])
