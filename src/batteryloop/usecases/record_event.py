"""Record that something happened to batteries."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from batteryloop.errors import NotKnown
from batteryloop.record import Entry, EventKind, LifeEvent
from batteryloop.usecases.record_port import Record


def record_event(
    record: Record, event: LifeEvent, *, recorded_by: str, now: datetime
) -> tuple[Entry, Mapping[str, Any]]:
    """Keep one event; return its entry, and what it changed in the battery's state.

    Raises
    ------
    InputWrong
        If its details are not what its kind asks for.
    RecordSaysNo
        If the life so far does not allow it.
    """
    try:
        before = _said(record, event.battery_id)
    except NotKnown:
        before = {}
    (entry,) = record.append([event], recorded_by=recorded_by, recorded_at=now)
    after = _said(record, event.battery_id)
    return entry, {name: value for name, value in after.items() if before.get(name) != value}


def kind_of(name: str) -> EventKind:
    """Return the kind of event of that name.

    Raises
    ------
    NotKnown
        If there is none; the nearest are offered.

    Examples
    --------
    >>> kind_of("in-service")
    <EventKind.IN_SERVICE: 'in-service'>
    """
    try:
        return EventKind(name)
    except ValueError:
        raise NotKnown.among("kind of event", name, list(EventKind)) from None


_SHOWN: Sequence[str] = (
    "stage", "status", "holder_id", "responsible_id", "country", "site", "soh_frac", "severity",
    "grade", "passport_id", "is_ended",
)  # fmt: skip


def _said(record: Record, battery_id: str) -> dict[str, Any]:
    state = record.battery(battery_id)
    return {name: getattr(state, name) for name in _SHOWN}
