"""What a second life is worth: net present value over draws of costs, prices and ageing."""

import numpy as np

from batteryloop.circular.repurpose.figures import figure
from batteryloop.circular.repurpose.types import Array, Worth
from batteryloop.quantities.estimate import Estimate

_METHOD = "net present value over draws v1"


def storage_worth(
    left_frac: Array,
    saved_eur: Array,
    saved_at_frac: Array,
    rng: np.random.Generator,
    *,
    energy_kwh: float,
    power_kw: float,
    modules_eur: float,
    promise_frac: float,
) -> Worth:
    """Return the worth of a storage.

    A year saves what the dispatch saves at what is then left, between the sizes that were run.
    What is missing of the promise at the end is paid back at the modules' price and repurposing.

    Parameters
    ----------
    left_frac : array, shape (n_draws, n_years + 1)
        Share of the energy left.
    saved_eur, saved_at_frac : array
        Saving of a year [EUR] at shares of the energy, rising.
    rng : numpy.random.Generator
        Draws costs, discount and later prices.
    energy_kwh, power_kw : float
        Of the storage.
    modules_eur : float
        What the modules cost.
    promise_frac : float
        What is promised to be left at the end of the term [1].

    Examples
    --------
    >>> left = np.ones((200, 11))
    >>> worth = storage_worth(left, np.array([0.0, 9e3]), np.array([0.0, 1.0]),
    ...     np.random.Generator(np.random.PCG64(1)), energy_kwh=100.0, power_kw=50.0,
    ...     modules_eur=4e3, promise_frac=0.7)
    >>> worth.npv_eur.low < worth.npv_eur.value < worth.npv_eur.high
    True
    """
    n_draws, n = left_frac.shape

    def drawn(name: str) -> Array:
        known = figure(name)
        if known.low == known.high:
            return np.full(n_draws, known.value)
        return np.asarray(rng.triangular(known.low, known.value, known.high, n_draws))

    def paid(repurpose: Array, power: Array, site: Array) -> Array:
        return modules_eur + repurpose * energy_kwh + power * power_kw + site

    repurpose = drawn("repurpose_cost")
    first = paid(repurpose, drawn("power_cost"), drawn("site_cost"))
    middle_left = (left_frac[:, 1:] + left_frac[:, :-1]) / 2
    saved = np.interp(middle_left, saved_at_frac, saved_eur) * drawn("saving_spread")[:, None]
    yearly = saved - (drawn("upkeep") * first)[:, None]
    counts = (1 + drawn("discount"))[:, None] ** -np.arange(1, n)
    short = np.maximum(promise_frac - left_frac[:, -1], 0.0)
    back = short * (modules_eur + repurpose * energy_kwh) * counts[:, -1]
    npv = (yearly * counts).sum(axis=1) - first - back
    low, value, high = np.quantile(npv, [0.05, 0.5, 0.95])
    middle = [np.array([figure(f"{part}_cost").value]) for part in ("repurpose", "power", "site")]
    paid_eur = float(paid(*middle)[0])
    saved_eur_per_year = float(np.interp(1.0, saved_at_frac, saved_eur))
    gain = saved_eur_per_year - figure("upkeep").value * paid_eur
    return Worth(
        Estimate("value_eur", float(value), float(low), float(high), 0.9, _METHOD, n_draws),
        float((npv < 0).mean()),
        paid_eur,
        saved_eur_per_year,
        paid_eur / gain if gain > 0 else None,
    )
