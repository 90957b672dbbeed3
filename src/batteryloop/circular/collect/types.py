"""Frozen records of collection: what is picked up, with what, by whom, where to."""

from dataclasses import asdict, dataclass
from typing import Any

CONDITIONS = ("intact", "damaged", "critical", "prototype")
PURPOSES = ("reuse", "recycling", "disposal")


@dataclass(frozen=True, slots=True)
class PickUp:
    """A site and what waits there: one kind of goods in one condition for one purpose.

    Parameters
    ----------
    pickup_id : str
        Unique; a second one of the same name is refused.
    name, address, country : str
        Who hands over and where; the country as ISO 3166 code of two letters.
    latitude_deg, longitude_deg : float
        Where it is.
    mass_kg : float
        Net mass of the batteries.
    n_packages : int
        How many packages; each takes one place in a vehicle.
    un_number : str
        Such as UN3480.
    packed : str
        `alone`, `with-equipment`, `in-equipment`, `vehicle` or `transport-unit`.
    condition : str
        One of `CONDITIONS`.
    purpose : str
        One of `PURPOSES`.
    packing : str
        Packing instruction that was used; empty, and the one that fits is said.
    approval : str
        The competent authority's approval of the packing method, for critical ones.
    opens_h, closes_h : float
        When the truck may begin there, hours of the day.
    service_h : float
        How long loading takes.
    """

    pickup_id: str
    name: str
    address: str
    country: str
    latitude_deg: float
    longitude_deg: float
    mass_kg: float
    n_packages: int = 1
    un_number: str = "UN3480"
    packed: str = "alone"
    condition: str = "intact"
    purpose: str = "recycling"
    packing: str = ""
    approval: str = ""
    opens_h: float = 0.0
    closes_h: float = 24.0
    service_h: float = 0.5

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class VehicleKind:
    """Trucks of one kind: how many, what they take, what a day and a kilometre cost.

    A truck without a certified driver carries at most the points that ADR 1.1.3.6 lets go.
    """

    kind_id: str
    n_available: int
    capacity_kg: float
    n_places: int
    day_eur: float
    cost_eur_per_km: float
    has_certified_driver: bool = True
    takes_critical: bool = False
    starts_h: float = 6.0
    ends_h: float = 18.0

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Hub:
    """A place where tours begin and end: consolidation hub, depot or plant."""

    hub_id: str
    name: str
    address: str
    country: str
    latitude_deg: float
    longitude_deg: float
    capacity_kg: float = float("inf")
    day_eur: float = 0.0
    is_plant: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        known = asdict(self)
        known["capacity_kg"] = None if self.capacity_kg == float("inf") else self.capacity_kg
        return known


@dataclass(frozen=True, slots=True)
class Stop:
    """One pick-up of a tour, with when the truck comes, begins and leaves [h of the day]."""

    pickup_id: str
    arrives_h: float
    begins_h: float
    leaves_h: float
    load_kg: float


@dataclass(frozen=True, slots=True)
class Tour:
    """One truck's day: its stops in order, what it drives, carries and costs."""

    tour_id: str
    hub_id: str
    kind_id: str
    stops: tuple[Stop, ...]
    distance_km: float
    load_kg: float
    n_packages: int
    points: float
    cost_eur: float
    starts_h: float
    ends_h: float
    needs_certified_driver: bool
    is_critical: bool

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TourPlan:
    """All tours of a hub, their cost, and the bound below which no plan can come.

    `bound_eur` is None where none was asked for; `bound_method` says how it was proven.
    """

    hub_id: str
    tours: tuple[Tour, ...]
    cost_eur: float
    bound_eur: float | None = None
    bound_method: str = ""

    @property
    def gap_frac(self) -> float | None:
        """How far the cost may be above the best possible, as share of the bound."""
        if self.bound_eur is None or self.bound_eur <= 0:
            return None
        return max(self.cost_eur / self.bound_eur - 1.0, 0.0)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return {
            "hub_id": self.hub_id,
            "tours": [tour.as_dict() for tour in self.tours],
            "cost_eur": self.cost_eur,
            "bound_eur": self.bound_eur,
            "bound_method": self.bound_method,
            "gap_frac": self.gap_frac,
        }
