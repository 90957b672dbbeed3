"""Where returned packs go, and which modules make a pack together, over HTTP."""

from typing import Any, Literal

import polars as pl
from pydantic import Field, JsonValue

from batteryloop.api.answers import answer, router
from batteryloop.api.house import TheHouse
from batteryloop.api.problems import documented
from batteryloop.api.routes.circular.bodies import (
    Body,
    Day,
    Latitude,
    Longitude,
    Name,
    Share,
    table_of,
)
from batteryloop.circular.gates import DEFAULT_PROFILES
from batteryloop.circular.remanufacture.types import PackDesign
from batteryloop.circular.triage.explain import explain
from batteryloop.usecases.match_modules import match_modules
from batteryloop.usecases.triage_returns import TriageOptions, triage_returns
from batteryloop.wiring.chance import seeded

ROUTER = router("/circular", "circular")
_Health = Share | None


class ReturnIn(Body):
    """A returned pack as the desk knows it; health with the bounds of a 90 % interval."""

    battery_id: Name
    chemistry: Name
    rated_energy_kwh: float = Field(ge=1e-6, le=1e5, description="[kWh]")
    mass_kg: float = Field(ge=1e-6, le=1e5, description="[kg]")
    soh_frac: float = Field(ge=0.0, le=1.5, description="State of health. [1]")
    soh_low_frac: float = Field(ge=-0.5, le=1.5, description="[1]")
    soh_high_frac: float = Field(ge=0.0, le=2.0, description="[1]")
    unsafe_frac: Share = Field(description="Chance of a hidden defect. [1]")
    latitude_deg: Latitude = Field(description="Where it is. [deg]")
    longitude_deg: Longitude = Field(description="[deg]")
    region: Name
    spread_frac: _Health = Field(None, description="How far its best module lies above. [1]")
    spread_low_frac: _Health = None
    spread_high_frac: _Health = None
    expires_on: Day | None = Field(None, description="The maker's expiry.")
    is_same_purpose: bool = True


class FacilityIn(Body):
    """A place that takes packs."""

    facility: Name
    latitude_deg: Latitude
    longitude_deg: Longitude
    region: Name
    fates: list[Name] = Field(min_length=1, max_length=8, description="What it does with packs.")
    capacity_kg: float = Field(ge=0.0, le=1e12, description="[kg]")
    opening_eur: float = Field(0.0, ge=0.0, le=1e12, description="[EUR]")


class LimitIn(Body):
    """A further limit; a name left empty fits every one."""

    facility: Name | None = None
    fate: Name | None = None
    chemistry: Name | None = None
    most: float = Field(ge=0.0, le=1e12)
    unit: Literal["kg", "packs"]


class TriageIn(Body):
    """Packs, the network, and what the decision goes by."""

    packs: list[ReturnIn] = Field(min_length=1, max_length=5000)
    facilities: list[FacilityIn] = Field(min_length=1, max_length=40)
    limits: list[LimitIn] = Field([], max_length=100)
    on: Day | None = Field(None, description="Day of the decision; today if not given.")
    profiles: list[Name] = Field(list(DEFAULT_PROFILES), max_length=10, description="Of gates.")
    carbon_most_kgco2e: float | None = Field(
        None, ge=-1e12, le=1e12, description="Budget, savings counted. [kg CO2e]"
    )
    has_tests: bool = Field(True, description="Whether a pack may be tested first.")
    why: list[Name] = Field([], max_length=50, description="Packs whose decision is explained.")


class ModuleIn(Body):
    """A module as the bench measured it."""

    module_id: Name
    capacity_ah: float = Field(ge=1e-6, lt=1e5, description="[Ah]")
    pack_id: Name | None = Field(None, description="The pack it came from.")
    resistance_ohm: float | None = Field(None, ge=1e-6, le=10.0, description="[ohm]")
    self_discharge_per_day: float | None = Field(None, ge=0.0, le=1.0, description="[1/day]")
    temperature_degc: float | None = Field(None, ge=-60.0, le=120.0, description="[degC]")


class MatchIn(Body):
    """Modules and the pack that they are to make."""

    modules: list[ModuleIn] = Field(min_length=1, max_length=10_000)
    n_series: int = Field(ge=1, le=400)
    n_parallel: int = Field(1, ge=1, le=100)
    rated_capacity_ah: float = Field(0.0, ge=0.0, le=1e6, description="Asks the gate. [Ah]")
    objective: Literal["spread", "capacity", "resistance"] = "spread"
    on: Day | None = Field(None, description="Day whose gates hold; today if not given.")
    seed: int = Field(0, ge=0, le=2**31)


@ROUTER.post(
    "/triage", summary="Decide where returned packs go", response_model=dict[str, JsonValue],
    responses=documented(400, 404, 409),
)  # fmt: skip
def triage(given: TriageIn, house: TheHouse) -> Any:  # noqa: ANN401
    """Return fate and place of each pack, the bound that proves it, and what room is worth.

    With `why`, the decisions of some packs in a sentence, and what would change them.
    """
    with house.turns.take("triage"):
        packs = table_of(given.packs)
        facilities = table_of(given.facilities).with_columns(pl.col("fates").list.join(" "))
        options = TriageOptions(
            given.on or house.now().date(),
            profiles=tuple(given.profiles),
            carbon_most_kgco2e=given.carbon_most_kgco2e,
            has_tests=given.has_tests,
        )
        limits = table_of(given.limits) if given.limits else None
        found = triage_returns(packs, facilities, options, limits=limits)
        why = [explain(found.plan, name).as_dict() for name in given.why]
    return answer({**found.as_dict(), "why": why})


@ROUTER.post(
    "/match", summary="Match modules into packs", response_model=dict[str, JsonValue],
    responses=documented(400, 404),
)  # fmt: skip
def match(given: MatchIn, house: TheHouse) -> Any:  # noqa: ANN401
    """Return packs with their modules place by place, their lineage, and what the law says."""
    with house.turns.take("matching"):
        found = match_modules(
            table_of(given.modules),
            PackDesign(given.n_series, given.n_parallel, given.rated_capacity_ah),
            on=given.on or house.now().date(),
            rng=seeded(given.seed),
            objective=given.objective,
        )
    return answer(found.as_dict())
