"""One battery's entries, parts and lineage, and the ledger from its beginning."""

from collections.abc import Collection, Iterator

from batteryloop.errors import NotKnown
from batteryloop.record import BatteryState, Component, Descent, Entry, EventKind, Lineage
from batteryloop.record.ledger import Line, entry_of
from batteryloop.storage.records.database import Database
from batteryloop.storage.records.rows import (
    DESCENT,
    LINE,
    PART,
    STATE,
    descent_of,
    part_of,
    state_of,
)

_LINES = ", ".join(LINE)
_STATES = ", ".join(STATE)
_PARTS = ", ".join(PART)
_DESCENTS = ", ".join(DESCENT)
_PAGE = 5_000


def battery(database: Database, battery_id: str) -> BatteryState:
    """Return what a battery's events come to.

    Raises
    ------
    NotKnown
        If there is no such battery; the nearest names are offered.
    """
    found = database.rows(
        f"SELECT {_STATES} FROM battery_state WHERE battery_id = ?", (battery_id,)
    )
    if not found:
        raise NotKnown.among("battery", battery_id, _near(database, battery_id) or ["another name"])
    return state_of(found[0])


def _near(database: Database, battery_id: str) -> list[str]:
    """Return some names around the place where this one would stand."""
    up = "SELECT battery_id FROM battery_state WHERE battery_id >= ? ORDER BY battery_id LIMIT 20"
    down = (
        "SELECT battery_id FROM battery_state WHERE battery_id < ? "
        "ORDER BY battery_id DESC LIMIT 20"
    )
    return [row[0] for ask in (up, down) for row in database.rows(ask, (battery_id,))]


def battery_with_code(database: Database, code: str) -> str:
    """Return the name of the battery that bears a code, or whose passport has that name.

    Raises
    ------
    NotKnown
        If none does.
    """
    ask = (
        "SELECT s.battery_id, s.codes, s.passport_id FROM battery_word w JOIN battery_state s "
        "ON s.battery_id = w.battery_id WHERE w.word = ? ORDER BY s.battery_id"
    )
    for battery_id, codes, passport_id in database.rows(ask, (code.casefold(),)):
        if code in codes or code in (battery_id, passport_id):
            return str(battery_id)
    raise NotKnown(f"code {code!r}", "no battery bears it", next_step="check the code")


def batteries_with_part(database: Database, serial: str) -> list[str]:
    """Return the names of the batteries that a part of this serial is in today."""
    ask = "SELECT DISTINCT battery_id FROM component WHERE serial = ? ORDER BY battery_id LIMIT 20"
    return [str(row[0]) for row in database.rows(ask, (serial,))]


def components(database: Database, battery_id: str) -> list[Component]:
    """Return the parts of a battery, in order."""
    ask = f"SELECT {_PARTS} FROM component WHERE battery_id = ? ORDER BY ordinal"
    return [part_of(row) for row in database.rows(ask, (battery_id,))]


def history(
    database: Database, battery_id: str, *, n_most: int, before_sequence: int | None
) -> list[Entry]:
    """Return a battery's entries, and those by which its parts moved on, the newest first."""
    before = 2**53 if before_sequence is None else before_sequence
    ask = (
        f"SELECT {_LINES} FROM ledger WHERE battery_id = ? AND sequence < ? "
        "ORDER BY sequence DESC LIMIT ?"
    )
    own = database.rows(ask, (battery_id, before, n_most))
    moved = (
        f"SELECT {_LINES} FROM ledger WHERE sequence IN "
        "(SELECT sequence FROM descent WHERE parent_id = ? AND sequence < ?) "
        "ORDER BY sequence DESC LIMIT ?"
    )
    onward = database.rows(moved, (battery_id, before, n_most))
    lines = sorted({Line(*row) for row in (*own, *onward)}, reverse=True)
    return [entry_of(line) for line in lines[:n_most]]


def last_entry(database: Database, battery_id: str, kind: EventKind) -> Entry | None:
    """Return the last entry of a kind about a battery, or None."""
    ask = (
        f"SELECT {_LINES} FROM ledger WHERE battery_id = ? AND kind = ? "
        "ORDER BY sequence DESC LIMIT 1"
    )
    found = database.rows(ask, (battery_id, kind.value))
    return entry_of(Line(*found[0])) if found else None


def lines(
    database: Database, *, after_sequence: int = 0, battery_ids: Collection[str] | None = None
) -> Iterator[Line]:
    """Yield the ledger in order, as it is stored, a page at a time; of all batteries or of some."""
    if battery_ids is not None:
        yield from _lines_of(database, after_sequence, sorted(battery_ids))
        return
    ask = f"SELECT {_LINES} FROM ledger WHERE sequence > ? ORDER BY sequence LIMIT ?"
    while found := database.rows(ask, (after_sequence, _PAGE)):
        yield from map(Line._make, found)
        after_sequence = found[-1][0]


def _lines_of(database: Database, after_sequence: int, names: list[str]) -> Iterator[Line]:
    found: list[Line] = []
    for start in range(0, len(names), 500):
        some = names[start : start + 500]
        marks = ", ".join("?" * len(some))
        ask = f"SELECT {_LINES} FROM ledger WHERE battery_id IN ({marks}) AND sequence > ?"
        found += map(Line._make, database.rows(ask, (*some, after_sequence)))
    yield from sorted(found)


def lineage(database: Database, battery_id: str) -> Lineage:
    """Return all ancestors and descendants, with every step between."""
    found: dict[tuple[str, str], Descent] = {}
    for own, other in (("child_id", 1), ("parent_id", 0)):
        seen, waiting = {battery_id}, [battery_id]
        while waiting:
            some, waiting = waiting[:500], waiting[500:]
            marks = ", ".join("?" * len(some))
            ask = (
                f"SELECT {_DESCENTS} FROM descent WHERE {own} IN ({marks}) "
                "ORDER BY sequence, parent_id"
            )
            for row in database.rows(ask, some):
                found[row[0], row[1]] = descent_of(row)
                if row[other] not in seen:
                    seen.add(row[other])
                    waiting.append(row[other])
    steps = sorted(found.values(), key=lambda d: (d.happened_at, d.child_id, d.parent_id))
    return Lineage(battery_id, tuple(steps))
