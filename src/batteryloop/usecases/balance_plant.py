"""Judge a recycling plant: balance, value, emissions, and the law on each day asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from batteryloop.circular.recycle.balance import balance_plant
from batteryloop.circular.recycle.economics import PlantValue, plant_value
from batteryloop.circular.recycle.energy import fuel_emissions_kgco2e
from batteryloop.circular.recycle.improve import Improvement, improve_plant
from batteryloop.circular.recycle.targets import TargetResult, check_targets
from batteryloop.circular.recycle.types import PlantBalance
from batteryloop.circular.recycle.value_interval import value_estimate
from batteryloop.quantities import Estimate
from batteryloop.reference.material_prices import MaterialPrices


@dataclass(frozen=True, slots=True)
class PlantReport:
    """A plant's balance with its value, its emissions, its targets by day, and what to change."""

    balance: PlantBalance
    value: PlantValue
    net_usd: Estimate | None
    process_kgco2: float
    energy_kgco2e: float
    targets: dict[date, tuple[TargetResult, ...]]
    improvements: dict[date, Improvement]

    def passes(self, day: date) -> bool:
        """Whether every target of a day is reached."""
        return all(result.passes for result in self.targets[day])

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data; `flows` in `balance` are the links of a Sankey."""
        return {
            "balance": self.balance.as_dict(),
            "value": self.value.as_dict(),
            "net_usd": self.net_usd.as_dict() if self.net_usd else None,
            "process_kgco2": self.process_kgco2,
            "energy_kgco2e": self.energy_kgco2e,
            "targets": {
                day.isoformat(): [result.as_dict() for result in results]
                for day, results in self.targets.items()
            },
            "improvements": {
                day.isoformat(): plan.as_dict() for day, plan in self.improvements.items()
            },
        }


def report_plant(
    feed_t: Mapping[str, float],
    days: Sequence[date],
    *,
    opening: str = "thermal",
    route: str = "hydro",
    steps: Sequence[str] = (),
    counting: str = "whole",
    prices: MaterialPrices | None = None,
    grid_kgco2e_per_kwh: float = 0.25,
    is_improved: bool = True,
    rng: np.random.Generator | None = None,
) -> PlantReport:
    """Return a plant's report; for each day whose targets it misses, also what would pass.

    Parameters
    ----------
    feed_t : mapping of str to float
        Mass of each chemistry [t]; all of it must be taken.
    days : sequence of datetime.date
        Days whose targets are checked.
    opening, route, steps, counting, prices
        As the room takes them.
    grid_kgco2e_per_kwh : float, optional
        Carbon of the electricity bought [kg CO2e/kWh].
    is_improved : bool, optional
        Whether to look for added steps where a target is missed.
    rng : numpy.random.Generator, optional
        Chance of prices; without it the value has no interval.

    Raises
    ------
    InputWrong
        If a mass, a chemistry, an opening, a route, a step or a rule cannot be.

    Examples
    --------
    >>> report = report_plant({"LFP": 50e3}, [date(2027, 12, 31)], is_improved=False)
    >>> report.passes(date(2027, 12, 31))
    False
    """
    balance = balance_plant(feed_t, opening=opening, route=route, steps=tuple(steps))
    targets = {day: check_targets(balance, day, counting=counting) for day in days}
    improvements = {
        day: improve_plant(
            balance.feed_t,
            balance.mass_in_t,
            day,
            must_take_t=balance.feed_t,
            opening=opening,
            route=route,
            counting=counting,
            prices=prices,
        )
        for day, results in targets.items()
        if is_improved and not all(result.passes for result in results)
    }
    carbon_t = sum(
        flow.substances_t.get("CO2", 0.0) for flow in balance.leaving("emission").values()
    )
    value = plant_value(balance, prices)
    return PlantReport(
        balance,
        value,
        value_estimate(value, rng) if rng is not None else None,
        carbon_t * 1000.0,
        fuel_emissions_kgco2e(balance.energy_mj(), grid_kgco2e_per_kwh),
        targets,
        improvements,
    )
