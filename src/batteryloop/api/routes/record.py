"""The record: batteries, their make-up, events, lineage, and the parties."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, create_model
from starlette.concurrency import run_in_threadpool

from batteryloop.api.access import (
    OWN_NAME,
    Rule,
    admit_battery,
    admit_organisation,
    unknown_battery,
)
from batteryloop.api.access import organisations_in_view as in_view
from batteryloop.api.answers import Id, Moment, answer, router
from batteryloop.api.guard import answered_by
from batteryloop.api.house import House, TheBattery, TheCaller, TheHouse, TheRule
from batteryloop.api.problems import documented
from batteryloop.errors import NotKnown
from batteryloop.record import (
    Application,
    BatteryState,
    Component,
    Entry,
    EventKind,
    FleetOrder,
    FleetQuery,
    LifeEvent,
    LifeStatus,
    Lineage,
    Party,
    PartyRole,
    Stage,
)
from batteryloop.record.accounts import Caller
from batteryloop.record.fleet_rows import FleetRow

ROUTER = router("/record", "record")

Short = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]
Word = Annotated[str | None, Field(max_length=100, pattern=r"^[^\x00]*$")]


class FleetFilter(BaseModel):
    """Which batteries are wanted, in what order, from which place on."""

    model_config = ConfigDict(extra="forbid")

    stage: Stage | None = Field(None, description="Where in the loop.")
    status: LifeStatus | None = Field(None, description="Original, repurposed, … waste.")
    application: Application | None = Field(None, description="What it is used in.")
    chemistry: Word = Field(None, description="LFP, NMC622 …")
    country: Word = Field(None, description="Two letters.")
    severity_min: int | None = Field(None, ge=0, le=4, description="Gravest warning at least.")
    soh_below_frac: float | None = Field(
        None, ge=0, le=2, allow_inf_nan=False, description="State of health below. [1]"
    )
    words: str = Field(
        "", max_length=200, pattern=r"^[^\x00]*$", description="In name, model or place."
    )
    order: FleetOrder = Field(FleetOrder.BATTERY_ID, description="Sorted by.")
    is_descending: bool = Field(False, description="The other way round.")
    n_most: int = Field(100, ge=1, le=1000, description="How many on a page.")
    after: Word = Field(None, description="`next_after` of the page before.")

    @property
    def is_quick(self) -> bool:
        """Whether a page costs the same however many batteries there are."""
        filters = (self.application, self.chemistry, self.country, self.severity_min)
        return not self.words and self.soh_below_frac is None and filters == (None,) * 4

    def query(self, organisation_ids: frozenset[str] | None) -> FleetQuery:
        """Return what the record is asked."""
        return FleetQuery(organisation_ids=organisation_ids, **dict(self))


class EventIn(BaseModel):
    """One thing that happened to a battery that is named in the address."""

    event_id: Short | None = Field(
        None, description="Unique; the same event sent twice is kept once. Made if not given."
    )
    kind: EventKind
    happened_at: Moment = Field(description="When, with its offset from UTC.")
    party_id: Short = Field(description="Whose deed it was.")
    details: dict[str, JsonValue] = Field(default_factory=dict, description="What the kind asks.")


class BatteryEventIn(EventIn):
    """One thing that happened to one battery."""

    battery_id: Short


class PartyIn(BaseModel):
    """An organisation."""

    name: Short
    country: str = Field(pattern="^[A-Z]{2}$", description="Two letters, ISO 3166-1.")
    roles: list[PartyRole] = Field(default_factory=list, max_length=5)
    registration_number: str = Field("", max_length=100, pattern=r"^[^\x00]*$")


def _modelled(kind: type[msgspec.Struct]) -> type[BaseModel]:
    """Return what OpenAPI says of a lean row."""
    fields: dict[str, Any] = {f.name: (f.type, ...) for f in msgspec.structs.fields(kind)}
    return create_model(kind.__name__, __doc__=kind.__doc__, **fields)


_Row: Any = _modelled(FleetRow)


class FleetRowsOut(BaseModel):
    """A page of the fleet; `n_total` counts all that fit."""

    batteries: list[_Row]
    n_total: int
    next_after: str | None


async def _list(request: Request, house: House) -> Response:
    """Answer a page of the fleet; where the database is a file, in the thread that asks."""
    try:
        wanted = FleetFilter.model_validate(dict(request.query_params))
    except ValidationError as exc:
        wrong = [{**entry, "loc": ("query", *entry["loc"])} for entry in exc.errors()]
        raise RequestValidationError(wrong) from None
    scope = request.scope
    query = wanted.query(in_view(scope["rule"], scope["caller"]))
    if house.reads_inline and wanted.is_quick:
        return answer(house.record.fleet_rows(query))
    return answer(await run_in_threadpool(house.record.fleet_rows, query))


@ROUTER.get("/batteries", summary="The fleet, page by page", response_model=FleetRowsOut)
@answered_by(_list)
def list_batteries(wanted: Annotated[FleetFilter, Query()]) -> None:
    """Return a page of the batteries in view: one's own, or all for those who oversee."""


@ROUTER.get("/stages", summary="How many are in each stage", response_model=dict[Stage, int])
def count_stages(house: TheHouse, caller: TheCaller, rule: TheRule) -> Any:  # noqa: ANN401
    """Return how many of the batteries in view are in each stage of the loop."""
    return answer(house.record.stage_counts(in_view(rule, caller)))


