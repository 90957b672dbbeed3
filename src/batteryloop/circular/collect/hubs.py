"""Consolidation: which hubs to run, and which pick-up goes to which."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from batteryloop.circular.collect.goods import limit
from batteryloop.circular.collect.network import Array, great_circle_km
from batteryloop.circular.collect.types import Hub, PickUp
from batteryloop.errors import InputWrong


@dataclass(frozen=True, slots=True)
class Consolidation:
    """Which hub takes each pick-up, and what is hauled on from hub to plant."""

    hub_of: dict[str, str]
    trunk_kg: dict[str, float]
    plant_of: dict[str, str]
    trunk_eur: float
    estimated_eur: float
    bound_eur: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {name: getattr(self, name) for name in self.__slots__}


def consolidate(
    pickups: Sequence[PickUp],
    hubs: Sequence[Hub],
    *,
    truck_eur_per_km: float,
    truck_payload_kg: float,
    eur_per_usd_frac: float = 0.92,
) -> Consolidation:
    """Return the cheapest assignment of pick-ups to hubs, by an integer programme.

    Fetching costs are estimated as a truck's way there and back, shared by what fits into it; the
    tours themselves are planned afterwards. What a hub gathers goes on to the nearest plant in
    heavy trucks, by `limits.csv`; a plant is a hub itself.

    Parameters
    ----------
    pickups : sequence of PickUp
        What is to be fetched.
    hubs : sequence of Hub
        With capacity for the day and what running one for the day costs.
    truck_eur_per_km, truck_payload_kg : float
        Of the trucks that fetch.
    eur_per_usd_frac : float, optional
        Rate for figures in USD [EUR/USD]; the user's to set.

    Raises
    ------
    InputWrong
        If there is no plant, or the hubs together are too small.

    Examples
    --------
    >>> plant = Hub("P", "Plant", "A", "FR", 45.2, 5.7)
    >>> far = Hub("F", "Far", "B", "FR", 48.9, 2.3, day_eur=100.0, is_plant=False)
    >>> site = PickUp("S1", "Garage", "Lyon", "FR", 45.8, 4.8, 300.0)
    >>> consolidate([site], [plant, far], truck_eur_per_km=1.2, truck_payload_kg=3e3).hub_of
    {'S1': 'P'}
    """
    plants = [k for k, hub in enumerate(hubs) if hub.is_plant]
    if not plants:
        raise InputWrong("hubs", "none of them is a plant", "at least one with is_plant = true")
    at: list[Hub | PickUp] = [*hubs, *pickups]
    km = limit("road_detour") * great_circle_km(
        np.array([p.latitude_deg for p in at]), np.array([p.longitude_deg for p in at])
    )
    n, m = len(pickups), len(hubs)
    mass = np.array([p.mass_kg for p in pickups])
    plant = [k if hubs[k].is_plant else min(plants, key=lambda p: km[k, p]) for k in range(m)]
    trunk = np.array([km[k, plant[k]] for k in range(m)]) * (
        2 * limit("trunk_cost") * eur_per_usd_frac / limit("trunk_payload")
    )
    share = np.minimum(mass / truck_payload_kg, 1.0)
    cost = 2 * truck_eur_per_km * km[m:, :m] * share[:, None] + mass[:, None] * trunk
    chosen, bound = _assign(cost, mass, hubs)
    gathered = {
        hub.hub_id: float(mass[chosen == k].sum())
        for k, hub in enumerate(hubs)
        if (chosen == k).any()
    }
    estimated = float(cost[np.arange(n), chosen].sum()) + sum(
        hub.day_eur for hub in hubs if hub.hub_id in gathered
    )
    return Consolidation(
        {p.pickup_id: hubs[k].hub_id for p, k in zip(pickups, chosen, strict=True)},
        gathered,
        {hub.hub_id: hubs[plant[k]].hub_id for k, hub in enumerate(hubs)},
        float((mass * trunk[chosen]).sum()),
        estimated,
        bound,
    )


def _assign(cost: Array, mass: Array, hubs: Sequence[Hub]) -> tuple[Array, float]:
    """Solve min cost x + day y; each pick-up once; mass within the capacity of open hubs."""
    n, m = cost.shape
    total = float(mass.sum())
    size = np.array([min(hub.capacity_kg, total) for hub in hubs])
    if size.sum() < total - 1e-9:
        raise InputWrong(
            "hubs",
            f"take {size.sum():,.0f} kg together",
            f"at least the {total:,.0f} kg that wait",
            "add a hub, or put some off to another day",
        )
    pick, hub = np.divmod(np.arange(n * m), m)
    once = coo_array((np.ones(n * m), (pick, np.arange(n * m))), shape=(n, n * m + m))
    fits = coo_array(
        (
            np.concatenate([mass[pick], -size]),
            (np.concatenate([hub, np.arange(m)]), np.arange(n * m + m)),
        ),
        shape=(m, n * m + m),
    )
    solved = milp(
        np.concatenate([cost.ravel(), [h.day_eur for h in hubs]]),
        integrality=np.ones(n * m + m),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(once.tocsc(), lb=1.0, ub=1.0),
            LinearConstraint(fits.tocsc(), ub=0.0),
        ],
        options={"time_limit": 30.0, "mip_rel_gap": 1e-4},
    )
    if solved.x is None:
        raise InputWrong(
            "hubs",
            "no assignment fits their capacities",
            next_step="add a hub, or split the largest pick-ups",
        )
    return solved.x[: n * m].reshape(n, m).argmax(axis=1), float(solved.mip_dual_bound)
