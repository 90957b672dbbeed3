"""What a balance is worth: products, reagents, energy, packs and added steps at given prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batteryloop.circular.recycle.types import PlantBalance
from batteryloop.reference.material_prices import MaterialPrices, material_prices
from batteryloop.reference.rows import rows


@dataclass(frozen=True, slots=True)
class PlantValue:
    """Value of a balance [USD]: by product, and what it costs by reagent, carrier, pack, step."""

    products_usd: dict[str, float]
    reagents_usd: dict[str, float]
    energy_usd: dict[str, float]
    feed_usd: dict[str, float]
    steps_usd: dict[str, float]
    feed_t: float
    dated: str

    @property
    def gross_usd_per_kg(self) -> float:
        """Products over the mass of the packs [USD/kg]."""
        return sum(self.products_usd.values()) / self.feed_t / 1000.0

    @property
    def net_usd(self) -> float:
        """Products less reagents, energy, packs and added steps; no wages, no capital [USD]."""
        costs = (self.reagents_usd, self.energy_usd, self.feed_usd, self.steps_usd)
        return sum(self.products_usd.values()) - sum(sum(cost.values()) for cost in costs)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "gross_usd_per_kg": self.gross_usd_per_kg,
            "net_usd": self.net_usd,
            "net_usd_per_kg": self.net_usd / self.feed_t / 1000.0,
            "products_usd": dict(self.products_usd),
            "reagents_usd": dict(self.reagents_usd),
            "energy_usd": dict(self.energy_usd),
            "feed_usd": dict(self.feed_usd),
            "steps_usd": dict(self.steps_usd),
            "prices_dated": self.dated,
        }


def plant_value(
    balance: PlantBalance,
    prices: MaterialPrices | None = None,
    *,
    step_costs_usd_per_t: Mapping[str, float] | None = None,
) -> PlantValue:
    """Return what a balance is worth at the prices, or at those that ship with the project.

    Raises
    ------
    NotKnown
        If a product, a reagent or an energy carrier has no price.

    Examples
    --------
    >>> from batteryloop.circular.recycle.balance import balance_plant
    >>> round(plant_value(balance_plant({"NMC622": 50_000})).gross_usd_per_kg, 2)
    4.71
    """
    table = material_prices() if prices is None else prices
    costs = step_costs() if step_costs_usd_per_t is None else step_costs_usd_per_t
    how = {row["name"]: row for row in rows(__package__, "streams.csv")}
    products: dict[str, float] = {}
    for name, flow in balance.leaving("product").items():
        item, on = how[name]["price_item"], how[name]["priced_on"]
        if not item:
            products[name] = 0.0
        elif item.endswith("_"):
            products[name] = sum(
                mass * 1000.0 * table.of("product", item + substance)
                for substance, mass in flow.substances_t.items()
            )
        else:
            mass = flow.mass_t if on == "mass" else flow.elements_t.get(on, 0.0)
            products[name] = mass * 1000.0 * table.of("product", item)
    feed = table.prices["feed"]
    return PlantValue(
        products,
        {
            name: mass * 1000.0 * table.of("reagent", name)
            for name, mass in balance.reagents_t().items()
        },
        {name: mj * table.of("energy_mj", name) for name, mj in balance.energy_mj().items()},
        {name: mass * 1000.0 * feed.get(name, 0.0) for name, mass in balance.feed_t.items()},
        {step: costs[step] * balance.mass_in_t for step in balance.steps},
        balance.mass_in_t,
        table.dated,
    )


def step_costs() -> dict[str, float]:
    """Return what each added step costs [USD per t of feed]: project defaults, not measured.

    Examples
    --------
    >>> step_costs()["iron_scrap"]
    3.0
    """
    found = rows(__package__, "added_step_costs.csv")
    return {row["step"]: float(row["cost_usd_per_t"]) for row in found}
