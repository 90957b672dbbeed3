"""How events get into the ledger: one writer at a time, all events of a call or none."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from batteryloop.errors import RecordSaysNo
from batteryloop.record import BatteryState, Component, Entry, LifeEvent
from batteryloop.record.canonical import canonical
from batteryloop.record.details import subject_of
from batteryloop.record.ledger import GENESIS, Line, chained, entry_of
from batteryloop.record.moments import moment_of, text_of
from batteryloop.record.projection import Folded, batteries_needed, fold
from batteryloop.storage.records.database import run_many, select
from batteryloop.storage.records.rows import (
    DESCENT,
    LINE,
    PART,
    STATE,
    descent_row,
    part_of,
    part_row,
    state_of,
    state_row,
    words_of,
)

# From so many rows on PostgreSQL takes them faster as a stream.
_COPY_LEAST = 200


def append(
    connection: Connection,
    events: Sequence[LifeEvent],
    *,
    recorded_by: str,
    recorded_at: datetime,
) -> list[Entry]:
    """Append what is new of the events and bring the projections up to it, in a transaction.

    Raises
    ------
    InputWrong
        If the details of an event are not what its kind asks for.
    RecordSaysNo
        If a life so far does not allow one of them, or an id was used for another event.
    """
    sequence, entry_hash = locked_head(connection)
    known = _known_lines(connection, [event.event_id for event in events])
    fresh = _fresh(events, known)
    states, parts = _before(connection, fresh)
    folded = fold(fresh, states, parts, recorded_at=recorded_at)
    lines = chained(
        fresh,
        recorded_by=recorded_by,
        recorded_at=recorded_at,
        sequence=sequence,
        entry_hash=entry_hash,
    )
    if lines:
        insert_lines(connection, lines)
        numbers = {line.event_id: line.sequence for line in lines}
        project(connection, folded, states, parts, numbers)
        set_head(connection, lines[-1].sequence, lines[-1].entry_hash)
    entries = {
        event.event_id: _entry(line, event) for line, event in zip(lines, fresh, strict=True)
    }
    return [entries.get(event.event_id) or entry_of(known[event.event_id]) for event in events]


def locked_head(connection: Connection) -> tuple[int, str]:
    """Return number and hash of the last entry; nobody else appends until the transaction ends."""
    is_sqlite = connection.dialect.name == "sqlite"
    statement = "SELECT sequence, entry_hash FROM head WHERE name = 'ledger'"
    if not is_sqlite:
        # The first writers of all make the row, and then wait for each other at it.
        connection.exec_driver_sql(
            f"INSERT INTO head VALUES ('ledger', 0, '{GENESIS}') ON CONFLICT DO NOTHING"
        )
        statement += " FOR UPDATE"
    found = select(connection, statement)
    return tuple(found[0]) if found else (0, GENESIS)


def set_head(connection: Connection, sequence: int, entry_hash: str) -> None:
    """Remember number and hash of the last entry."""
    run_many(
        connection,
        "INSERT INTO head (name, sequence, entry_hash) VALUES ('ledger', ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET sequence = excluded.sequence, "
        "entry_hash = excluded.entry_hash",
        [(sequence, entry_hash)],
    )


def insert_lines(connection: Connection, lines: Sequence[Line]) -> None:
    """Insert lines into the ledger as they are."""
    insert(connection, "ledger", LINE, lines)


def project(
    connection: Connection,
    folded: Folded,
    states: Mapping[str, BatteryState],
    parts: Mapping[str, Mapping[str, Component]],
    numbers: Mapping[str, int],
) -> None:
    """Write what a fold changed into the projections; `numbers` are the entries' by event."""
    rows = [state_row(state) for state in folded.states.values()]
    names = ", ".join(STATE)
    marks = ", ".join("?" * len(STATE))
    news = ", ".join(f"{name} = excluded.{name}" for name in STATE[1:])
    fresh = [row for row in rows if row[0] not in states]
    insert(connection, "battery_state", STATE, fresh)
    run_many(
        connection,
        f"INSERT INTO battery_state ({names}) VALUES ({marks}) "
        f"ON CONFLICT (battery_id) DO UPDATE SET {news}",
        [row for row in rows if row[0] in states],
    )
    _count(connection, folded.states, states)
    begun = [state.battery for name, state in folded.states.items() if name not in states]
    words = [(word, battery.battery_id) for battery in begun for word in words_of(battery)]
    insert(connection, "battery_word", ("word", "battery_id"), words)
    # A battery is found by its passport's name too; a name that it had before stays.
    run_many(
        connection,
        "INSERT INTO battery_word (word, battery_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [
            (state.passport_id.casefold(), name)
            for name, state in folded.states.items()
            if state.passport_id and not _had(states.get(name), state.passport_id)
        ],
    )
    gone = [(name,) for name in folded.parts if parts.get(name)]
    run_many(connection, "DELETE FROM component WHERE battery_id = ?", gone)
    insert(
        connection,
        "component",
        PART,
        [
            part_row(name, ordinal, part)
            for name, own in folded.parts.items()
            for ordinal, part in enumerate(own.values())
        ],
    )
    insert(
        connection,
        "descent",
        DESCENT,
        [descent_row(found, numbers[event.event_id]) for event, found in folded.descents],
    )


