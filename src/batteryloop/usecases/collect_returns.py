"""Collect returned packs: tours of every depot, and which truck and paper took which pack."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from batteryloop.circular.collect import Hub, PickUp, TransportDocument, VehicleKind
from batteryloop.circular.triage.tables import transport_figures
from batteryloop.errors import ColumnMissing
from batteryloop.usecases.plan_collection import CollectionPlan, plan_collection
from batteryloop.usecases.ports import Refusal

NEEDED = (
    "battery_id", "mass_kg", "unsafe_frac", "latitude_deg", "longitude_deg", "site", "country",
)  # fmt: skip
# Project default: trucks of 12 t with certified drivers, as many as it takes.
FLEET = (VehicleKind("12 t", 1000, 6000.0, 16, 380.0, 1.2),)


@dataclass(frozen=True, slots=True)
class CollectedReturns:
    """The packs with tour and goods of each, and the plan of every depot.

    `returns` has two columns more: `tour` and `goods`, null where no tour took the pack; then
    `refused` says why.
    """

    returns: pl.DataFrame
    plans: dict[str, CollectionPlan]
    refused: tuple[Refusal, ...]

    @property
    def documents(self) -> dict[str, TransportDocument]:
        """Each truck's document, by tour."""
        return {name: d for plan in self.plans.values() for name, d in plan.documents.items()}

    @property
    def distance_km(self) -> float:
        """What all trucks drive [km]."""
        return sum(
            tour.distance_km
            for plan in self.plans.values()
            for hub in plan.plans
            for tour in hub.tours
        )

    @property
    def cost_eur(self) -> float:
        """What all tours cost [EUR]."""
        return sum(plan.cost_eur for plan in self.plans.values())

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return {
            "n_depots": len(self.plans),
            "n_tours": len(self.documents),
            "n_packs": self.returns.get_column("tour").drop_nulls().len(),
            "distance_km": self.distance_km,
            "cost_eur": self.cost_eur,
            "refused": [refusal.as_dict() for refusal in self.refused],
        }


def collect_returns(
    returns: pl.DataFrame,
    depots: pl.DataFrame,
    day: date,
    *,
    fleet: tuple[VehicleKind, ...] = FLEET,
    n_iterations: int = 200,
    seed: int = 0,
) -> CollectedReturns:
    """Return the packs with the tour that collects each, depot by depot.

    Whether a pack is to be used again is not decided yet, so none travels as waste; one that is
    likely defective travels as damaged.

    Parameters
    ----------
    returns : polars.DataFrame
        Columns `NEEDED`; `site` is the depot.
    depots : polars.DataFrame
        Columns `facility`, `latitude_deg`, `longitude_deg`.
    day : datetime.date
        Whose rules hold.
    fleet : tuple of VehicleKind, optional
        Trucks of each depot.
    n_iterations, seed : int, optional
        Of the search for tours.

    Raises
    ------
    ColumnMissing
        If a column is not there.
    """
    missing = [name for name in NEEDED if name not in returns.columns]
    if missing:
        raise ColumnMissing("returns", f"no column {', '.join(missing)}", ", ".join(NEEDED))
    defective = transport_figures()["defective_from_frac"]
    at = {row["facility"]: row for row in depots.iter_rows(named=True)}
    waiting: dict[tuple[str, str], list[PickUp]] = {}
    for row in returns.iter_rows(named=True):
        waiting.setdefault((row["site"], row["country"]), []).append(_pickup(row, defective))
    plans: dict[str, CollectionPlan] = {}
    refused: list[Refusal] = []
    for (site, country), pickups in sorted(waiting.items()):
        place = at[site]["latitude_deg"], at[site]["longitude_deg"]
        hub = Hub(site, f"Depot {site}", site, country, *place, is_plant=False)
        plan = plan_collection(pickups, [hub], fleet, day, n_iterations=n_iterations, seed=seed)
        plans[site] = plan
        refused += plan.refused
    tour: dict[str, str] = {}
    goods: dict[str, str] = {}
    for plan in plans.values():
        for name, document in plan.documents.items():
            for line in document.lines:
                tour[line.pickup_id], goods[line.pickup_id] = name, line.description
    names = returns.get_column("battery_id").to_list()
    with_tours = returns.with_columns(
        tour=pl.Series([tour.get(name) for name in names], dtype=pl.String),
        goods=pl.Series([goods.get(name) for name in names], dtype=pl.String),
    )
    return CollectedReturns(with_tours, plans, tuple(refused))


def _pickup(row: dict[str, Any], defective_frac: float) -> PickUp:
    name = str(row["battery_id"])
    return PickUp(
        name,
        f"Holder of {name}",
        f"near {row['site']}",
        str(row["country"]),
        float(row["latitude_deg"]),
        float(row["longitude_deg"]),
        float(row["mass_kg"]),
        condition="damaged" if row["unsafe_frac"] >= defective_frac else "intact",
        purpose="reuse",
    )
