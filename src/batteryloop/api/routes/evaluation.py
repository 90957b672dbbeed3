"""Evaluations: those on record, and new ones from the lake's telemetry."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query, Response
from pydantic import BaseModel, Field, JsonValue

from batteryloop.api.answers import Id, answer, router
from batteryloop.api.house import TheBattery, TheCaller, TheHouse
from batteryloop.api.problems import documented
from batteryloop.errors import NotKnown
from batteryloop.evaluation import Options
from batteryloop.evaluation.profile import shipped_profile
from batteryloop.health.lifetime.population import shipped_population
from batteryloop.usecases.evaluate_battery import EvaluationOrder, evaluate_batteries
from batteryloop.usecases.evaluate_recorded import order_of
from batteryloop.usecases.ports import only_one
from batteryloop.usecases.record_evaluation import KIND, record_evaluation
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.evaluations import SOFTWARE
from batteryloop.wiring.lake_battery import lake_battery
from batteryloop.wiring.records import new_event_id

ROUTER = router("/evaluation", "evaluation")


class KeptOut(BaseModel):
    """That an evaluation was kept."""

    sha256: str = Field(description="Its name.")
    kept_at: datetime


class EvaluationIn(BaseModel):
    """How a battery is to be judged."""

    profiles: list[Annotated[str, Field(max_length=100)]] | None = Field(
        None, max_length=20, description="By which rules; all of its category if not given."
    )
    confidence_frac: float = Field(0.9, ge=0.5, le=0.999, description="How sure. [1]")


@ROUTER.get(
    "/batteries/{battery_id}", summary="A battery's evaluations", response_model=list[KeptOut],
    responses=documented(404),
)  # fmt: skip
def list_evaluations(
    battery_id: Id, house: TheHouse,
    n_most: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = 100,
) -> Any:  # noqa: ANN401  # fmt: skip
    """Return the evaluations that are kept, the newest first."""
    kept = house.record.documents(battery_id, KIND)[:n_most]
    return answer([{"sha256": sha256, "kept_at": at} for sha256, at in kept])


@ROUTER.get(
    "/batteries/{battery_id}/{sha256}", summary="An evaluation",
    response_model=dict[str, JsonValue], responses=documented(404),
)  # fmt: skip
def show_evaluation(
    battery_id: Id, house: TheHouse,
    sha256: Annotated[str, Path(max_length=64, description="Its name, or `latest`.")],
) -> Any:  # noqa: ANN401  # fmt: skip
    """Return a report of usage, health, degradation and responsibility."""
    kept = [name for name, _ in house.record.documents(battery_id, KIND)]
    wanted = kept[0] if kept and sha256 == "latest" else sha256
    if wanted not in kept:
        raise NotKnown(f"evaluation {sha256[:12]!r}", "not known", next_step="list them")
    return Response(house.record.document(wanted), media_type="application/json")


@ROUTER.post(
    "/batteries/{battery_id}", status_code=201, summary="Evaluate a battery",
    response_model=dict[str, JsonValue], responses=documented(400, 404, 409),
)  # fmt: skip
def evaluate(
    battery_id: Id, given: EvaluationIn, battery: TheBattery, house: TheHouse, caller: TheCaller
) -> Any:  # noqa: ANN401
    """Judge it from its telemetry in the lake, and write the result into its life."""
    source = lake_battery(house.settings.lake, battery_id)
    now = house.now()
    profiles = None if given.profiles is None else tuple(map(shipped_profile, given.profiles))
    order = EvaluationOrder(
        software=SOFTWARE,
        evaluated_at=now,
        profiles=profiles,
        options=Options(confidence_frac=given.confidence_frac),
    )
    made = only_one(evaluate_batteries(
        source, battery.battery.identity, order_of(house.record, battery, order),
        shipped_population(), seeded,
    ))  # fmt: skip
    party = next(iter(sorted(caller.organisation_ids & {battery.holder_id})), None)
    record_evaluation(
        house.record, made, party_id=party or battery.responsible_id,
        recorded_by=caller.account_id, now=now, new_event_id=new_event_id,
    )  # fmt: skip
    return answer(made.as_dict(), 201)