def _had(state: BatteryState | None, passport_id: str) -> bool:
    return state is not None and state.passport_id == passport_id


def insert(
    connection: Connection, table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert rows: by a prepared statement, or as a stream where that is faster."""
    if connection.dialect.name != "sqlite" and len(rows) >= _COPY_LEAST:
        cursor: Any = connection.connection.cursor()
        with cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as stream:
            for row in rows:
                stream.write_row(row)
        cursor.close()
        return
    marks = ", ".join("?" * len(names))
    run_many(connection, f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)


def among(connection: Connection) -> str:
    """Return the condition that a value is in one parameter, a list made by `listed`."""
    is_sqlite = connection.dialect.name == "sqlite"
    return "IN (SELECT value FROM json_each(?))" if is_sqlite else "= ANY(?)"


def listed(connection: Connection, names: Iterable[str]) -> object:
    """Return the names as the one parameter of `among`."""
    found = list(names)
    return msgspec.json.encode(found).decode() if connection.dialect.name == "sqlite" else found


def states_of(connection: Connection, names: Iterable[str]) -> dict[str, BatteryState]:
    """Return what the events of each battery come to."""
    statement = f"SELECT {', '.join(STATE)} FROM battery_state WHERE battery_id "
    wanted = listed(connection, names)
    found = select(connection, statement + among(connection), [wanted])
    return {row[0]: state_of(row) for row in found}


def parts_of(connection: Connection, names: Iterable[str]) -> dict[str, dict[str, Component]]:
    """Return the parts of each battery, in order."""
    statement = f"SELECT {', '.join(PART)} FROM component WHERE battery_id "
    wanted = listed(connection, names)
    found: dict[str, dict[str, Component]] = {}
    order = " ORDER BY battery_id, ordinal"
    for row in select(connection, statement + among(connection) + order, [wanted]):
        found.setdefault(row[0], {})[row[1]] = part_of(row)
    return found


def _known_lines(connection: Connection, event_ids: Sequence[str]) -> dict[str, Line]:
    statement = f"SELECT {', '.join(LINE)} FROM ledger WHERE event_id "
    wanted = listed(connection, event_ids)
    found = select(connection, statement + among(connection), [wanted])
    return {row[1]: Line(*row) for row in found}


def _fresh(events: Sequence[LifeEvent], known: Mapping[str, Line]) -> list[LifeEvent]:
    """Return the events that are new; the same event once more is left out."""
    fresh: dict[str, LifeEvent] = {}
    for event in events:
        before = fresh.get(event.event_id)
        line = known.get(event.event_id)
        if line is not None and _written(event) != (
            line.battery_id, line.kind, line.happened_at, line.party_id, line.details,
        ):  # fmt: skip
            raise _other(event, f"entry {line.sequence}")
        if before is not None and _written(before) != _written(event):
            raise _other(event, "another of the same call")
        if line is None:
            fresh[event.event_id] = event
    return list(fresh.values())


def _written(event: LifeEvent) -> tuple[str, str, str, str, str]:
    details = canonical(dict(event.details), subject=subject_of(event)).decode()
    happened = text_of(event.happened_at)
    return event.battery_id, event.kind.value, happened, event.party_id, details


def _other(event: LifeEvent, where: str) -> RecordSaysNo:
    return RecordSaysNo(
        subject_of(event),
        f"its id was used for a different event, {where}",
        "one id for one event",
        "give the event an id of its own",
    )


def _before(
    connection: Connection, events: Sequence[LifeEvent]
) -> tuple[dict[str, BatteryState], dict[str, dict[str, Component]]]:
    names, with_parts = batteries_needed(events)
    states = states_of(connection, names) if names else {}
    made = with_parts & states.keys()
    return states, parts_of(connection, made) if made else {}


def _count(
    connection: Connection, after: Mapping[str, BatteryState], before: Mapping[str, BatteryState]
) -> None:
    changes: Counter[tuple[str, str, str, str]] = Counter()
    for name, state in after.items():
        changes[_group(state)] += 1
        if name in before:
            changes[_group(before[name])] -= 1
    rows = [(*group, n) for group, n in sorted(changes.items()) if n]
    run_many(
        connection,
        "INSERT INTO fleet_count (holder_id, responsible_id, stage, status, n) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (holder_id, responsible_id, stage, status) "
        "DO UPDATE SET n = fleet_count.n + excluded.n",
        rows,
    )


def _group(state: BatteryState) -> tuple[str, str, str, str]:
    return state.holder_id, state.responsible_id, state.stage.value, state.status.value


def _entry(line: Line, event: LifeEvent) -> Entry:
    return Entry(
        line.sequence,
        event,
        moment_of(line.recorded_at),
        line.recorded_by,
        line.previous_hash,
        line.entry_hash,
    )
