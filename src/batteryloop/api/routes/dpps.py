"""The paths of EN 18222, as far as public implementations show them; the norm was not read.

A passport's document is that of `/api/v1/passports`, led by the names that those paths use.
Writes are JSON merge patches (RFC 7396) of `attributes`; each makes a new version.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel, Field, JsonValue
from starlette.concurrency import run_in_threadpool

from batteryloop.api.access import admit_battery, is_own, sees_beyond_public, viewers_of
from batteryloop.api.answers import Id, Moment, answer
from batteryloop.api.guard import GuardedRoute
from batteryloop.api.house import House, TheBattery, TheCaller, TheHouse, TheRule
from batteryloop.api.passport_views import (
    PassportOut,
    admit_issuer,
    battery_of_product,
    history_of,
    next_version,
    shown,
    unknown_product,
)
from batteryloop.api.problems import documented
from batteryloop.errors import NotKnown, RecordSaysNo
from batteryloop.passport.access import redact
from batteryloop.passport.document import passport_document
from batteryloop.passport.types import Passport
from batteryloop.record import BatteryState, EventKind, LifeEvent
from batteryloop.record.accounts import Caller, Reading
from batteryloop.usecases.amend_passport import amended_attributes, element_at, patch_at
from batteryloop.wiring.records import new_event_id

ROUTER = APIRouter(
    prefix="/v1",
    tags=["EN 18222"],
    route_class=GuardedRoute,
    responses=documented(401, 403, 422, 429, 500, 503),
)

ProductId = Annotated[
    str, Path(min_length=1, max_length=500, description="The product's unique identifier.")
]
ElementPath = Annotated[
    str,
    Path(
        min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]+$",
        description="An attribute, and within it names with dots: `soce_frac.value`.",
    ),
]  # fmt: skip
Patch = Annotated[
    dict[str, JsonValue], Body(description="JSON merge patch of `attributes`, RFC 7396.")
]


class DppOut(PassportOut):
    """A passport under the names of EN 18222."""

    dppId: str
    uniqueProductIdentifier: str
    dppStatus: Literal["active", "ceased"]
    lastUpdate: datetime


class DppIn(BaseModel):
    """A passport to be made for a battery on record."""

    productId: str = Field(min_length=1, max_length=500, pattern=r"^[^\x00]+$")
    attributes: dict[str, JsonValue] = Field(default_factory=dict)


class ProductIds(BaseModel):
    """Products whose passports are wanted."""

    productIds: list[Annotated[str, Field(min_length=1, max_length=500)]] = Field(
        min_length=1, max_length=200
    )


class DppsOut(BaseModel):
    """The passports that were found, and the products of which none was."""

    dpps: list[DppOut]
    unknown: list[str]


@ROUTER.post(
    "/dpps", status_code=201, summary="Make a passport", response_model=DppOut,
    responses=documented(400, 404, 409),
)  # fmt: skip
def create(given: DppIn, house: TheHouse, caller: TheCaller, rule: TheRule) -> Any:  # noqa: ANN401
    """Make the passport of a battery on record; one that has one is told so."""
    battery = battery_of_product(house, given.productId)
    try:
        admit_battery(rule, caller, battery)
    except NotKnown:
        raise unknown_product(given.productId) from None
    if battery.passport_id:
        raise RecordSaysNo(
            f"battery {battery.battery.battery_id}", f"has passport {battery.passport_id}",
            "one passport a battery", "patch it",
        )  # fmt: skip
    recorded = next_version(house, caller, battery, given.attributes)
    return answer(_dpp(redact(recorded.history.latest, viewers_of(caller, battery))), 201)


@ROUTER.get("/dpps/{dppId}", summary="A passport", response_model=DppOut,
            responses=documented(404))  # fmt: skip
def read(dppId: Id, battery: TheBattery, house: TheHouse, caller: TheCaller) -> Any:  # noqa: ANN401
    """Return as much of it as whoever asks may see."""
    return answer(_dpp(shown(house, caller, battery)))


@ROUTER.patch(
    "/dpps/{dppId}", summary="Amend a passport", response_model=DppOut,
    responses=documented(400, 404, 409),
)  # fmt: skip
def amend(dppId: Id, patch: Patch, battery: TheBattery, house: TheHouse, caller: TheCaller) -> Any:  # noqa: ANN401
    """Write the next version with a merge patch applied."""
    return answer(_amended(house, caller, battery, patch))


@ROUTER.delete(
    "/dpps/{dppId}", status_code=204, summary="Revoke a passport", responses=documented(404, 409)
)
def remove(dppId: Id, battery: TheBattery, house: TheHouse, caller: TheCaller) -> None:
    """Note in the record that it no longer counts; its versions stay in the ledger."""
    admit_issuer(caller, battery)
    event = LifeEvent(
        new_event_id(), battery.battery.battery_id, EventKind.PASSPORT_REVOKED, house.now(),
        battery.responsible_id, {"passport_id": dppId, "reason": "deleted through the interface"},
    )  # fmt: skip
    house.record.append([event], recorded_by=caller.account_id, recorded_at=house.now())


@ROUTER.get(
    "/dpps/{dppId}/elements/{elementIdPath}", summary="One element of a passport",
    response_model=JsonValue, responses=documented(404),
)  # fmt: skip
def read_element(
    dppId: Id, elementIdPath: ElementPath, battery: TheBattery, house: TheHouse,
    caller: TheCaller,
) -> Any:  # noqa: ANN401  # fmt: skip
    """Return an attribute, or a part of one; what may not be seen is as unknown as what is not."""
    document = passport_document(shown(house, caller, battery))
    return answer(element_at(document["attributes"], elementIdPath))


@ROUTER.patch(
    "/dpps/{dppId}/elements/{elementIdPath}", summary="Amend one element",
    response_model=DppOut, responses=documented(400, 404, 409),
)  # fmt: skip
def amend_element(
    dppId: Id, elementIdPath: ElementPath,
    patch: Annotated[JsonValue, Body(description="The element, or a merge patch of it.")],
    battery: TheBattery, house: TheHouse, caller: TheCaller,
) -> Any:  # noqa: ANN401  # fmt: skip
    """Write the next version with one element amended."""
    return answer(_amended(house, caller, battery, patch_at(elementIdPath, patch)))


@ROUTER.get(
    "/dppsByProductId/{productId:path}", summary="A product's passport", response_model=DppOut,
    responses=documented(404),
)  # fmt: skip
async def read_by_product(productId: ProductId, house: TheHouse, caller: TheCaller) -> Any:  # noqa: ANN401
    """Return the passport of a battery that a code names."""
    return answer(await _of_product(house, caller, productId))


@ROUTER.get(
    "/dppsByIdAndDate/{dppId}", summary="A passport as it was", response_model=DppOut,
    responses=documented(404, 409),
)  # fmt: skip
def read_at(
    dppId: Id, battery: TheBattery, house: TheHouse, caller: TheCaller,
    date: Annotated[Moment, Query(description="The version that held then.")],
) -> Any:  # noqa: ANN401  # fmt: skip
    """Return the version that held at a moment."""
    return answer(_dpp(shown(house, caller, battery, date)))


@ROUTER.post(
    "/dppsByProductIds", summary="The passports of several products", response_model=DppsOut,
    responses=documented(400),
)  # fmt: skip
async def read_by_products(given: ProductIds, house: TheHouse, caller: TheCaller) -> Any:  # noqa: ANN401
    """Return every passport that is found; the rest are named."""
    found, unknown = [], []
    for product_id in given.productIds:
        try:
            found.append(await _of_product(house, caller, product_id))
        except NotKnown:
            unknown.append(product_id)
    return answer({"dpps": found, "unknown": unknown})


async def _of_product(house: House, caller: Caller, product_id: str) -> dict[str, Any]:
    """Return a product's passport, its reading kept where it tells more than the public sees."""
    battery = await run_in_threadpool(battery_of_product, house, product_id)
    if not battery.passport_id:
        raise NotKnown(f"passport of {product_id[:64]!r}", "not known", next_step="issue it")
    if sees_beyond_public(caller, battery):
        await house.audit.keep(_reading(house, caller, battery))
    return await run_in_threadpool(lambda: _dpp(shown(house, caller, battery)))


def _reading(house: House, caller: Caller, battery: BatteryState) -> Reading:
    return Reading(
        "", house.now(), caller.account_id, caller.role, tuple(sorted(caller.organisation_ids)),
        f"passport {battery.passport_id} by product", battery.battery.battery_id,
        is_own(caller, battery),
    )  # fmt: skip


def _amended(house: House, caller: Caller, battery: BatteryState, patch: Any) -> dict[str, Any]:  # noqa: ANN401
    admit_issuer(caller, battery)
    changed = amended_attributes(history_of(house, battery).latest, patch)
    recorded = next_version(house, caller, battery, changed)
    return _dpp(redact(recorded.history.latest, viewers_of(caller, battery)))


def _dpp(passport: Passport) -> dict[str, Any]:
    return {
        "dppId": passport.passport_id,
        "uniqueProductIdentifier": passport.battery_id,
        "dppStatus": "ceased" if passport.ceased_at else "active",
        "lastUpdate": passport.issued_at,
        **passport_document(passport),
    }
