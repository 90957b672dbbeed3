"""The chain of entries: each carries the hash of the one before, so that nothing slips out.

An entry's hash is the SHA-256 of the canonical JSON (RFC 8785) of all its other fields. The first
entry follows `GENESIS`.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from json.encoder import encode_basestring
from typing import NamedTuple

from batteryloop.record.canonical import canonical
from batteryloop.record.events import Entry, EventKind, LifeEvent
from batteryloop.record.moments import moment_of, text_of

GENESIS = "0" * 64


class Line(NamedTuple):
    """An entry as it is stored: texts alone, so that what was tampered with can still be read."""

    sequence: int
    event_id: str
    battery_id: str
    kind: str
    happened_at: str
    party_id: str
    details: str
    recorded_at: str
    recorded_by: str
    previous_hash: str
    entry_hash: str


def hash_of(line: Line) -> str:
    """Return the hash that a line must have, in hex.

    The keys are written in their canonical order; `details` already is canonical JSON.
    """
    text = (
        f'{{"battery_id":{encode_basestring(line.battery_id)},"details":{line.details},'
        f'"event_id":{encode_basestring(line.event_id)},'
        f'"happened_at":{encode_basestring(line.happened_at)},'
        f'"kind":{encode_basestring(line.kind)},"party_id":{encode_basestring(line.party_id)},'
        f'"previous_hash":{encode_basestring(line.previous_hash)},'
        f'"recorded_at":{encode_basestring(line.recorded_at)},'
        f'"recorded_by":{encode_basestring(line.recorded_by)},"sequence":{line.sequence}}}'
    )
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def chained(
    events: Iterable[LifeEvent],
    *,
    recorded_by: str,
    recorded_at: datetime,
    sequence: int = 0,
    entry_hash: str = GENESIS,
) -> list[Line]:
    """Return the events as lines that follow an entry of that number and hash.

    Raises
    ------
    ValueOutOfRange
        If an event's details cannot be written as JSON, or a time has no zone.
    """
    recorded = text_of(recorded_at)
    lines: list[Line] = []
    for event in events:
        sequence += 1
        line = Line(
            sequence,
            event.event_id,
            event.battery_id,
            event.kind.value,
            text_of(event.happened_at, subject=f"event {event.event_id}"),
            event.party_id,
            canonical(dict(event.details), subject=f"event {event.event_id}").decode(),
            recorded,
            recorded_by,
            entry_hash,
            "",
        )
        entry_hash = hash_of(line)
        lines.append(line._replace(entry_hash=entry_hash))
    return lines


def event_of(line: Line) -> LifeEvent:
    """Return the event that a line tells of."""
    return LifeEvent(
        line.event_id,
        line.battery_id,
        EventKind(line.kind),
        moment_of(line.happened_at),
        line.party_id,
        json.loads(line.details),
    )


def entry_of(line: Line) -> Entry:
    """Return a line as an entry."""
    return Entry(
        line.sequence,
        event_of(line),
        moment_of(line.recorded_at),
        line.recorded_by,
        line.previous_hash,
        line.entry_hash,
    )
