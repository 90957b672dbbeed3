"""A day's collection over HTTP: who fetches what, how it is packed, which papers travel."""

from typing import Any, Literal

from pydantic import Field, JsonValue

from batteryloop.api.answers import answer, router
from batteryloop.api.house import TheHouse
from batteryloop.api.problems import documented
from batteryloop.api.routes.circular.bodies import Body, Day, Latitude, Longitude, Name, Words
from batteryloop.circular.collect import Hub, PickUp, VehicleKind
from batteryloop.errors import ValueOutOfRange
from batteryloop.usecases.plan_collection import plan_collection

ROUTER = router("/circular", "circular")
# The bound takes minutes beyond so many pick-ups.
_N_BOUNDED_MOST = 40


class PickUpIn(Body):
    """A site and what waits there: one kind of goods in one condition for one purpose."""

    pickup_id: Name
    name: Name
    address: Name
    country: str = Field(pattern="^[A-Z]{2}$")
    latitude_deg: Latitude
    longitude_deg: Longitude
    mass_kg: float = Field(ge=1e-6, le=1e5, description="Net. [kg]")
    n_packages: int = Field(1, ge=1, le=1000)
    un_number: str = Field("UN3480", pattern=r"^UN\d{4}$")
    packed: Literal["alone", "with-equipment", "in-equipment", "vehicle", "transport-unit"] = (
        "alone"
    )
    condition: Literal["intact", "damaged", "critical", "prototype"] = "intact"
    purpose: Literal["reuse", "recycling", "disposal"] = "recycling"
    packing: Words = Field("", description="Packing instruction used; else the one that fits.")
    approval: Words = Field("", description="Of the packing method, for critical ones.")
    opens_h: float = Field(0.0, ge=0.0, le=24.0, description="Hour of the day. [h]")
    closes_h: float = Field(24.0, ge=0.0, le=24.0, description="[h]")
    service_h: float = Field(0.5, ge=0.0, le=12.0, description="Loading. [h]")


class HubIn(Body):
    """A place where tours begin and end."""

    hub_id: Name
    name: Name
    address: Name
    country: str = Field(pattern="^[A-Z]{2}$")
    latitude_deg: Latitude
    longitude_deg: Longitude
    capacity_kg: float | None = Field(None, ge=1e-6, le=1e12, description="[kg]")
    day_eur: float = Field(0.0, ge=0.0, le=1e9, description="[EUR/day]")
    is_plant: bool = True


class TruckIn(Body):
    """Trucks of one kind at every hub."""

    kind_id: Name
    n_available: int = Field(ge=1, le=200)
    capacity_kg: float = Field(ge=1e-6, le=1e5, description="[kg]")
    n_places: int = Field(ge=1, le=1000)
    day_eur: float = Field(ge=0.0, le=1e6, description="[EUR/day]")
    cost_eur_per_km: float = Field(ge=0.0, le=1e3, description="[EUR/km]")
    has_certified_driver: bool = True
    takes_critical: bool = False
    starts_h: float = Field(6.0, ge=0.0, le=24.0, description="[h]")
    ends_h: float = Field(18.0, ge=0.0, le=48.0, description="[h]")


class CollectIn(Body):
    """A day's pick-ups, hubs and trucks."""

    pickups: list[PickUpIn] = Field(min_length=1, max_length=200)
    hubs: list[HubIn] = Field(min_length=1, max_length=10)
    fleet: list[TruckIn] = Field(min_length=1, max_length=6)
    on: Day | None = Field(None, description="The day, whose rules hold; today if not given.")
    n_iterations: int = Field(500, ge=1, le=2000, description="Of the search for tours.")
    is_bounded: bool = Field(False, description="Whether to prove how good the tours are.")
    seed: int = Field(0, ge=0, le=2**31)


@ROUTER.post(
    "/collect", summary="Plan a day's collection", response_model=dict[str, JsonValue],
    responses=documented(400, 404, 409),
)  # fmt: skip
def collect(given: CollectIn, house: TheHouse) -> Any:  # noqa: ANN401
    """Return tours, each truck's checked transport document, borders, and what may not travel.

    `map` has places and tours as a map draws them.
    """
    if given.is_bounded and len(given.pickups) > _N_BOUNDED_MOST:
        raise ValueOutOfRange(
            "is_bounded", f"{len(given.pickups)} pick-ups", f"at most {_N_BOUNDED_MOST} with it",
            "use `batteryloop circular collect --bound`, which may take minutes",
        )  # fmt: skip
    hubs = [
        Hub(**{k: v for k, v in hub.model_dump().items() if v is not None}) for hub in given.hubs
    ]
    with house.turns.take("collection"):
        plan = plan_collection(
            [PickUp(**pickup.model_dump()) for pickup in given.pickups],
            hubs,
            [VehicleKind(**truck.model_dump()) for truck in given.fleet],
            given.on or house.now().date(),
            n_iterations=given.n_iterations,
            seed=given.seed,
            is_bounded=given.is_bounded,
        )
    return answer(plan.as_dict())