@ROUTER.get(
    "/batteries/{battery_id}", summary="One battery", response_model=BatteryState,
    responses=documented(404),
)  # fmt: skip
async def show_battery(battery_id: Id, battery: TheBattery) -> Any:  # noqa: ANN401
    """Return what a battery's events come to."""
    return answer(battery)


@ROUTER.get(
    "/batteries/{battery_id}/components", summary="What it is made up of",
    response_model=list[Component], responses=documented(404),
)  # fmt: skip
def list_components(battery_id: Id, house: TheHouse) -> Any:  # noqa: ANN401
    """Return packs, modules, cells and controllers with their serials, as of today."""
    return answer(house.record.components(battery_id))


@ROUTER.get(
    "/batteries/{battery_id}/history", summary="What happened to it",
    response_model=list[Entry], responses=documented(404),
)  # fmt: skip
def list_history(
    battery_id: Id,
    house: TheHouse,
    n_most: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = 100,
    before_sequence: Annotated[
        int | None, Query(ge=1, le=2**62, description="Only entries before this one.")
    ] = None,
) -> Any:  # noqa: ANN401
    """Return the ledger's entries of a battery, the newest first."""
    return answer(house.record.history(battery_id, n_most=n_most, before_sequence=before_sequence))


@ROUTER.get(
    "/batteries/{battery_id}/lineage", summary="What it came from and became",
    response_model=Lineage, responses=documented(404),
)  # fmt: skip
def show_lineage(battery_id: Id, house: TheHouse) -> Any:  # noqa: ANN401
    """Return every ancestor and descendant, with the parts that moved."""
    return answer(house.record.lineage(battery_id))


@ROUTER.post(
    "/batteries/{battery_id}/events", status_code=201, summary="Something happened to it",
    response_model=Entry, responses=documented(400, 404, 409),
)  # fmt: skip
def append_event(battery_id: Id, given: EventIn, house: TheHouse, caller: TheCaller) -> Any:  # noqa: ANN401
    """Keep an event; once it is answered it outlives any crash."""
    _admit_party(caller, given.party_id)
    (entry,) = house.record.append(
        [_event(given, battery_id, house)], recorded_by=caller.account_id, recorded_at=house.now()
    )
    return answer(entry, 201)


@ROUTER.post(
    "/events", status_code=201, summary="Many things happened", response_model=list[Entry],
    responses=documented(400, 404, 409),
)  # fmt: skip
def append_events(
    given: Annotated[list[BatteryEventIn], Field(min_length=1, max_length=10_000)],
    house: TheHouse, caller: TheCaller, rule: TheRule,
) -> Any:  # noqa: ANN401  # fmt: skip
    """Keep the events, all or none. A battery begins with its event `made`."""
    admit_events(house, rule, caller, given)
    events = [_event(event, event.battery_id, house) for event in given]
    entries = house.record.append(events, recorded_by=caller.account_id, recorded_at=house.now())
    return answer(entries, 201)


@ROUTER.get("/parties", summary="Who has to do with batteries", response_model=list[Party])
def list_parties(house: TheHouse) -> Any:  # noqa: ANN401
    """Return every party."""
    return answer(house.record.parties())


@ROUTER.get(
    "/parties/{party_id}", summary="One party", response_model=Party, responses=documented(404)
)
def show_party(party_id: Id, house: TheHouse) -> Any:  # noqa: ANN401
    """Return a party."""
    return answer(house.record.party(party_id))


@ROUTER.put(
    "/parties/{party_id}", summary="Say who a party is", response_model=Party,
    responses=documented(400),
)  # fmt: skip
def put_party(party_id: Id, given: PartyIn, house: TheHouse) -> Any:  # noqa: ANN401
    """Keep a party, or what is new of it."""
    party = Party(
        party_id, given.name, given.country, tuple(given.roles), given.registration_number
    )
    house.record.add_party(party)
    return answer(party)


def admit_events(
    house: House, rule: Rule, caller: Caller, events: Sequence[BatteryEventIn]
) -> None:
    """Let events pass that are the caller's to report: its own deeds, on its own batteries.

    A battery that the record does not know yet may only begin with `made`; who made it has it.

    Raises
    ------
    NotKnown
        If a battery is another's, or is not there and does not begin.
    AccessRefused
        If a deed is another organisation's.
    """
    begun: set[str] = set()
    for event in events:
        _admit_party(caller, event.party_id)
        if event.battery_id in begun:
            continue
        begun.add(event.battery_id)
        try:
            battery = house.record.battery(event.battery_id)
        except NotKnown:
            if event.kind is not EventKind.MADE:
                raise unknown_battery(event.battery_id) from None
        else:
            admit_battery(rule, caller, battery)


def _admit_party(caller: Caller, party_id: str) -> None:
    admit_organisation(OWN_NAME, caller, party_id)


def _event(given: EventIn, battery_id: str, house: House) -> LifeEvent:
    details: Mapping[str, Any] = given.details
    happened_at: datetime = given.happened_at
    return LifeEvent(
        given.event_id or house.new_secret(), battery_id, given.kind, happened_at, given.party_id,
        details,
    )  # fmt: skip
