"""A recycling plant over HTTP: its balance, its best feed, and packs' way into new batteries."""

from datetime import date
from typing import Any

from pydantic import Field, JsonValue

from batteryloop.api.answers import answer, router
from batteryloop.api.house import TheHouse
from batteryloop.api.problems import documented
from batteryloop.api.routes.circular.bodies import (
    Body,
    ByChemistry,
    Counting,
    Day,
    Name,
    Opening,
    PriceIn,
    Route,
    Share,
    Steps,
    Tonnes,
    table_of,
)
from batteryloop.circular.recycle import new_battery
from batteryloop.reference.material_prices import MaterialPrices, prices_of
from batteryloop.usecases.balance_plant import report_plant
from batteryloop.usecases.blend_feed import blend_feed
from batteryloop.usecases.trace_recycling import trace_recycling
from batteryloop.wiring.chance import seeded

ROUTER = router("/circular", "circular")
# The days from which Annex XII asks for recovery by material.
_DAYS = [date(2027, 12, 31), date(2031, 12, 31)]


class PlantIn(Body):
    """A plant: how packs are opened, how black mass is treated, what was added."""

    opening: Opening = Field("thermal", description="How packs are made safe and shredded.")
    route: Route = Field("hydro", description="How the black mass is treated.")
    steps: Steps = Field([], description="Added recovery steps, such as `iron_phosphate`.")


class PricedPlantIn(PlantIn):
    """A plant whose value and targets are asked for."""

    counting: Counting = Field("whole", description="What counts as recycled.")
    prices: list[PriceIn] | None = Field(None, max_length=200, description="Else those of 2022.")
    is_improved: bool = Field(True, description="Whether to look for added steps that pass.")

    @property
    def priced(self) -> MaterialPrices | None:
        """The prices given."""
        if self.prices is None:
            return None
        return prices_of([{k: str(v) for k, v in p.model_dump().items()} for p in self.prices])


class RecycleIn(PricedPlantIn):
    """A plant's year: what it is fed, and the days whose targets hold."""

    feed_t: ByChemistry = Field(min_length=1, description="Packs by chemistry. [t]")
    on: list[Day] = Field(_DAYS, min_length=1, max_length=5, description="Days of targets.")
    grid_kgco2e_per_kwh: float = Field(
        0.25, ge=0.0, le=3.0, description="Carbon of the electricity. [kg CO2e/kWh]"
    )
    seed: int = Field(1, ge=0, le=2**31, description="Chance of prices.")


class BlendIn(PricedPlantIn):
    """What is on offer, what has to be taken, and how much fits."""

    supply_t: ByChemistry = Field(min_length=1, description="Packs on offer. [t]")
    must_take_t: ByChemistry = Field({}, description="Packs that have to be taken. [t]")
    capacity_t: Tonnes = Field(50_000.0, description="What the plant takes in a year. [t]")
    on: Day = Field(_DAYS[0], description="Day whose targets hold.")


class PackIn(Body):
    """A returned pack; without its mass that follows from its energy."""

    battery_id: Name
    chemistry: Name
    mass_kg: float | None = Field(None, ge=1e-6, le=1e5, description="[kg]")
    rated_energy_kwh: float | None = Field(None, ge=1e-6, le=1e5, description="[kWh]")


class NewBatteryIn(Body):
    """Batteries to be made: so many of one chemistry and energy."""

    chemistry: Name
    energy_kwh: float = Field(ge=1e-6, le=1e5, description="Of each. [kWh]")
    n: int = Field(1, ge=1, le=200, description="How many.")


class TraceIn(PlantIn):
    """Packs on their way through a plant into new batteries."""

    packs: list[PackIn] = Field(min_length=1, max_length=2000)
    new: list[NewBatteryIn] = Field(min_length=1, max_length=10)
    wanted_frac: dict[Name, Share] | None = Field(
        None, max_length=4, description="Recycled share wanted by element; else all there is. [1]"
    )
    batch_kg: float = Field(20_000.0, ge=100.0, le=1e7, description="When a batch is full. [kg]")
    on: Day = Field(date(2031, 8, 18), description="When the new ones are placed on the market.")


@ROUTER.post(
    "/recycle", summary="Balance a recycling plant", response_model=dict[str, JsonValue],
    responses=documented(400, 404),
)  # fmt: skip
def recycle(given: RecycleIn, house: TheHouse) -> Any:  # noqa: ANN401
    """Return masses, energy, value, and each Annex XII target with its margin and what to change.

    The links of a Sankey are in `balance.flows`.
    """
    with house.turns.take("plant balance"):
        report = report_plant(
            given.feed_t,
            given.on,
            opening=given.opening,
            route=given.route,
            steps=given.steps,
            counting=given.counting,
            prices=given.priced,
            grid_kgco2e_per_kwh=given.grid_kgco2e_per_kwh,
            is_improved=given.is_improved,
            rng=seeded(given.seed),
        )
    return answer(report.as_dict())


@ROUTER.post(
    "/blend", summary="Choose a plant's feed", response_model=dict[str, JsonValue],
    responses=documented(400, 404),
)  # fmt: skip
def blend(given: BlendIn, house: TheHouse) -> Any:  # noqa: ANN401
    """Return the feed of most value that meets every target, with and without added steps."""
    with house.turns.take("feed blend"):
        report = blend_feed(
            given.supply_t,
            given.capacity_t,
            given.on,
            must_take_t=given.must_take_t,
            opening=given.opening,
            route=given.route,
            steps=given.steps,
            counting=given.counting,
            prices=given.priced,
            is_improved=given.is_improved,
        )
    return answer(report.as_dict())


@ROUTER.post(
    "/trace", summary="Follow packs into new batteries", response_model=dict[str, JsonValue],
    responses=documented(400, 404),
)  # fmt: skip
def trace(given: TraceIn, house: TheHouse) -> Any:  # noqa: ANN401
    """Return batches, lots and recycled content by battery; `nodes` and `links` are a Sankey."""
    batteries = [
        new_battery(f"NEW-{kind.chemistry}-{line}-{number:04d}", kind.chemistry, kind.energy_kwh)
        for line, kind in enumerate(given.new, start=1)
        for number in range(1, kind.n + 1)
    ]
    with house.turns.take("trace"):
        loop = trace_recycling(
            table_of(given.packs),
            batteries,
            given.on,
            wanted_frac=given.wanted_frac,
            batch_kg=given.batch_kg,
            opening=given.opening,
            route=given.route,
            steps=given.steps,
        )
    return answer(loop.as_dict())
