"""List what must be told to the Chinese traceability platform, and by when."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from batteryloop.errors import FileDamaged, InputWrong, NotKnown
from batteryloop.passport.cn import UploadDue, WorkCalendar, uploads_due
from batteryloop.passport.document import moment
from batteryloop.record.events import EventKind, LifeEvent
from batteryloop.usecases.ports import Refusal

CODE = "gbt_34014_code"


def list_uploads_due(
    documents: Iterable[Mapping[str, Any]],
    *,
    now: datetime,
    calendar: WorkCalendar | None = None,
) -> Iterator[UploadDue | Refusal]:
    """Yield the uploads due, the most urgent first, then the events that cannot be read.

    Parameters
    ----------
    documents : iterable of mapping
        Events as plain data: `event_id`, `battery_id`, `kind`, `happened_at`, `party_id`; with
        `gbt_34014_code` the battery's code, with `is_told` those that were told already.
    now : datetime
        This moment, UTC.
    calendar : WorkCalendar, optional
        Public holidays and make-up days.
    """
    events: list[LifeEvent] = []
    codes: dict[str, str] = {}
    told: list[str] = []
    refusals: list[Refusal] = []
    for i, document in enumerate(documents):
        try:
            event = _event(document, f"event {i + 1}")
        except (InputWrong, NotKnown) as error:
            refusals.append(Refusal(f"event {i + 1}", error))
            continue
        events.append(event)
        if document.get(CODE):
            codes[event.battery_id] = str(document[CODE])
        if document.get("is_told"):
            told.append(event.event_id)
    yield from uploads_due(events, now=now, codes=codes, told=told, calendar=calendar)
    yield from refusals


def _event(document: Mapping[str, Any], subject: str) -> LifeEvent:
    if not isinstance(document, Mapping) or not document.get("battery_id"):
        raise FileDamaged(subject, "no battery_id", "event_id, battery_id, kind, happened_at")
    kind = str(document.get("kind", ""))
    if kind not in set(EventKind):
        raise NotKnown.among("kind of event", kind, [k.value for k in EventKind])
    return LifeEvent(
        str(document.get("event_id", subject)),
        str(document["battery_id"]),
        EventKind(kind),
        moment(document.get("happened_at", ""), subject),
        str(document.get("party_id", "")),
    )
