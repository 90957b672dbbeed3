"""What a deed needs to enter itself into the record: where, who, when, and names never used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from batteryloop.passport.history import History, history_document
from batteryloop.record import Entry, EventKind, LifeEvent
from batteryloop.record.canonical import canonical
from batteryloop.usecases.record_passport import KIND
from batteryloop.usecases.record_port import Record


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes events and passports into the record at one moment, under one name.

    Parameters
    ----------
    record : Record
        Where they are kept.
    recorded_by : str
        Who enters them.
    now : datetime
        The moment, UTC: of the deed and of its entry.
    new_event_id, new_passport_id : callable
        Give names that nothing else has.
    """

    record: Record
    recorded_by: str
    now: datetime
    new_event_id: Callable[[], str]
    new_passport_id: Callable[[], str]

    def at(self, moment: datetime) -> "Scribe":
        """Return the same scribe at another moment."""
        return replace(self, now=moment)

    def event(
        self,
        battery_id: str,
        kind: EventKind,
        party_id: str,
        *,
        happened_at: datetime | None = None,
        **details: object,
    ) -> LifeEvent:
        """Return an event, of now if no other time is given; what is None is left out."""
        told = {name: value for name, value in details.items() if value is not None}
        return LifeEvent(
            self.new_event_id(), battery_id, kind, happened_at or self.now, party_id, told
        )

    def enter(self, events: Sequence[LifeEvent]) -> list[Entry]:
        """Keep events, all or none."""
        return self.record.append(events, recorded_by=self.recorded_by, recorded_at=self.now)

    def passport_event(self, battery_id: str, history: History, party_id: str) -> LifeEvent:
        """Keep a passport with its versions; return the event that says so, not yet entered."""
        document = self.record.keep_document(battery_id, KIND, canonical(history_document(history)))
        return self.event(
            battery_id,
            EventKind.PASSPORT_ISSUED,
            party_id,
            passport_id=history.latest.passport_id,
            document=document,
            version=history.latest.version,
        )
