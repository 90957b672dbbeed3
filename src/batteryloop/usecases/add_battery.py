"""Add batteries to the record: each begins its life with the event `made`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batteryloop.errors import BatteryloopError, InputWrong
from batteryloop.record import Entry, EventKind, LifeEvent
from batteryloop.record.description import battery_of, components_of, description_of
from batteryloop.record.moments import moment_of
from batteryloop.usecases.ports import Refusal
from batteryloop.usecases.record_port import Record

_N_TOGETHER = 1_000


@dataclass(frozen=True, slots=True)
class Origin:
    """Who says so, on whose behalf, and when, for batteries that do not say it themselves."""

    party_id: str
    recorded_by: str
    happened_at: datetime


def add_batteries(
    record: Record, descriptions: Iterable[Mapping[str, Any]], origin: Origin, *, now: datetime
) -> Iterator[Entry | Refusal]:
    """Yield the entry of each battery, or why it was not added.

    A battery that is added again just as it was is kept once.

    Parameters
    ----------
    record : Record
        Where to.
    descriptions : iterable of mapping
        `battery_id`, `application`, and what else `record.Battery` knows; `components` may list
        its parts.
    origin : Origin
        Whose deed it is; a battery with `manufactured_at` was made then.
    now : datetime
        When it is recorded.
    """
    waiting: list[LifeEvent] = []
    for number, description in enumerate(descriptions, 1):
        name = str(description.get("battery_id") or f"battery {number}")
        try:
            waiting.append(birth_of(description, origin))
        except BatteryloopError as error:
            yield Refusal(name, error)
        if len(waiting) >= _N_TOGETHER:
            yield from _kept(record, waiting, origin, now)
            waiting = []
    yield from _kept(record, waiting, origin, now)


def birth_of(description: Mapping[str, Any], origin: Origin) -> LifeEvent:
    """Return the event of a battery being made.

    Raises
    ------
    InputWrong, NotKnown
        If the description is none.
    """
    data = dict(description)
    battery_id = data.pop("battery_id", None)
    if not isinstance(battery_id, str):
        raise InputWrong("battery", "has no battery_id", "a name", "give it a name")
    parts = components_of(data.pop("components", None) or (), subject=f"battery {battery_id}")
    battery = battery_of(battery_id, data)
    details: dict[str, Any] = {"battery": description_of(battery)}
    if parts:
        details["components"] = [part.as_dict() for part in parts]
    made_at = data.get("manufactured_at")
    return LifeEvent(
        f"made:{battery_id}",
        battery_id,
        EventKind.MADE,
        moment_of(made_at) if made_at else origin.happened_at,
        origin.party_id,
        details,
    )


def _kept(
    record: Record, events: list[LifeEvent], origin: Origin, now: datetime
) -> Iterator[Entry | Refusal]:
    if not events:
        return
    try:
        yield from record.append(events, recorded_by=origin.recorded_by, recorded_at=now)
        return
    except BatteryloopError as error:
        if len(events) == 1:
            yield Refusal(events[0].battery_id, error)
            return
    # One of them is refused: which?
    half = len(events) // 2
    yield from _kept(record, events[:half], origin, now)
    yield from _kept(record, events[half:], origin, now)
