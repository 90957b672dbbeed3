"""Frozen records of a second life: modules, the site's year, the design and what it gives."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batteryloop.quantities.estimate import Estimate

Array = NDArray[np.float64]
USES = ("peak-shaving", "self-consumption", "fast-charge-buffer", "grid-service")


@dataclass(frozen=True, slots=True)
class GradedModule:
    """A module as it was graded: what it holds now, and how sure that is (90 %)."""

    module_id: str
    chemistry: str
    energy_kwh: float
    soh_frac: float
    soh_low_frac: float
    soh_high_frac: float
    price_eur: float = 0.0


@dataclass(frozen=True, slots=True)
class Site:
    """A year of a site, hour by hour, and its tariff.

    Parameters
    ----------
    price_eur_per_kwh, load_kw, pv_kw : array, shape (n_hours,)
        What buying costs, what is used, what the panels could give.
    export_frac : float
        What a kilowatt hour fed in earns, as share of the price of that hour; below zero it
        costs the price.
    peak_eur_per_kw : float
        Demand charge on the highest import of a month.
    import_max_kw : float
        What the connection takes.
    unserved_eur_per_kwh : float
        What a kilowatt hour that could not be served costs.
    reserve_eur_per_kw_h : float
        What a kilowatt held ready for an hour earns.
    """

    price_eur_per_kwh: Array
    load_kw: Array
    pv_kw: Array
    export_frac: float = 0.5
    peak_eur_per_kw: float = 0.0
    import_max_kw: float = float("inf")
    unserved_eur_per_kwh: float = 1.0
    reserve_eur_per_kw_h: float = 0.0


@dataclass(frozen=True, slots=True)
class DispatchResult:
    """What a year costs with a storage, and how it was used."""

    energy_kwh: float
    power_kw: float
    cost_eur: float
    throughput_kwh: float
    soc_mean_frac: float
    depth_mean_frac: float
    peak_max_kw: float
    unserved_kwh: float
    self_consumed_frac: float
    both_ways_kwh: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class SecondLifeForecast:
    """Share of the starting energy left after each year, with its interval, and the warranty."""

    years: tuple[int, ...]
    left: tuple[Estimate, ...]
    promise_frac: float
    term_years: int
    break_frac: float
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return {
            "years": list(self.years),
            "left": [estimate.as_dict() for estimate in self.left],
            "promise_frac": self.promise_frac,
            "term_years": self.term_years,
            "break_frac": self.break_frac,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Worth:
    """Net present value with its interval, and what it is made of at the middle figures."""

    npv_eur: Estimate
    loss_frac: float
    paid_eur: float
    saved_eur_per_year: float
    payback_years: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return {**asdict(self), "npv_eur": self.npv_eur.as_dict()}


@dataclass(frozen=True, slots=True)
class Design:
    """A storage sized for a use: which modules, how much, how used, how long, what worth."""

    use: str
    chemistry: str
    module_ids: tuple[str, ...]
    energy_kwh: float
    power_kw: float
    without: DispatchResult
    with_storage: DispatchResult
    forecast: SecondLifeForecast
    worth: Worth

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "use": self.use,
            "chemistry": self.chemistry,
            "module_ids": list(self.module_ids),
            "energy_kwh": self.energy_kwh,
            "power_kw": self.power_kw,
            "without": self.without.as_dict(),
            "with_storage": self.with_storage.as_dict(),
            "forecast": self.forecast.as_dict(),
            "worth": self.worth.as_dict(),
        }
