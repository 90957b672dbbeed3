"""A second-life storage sized from graded modules, over HTTP."""

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, JsonValue

from batteryloop.api.answers import answer, router
from batteryloop.api.house import TheHouse
from batteryloop.api.problems import documented
from batteryloop.api.routes.circular.bodies import Body, Name, Share
from batteryloop.circular.repurpose import GradedModule, Promise, Site
from batteryloop.errors import ValueOutOfRange
from batteryloop.usecases.size_second_life import size_second_life
from batteryloop.wiring.chance import seeded

ROUTER = router("/circular", "circular")
# Four weeks to a leap year, hour by hour.
_N_HOURS_LEAST, _N_HOURS_MOST = 672, 8784
Hourly = Annotated[list[Annotated[float, Field(ge=-1e5, le=1e5)]], Field(max_length=_N_HOURS_MOST)]


class GradedModuleIn(Body):
    """A module as it was graded; its health with the bounds of a 90 % interval."""

    module_id: Name
    chemistry: Name
    energy_kwh: float = Field(ge=1e-6, le=1e4, description="What it holds now. [kWh]")
    soh_frac: float = Field(ge=1e-6, le=1.2, description="[1]")
    soh_low_frac: float = Field(ge=1e-6, le=1.2, description="[1]")
    soh_high_frac: float = Field(ge=1e-6, le=1.2, description="[1]")
    price_eur: float = Field(0.0, ge=0.0, le=1e6, description="[EUR]")


class RepurposeIn(Body):
    """Modules, the use, and a year of the site hour by hour."""

    use: Literal["peak-shaving", "self-consumption", "fast-charge-buffer", "grid-service"]
    modules: list[GradedModuleIn] = Field(min_length=1, max_length=2000)
    price_eur_per_kwh: Hourly = Field(min_length=_N_HOURS_LEAST, description="Of buying. [EUR/kWh]")
    load_kw: Hourly = Field(min_length=_N_HOURS_LEAST, description="What is used. [kW]")
    pv_kw: Hourly = Field([], description="What the panels could give; none if left out. [kW]")
    export_frac: float = Field(0.5, ge=-1.0, le=1.0, description="Share of the price fed in. [1]")
    peak_eur_per_kw: float = Field(0.0, ge=0.0, le=1e4, description="Demand charge. [EUR/kW]")
    import_max_kw: float | None = Field(None, ge=1e-6, le=1e6, description="[kW]")
    unserved_eur_per_kwh: float = Field(1.0, ge=0.0, le=1e4, description="[EUR/kWh]")
    reserve_eur_per_kw_h: float = Field(0.0, ge=0.0, le=1e3, description="[EUR/kW/h]")
    term_years: int = Field(8, ge=1, le=20, description="Of the warranty. [year]")
    promise_frac: Share = Field(0.7, description="Share promised to be left then. [1]")
    temperature_degc: float = Field(25.0, ge=-20.0, le=60.0, description="Of the cells. [degC]")
    seed: int = Field(1, ge=0, le=2**31)


@ROUTER.post(
    "/repurpose", summary="Size a second-life storage", response_model=dict[str, JsonValue],
    responses=documented(400, 404),
)  # fmt: skip
def repurpose(given: RepurposeIn, house: TheHouse) -> Any:  # noqa: ANN401
    """Return designs by chemistry: how large, how long it lasts, warranty risk, and what worth."""
    n = len(given.price_eur_per_kwh)
    pv = given.pv_kw or [0.0] * n
    if not n == len(given.load_kw) == len(pv):
        raise ValueOutOfRange(
            "series", f"{n} prices, {len(given.load_kw)} loads, {len(pv)} of sun", "equally many"
        )
    site = Site(
        np.array(given.price_eur_per_kwh),
        np.array(given.load_kw),
        np.array(pv),
        given.export_frac,
        given.peak_eur_per_kw,
        float("inf") if given.import_max_kw is None else given.import_max_kw,
        given.unserved_eur_per_kwh,
        given.reserve_eur_per_kw_h,
    )
    promise = Promise(given.term_years, given.promise_frac, given.temperature_degc)
    modules = [GradedModule(**module.model_dump()) for module in given.modules]
    with house.turns.take("second life"):
        plan = size_second_life(given.use, modules, site, seeded(given.seed), promise=promise)
    return answer(plan.as_dict())
