"""What happens in a battery's life: one kind of event for each thing that may happen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """Where in the loop a battery is."""

    MAKE = "make"
    USE = "use"
    CARE = "care"
    SWAP = "swap"
    DECIDE = "decide"
    RENEW = "renew"
    RECOVER = "recover"


class EventKind(StrEnum):
    """The things that may happen to a battery, in the order of a life."""

    MADE = "made"
    PLACED_ON_MARKET = "placed-on-market"
    INSTALLED = "installed"
    IN_SERVICE = "in-service"
    EVALUATED = "evaluated"
    WARNED = "warned"
    SERVICED = "serviced"
    PART_REPLACED = "part-replaced"
    FIRMWARE_CHANGED = "firmware-changed"
    SWAPPED = "swapped"
    REMOVED = "removed"
    COLLECTED = "collected"
    GRADED = "graded"
    TRIAGED = "triaged"
    REPAIRED = "repaired"
    REMANUFACTURED = "remanufactured"
    REPURPOSED = "repurposed"
    RECYCLED = "recycled"
    DISPOSED = "disposed"
    RESPONSIBILITY_TRANSFERRED = "responsibility-transferred"
    PASSPORT_ISSUED = "passport-issued"
    PASSPORT_REVOKED = "passport-revoked"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """One thing that happened to one battery.

    Parameters
    ----------
    event_id : str
        Unique; the same event sent twice is kept once.
    battery_id : str
        The battery.
    kind : EventKind
        What happened.
    happened_at : datetime
        When, UTC.
    party_id : str
        Whose deed it was.
    details : mapping
        Plain JSON data that the kind asks for: the description of a battery that was made, the
        serials of a part replaced, the report of an evaluation.
    """

    event_id: str
    battery_id: str
    kind: EventKind
    happened_at: datetime
    party_id: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the ledger keeps it: numbered, and chained to the entry before it.

    `entry_hash` is the SHA-256, in hex, of the canonical JSON of all the other fields.
    """

    sequence: int
    event: LifeEvent
    recorded_at: datetime
    recorded_by: str
    previous_hash: str
    entry_hash: str
