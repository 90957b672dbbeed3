"""Health ahead and health learned: forecasts, early warnings, curves, and grades of cells."""

from typing import Annotated, Any

import polars as pl
from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from batteryloop.api.answers import Id, answer, router
from batteryloop.api.house import TheBattery, TheHouse
from batteryloop.api.problems import documented
from batteryloop.errors import InputWrong
from batteryloop.health.learned.grade import DEFAULT_THRESHOLDS
from batteryloop.health.lifetime.population import shipped_population
from batteryloop.health.warning import DEFAULT_BUDGET_PER_YEAR
from batteryloop.usecases.examine_shape import examine_shape
from batteryloop.usecases.forecast_health import forecast_health
from batteryloop.usecases.grade_cells import grade_cells
from batteryloop.usecases.ports import Refusal, only_one
from batteryloop.usecases.watch_fleet import watch_fleet
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.health_models import model_cards, named_model
from batteryloop.wiring.lake_battery import lake_battery

ROUTER = router("/health", "health")
ModelName = Annotated[
    str, Path(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$", description="Its name.")
]
Confidence = Annotated[float, Field(ge=0.5, le=0.999, description="How sure. [1]")]
GradeName = Annotated[str, Field(min_length=1, max_length=40)]
Bound = Annotated[float, Field(gt=0.0, lt=1.5)]
Cell = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Number = Annotated[float, Field(ge=-1e9, le=1e9)]
Records = Annotated[list[dict[GradeName, Number]], Field(max_length=5000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ForecastIn(_Body):
    """What ends the life, and under which duty it goes on."""

    threshold_frac: float = Field(0.8, gt=0.0, lt=1.0, description="Of the whole capacity. [1]")
    duty: str | None = Field(
        None, max_length=300,
        description="What will be otherwise: `temperature_degc=35,efc_per_day=1` and the like.",
    )  # fmt: skip
    age_at_start_efc: float = Field(0.0, ge=0.0, le=1e5, description="Full cycles before the data.")
    confidence_frac: Confidence = 0.9
    seed: int = Field(0, ge=0, le=2**31)


class WatchIn(_Body):
    """How many false alarms are accepted, and what is too slight to show."""

    false_alarms_per_pack_year: float = Field(DEFAULT_BUDGET_PER_YEAR, ge=0.001, le=20.0)
    severity_least: int = Field(0, ge=0, le=4)


class ShapeIn(_Body):
    """How sure the intervals are."""

    confidence_frac: Confidence = 0.9


class GradeIn(_Body):
    """Records of cells by the columns that the model's card names, and the grader's thresholds."""

    cells: dict[Cell, Records] = Field(
        min_length=1, max_length=2000,
        description="For each cell its records, a charge or a pulse test each, in order.",
    )  # fmt: skip
    thresholds: dict[GradeName, Bound] = Field(
        dict(DEFAULT_THRESHOLDS), min_length=1, max_length=12,
        description="For each grade the least state of health. [1]",
    )  # fmt: skip
    abstain_above_frac: float | None = Field(
        None, ge=0.0, le=10.0, description="Half of the interval over the value. [1]"
    )
    confidence_frac: Confidence = 0.9


@ROUTER.post(
    "/batteries/{battery_id}/forecast", summary="Forecast a battery's life",
    response_model=dict[str, JsonValue], responses=documented(400, 404),
)  # fmt: skip
def forecast(battery_id: Id, given: ForecastIn, battery: TheBattery, house: TheHouse) -> Any:  # noqa: ANN401
    """Return state of health ahead and what is left, with intervals; nothing is kept."""
    with house.turns.take("forecast"):
        made = only_one(forecast_health(
            lake_battery(house.settings.lake, battery_id), battery.battery.identity,
            shipped_population(), lambda: seeded(given.seed),
            threshold_frac=given.threshold_frac, duty=given.duty,
            age_at_start_efc=given.age_at_start_efc, confidence_frac=given.confidence_frac,
        ))  # fmt: skip
    return answer(made.as_dict())


@ROUTER.post(
    "/batteries/{battery_id}/warnings", summary="Watch a battery's cells",
    response_model=dict[str, JsonValue], responses=documented(400, 404),
)  # fmt: skip
def warnings(battery_id: Id, given: WatchIn, battery: TheBattery, house: TheHouse) -> Any:  # noqa: ANN401
    """Return early warnings, oldest first, each with its evidence; nothing is kept."""
    with house.turns.take("watch"):
        made = only_one(watch_fleet(
            lake_battery(house.settings.lake, battery_id), battery.battery.identity,
            budget_per_year=given.false_alarms_per_pack_year,
        ))  # fmt: skip
    shown = [w.as_dict() for w in made.warnings if w.severity >= given.severity_least]
    return answer(
        {
            "battery_id": battery_id,
            "n_rows": made.n_rows,
            "is_simulated": made.is_simulated,
            "warnings": shown,
        }
    )


@ROUTER.post(
    "/batteries/{battery_id}/shape", summary="Examine a battery's curves",
    response_model=dict[str, JsonValue], responses=documented(400, 404),
)  # fmt: skip
def shape(battery_id: Id, given: ShapeIn, battery: TheBattery, house: TheHouse) -> Any:  # noqa: ANN401
    """Return peaks of dQ/dV, lost lithium and material, and resistance in use; nothing is kept."""
    with house.turns.take("shape"):
        made = only_one(examine_shape(
            lake_battery(house.settings.lake, battery_id), battery.battery.identity,
            confidence_frac=given.confidence_frac,
        ))  # fmt: skip
    return answer(made.as_dict())


@ROUTER.get(
    "/models", summary="The learned models of the server", response_model=list[dict[str, JsonValue]]
)
def list_models(house: TheHouse) -> Any:  # noqa: ANN401
    """Return the name and the card of each: its data, range, errors by group and coverage."""
    cards = model_cards(house.settings.models)
    return answer([{"name": name, "card": card} for name, card in cards.items()])


@ROUTER.post(
    "/models/{name}/grades", summary="Grade cells by a model",
    response_model=dict[str, JsonValue], responses=documented(400, 404),
)  # fmt: skip
def grade(name: ModelName, given: GradeIn, house: TheHouse) -> Any:  # noqa: ANN401
    """Return each cell's grade and state of health with its interval, or why it has none."""
    model, card = named_model(house.settings.models, name)
    rows = [{"cell": cell, **row} for cell, records in given.cells.items() for row in records]
    if not rows:
        raise InputWrong("cells", "no record of any", "a record at least")
    with house.turns.take("grading"):
        graded = list(
            grade_cells(
                pl.DataFrame(rows, infer_schema_length=None), model, given.thresholds,
                halfwidth_max_frac=given.abstain_above_frac,
                confidence_frac=given.confidence_frac,
            )
        )  # fmt: skip
    return answer(
        {
            "cells": [cell.as_dict() for cell in graded if not isinstance(cell, Refusal)],
            "refused": [cell.as_dict() for cell in graded if isinstance(cell, Refusal)],
            "model": name,
            "data": card.get("data"),
        }
    )
