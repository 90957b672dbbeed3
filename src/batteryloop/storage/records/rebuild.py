"""The projections made anew from the ledger: what follows from it can always be thrown away."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from batteryloop.errors import RecordSaysNo
from batteryloop.record import BatteryState, Component
from batteryloop.record.ledger import Line, event_of
from batteryloop.record.projection import Folded, fold
from batteryloop.storage.records.database import select
from batteryloop.storage.records.rows import LINE, STATE, state_row
from batteryloop.storage.records.writing import (
    insert_lines,
    locked_head,
    parts_of,
    project,
    set_head,
)

PROJECTIONS = ("battery_state", "component", "descent", "battery_word", "fleet_count")
_PAGE = 10_000
_ASK = f"SELECT {', '.join(LINE)} FROM ledger WHERE sequence > ? ORDER BY sequence LIMIT {_PAGE}"


class _Folding:
    """All states and parts so far, brought on by one page of lines after another."""

    def __init__(self) -> None:
        self.states: dict[str, BatteryState] = {}
        self.parts: dict[str, dict[str, Component]] = {}
        self.n_entries = 0

    def fold(self, lines: Sequence[Line]) -> Folded:
        folded = fold([event_of(line) for line in lines], self.states, self.parts)
        self.n_entries += len(lines)
        return folded

    def take(self, folded: Folded) -> None:
        self.states.update(folded.states)
        self.parts.update(folded.parts)

    def project(self, connection: Connection, lines: Sequence[Line]) -> None:
        numbers = {line.event_id: line.sequence for line in lines}
        folded = self.fold(lines)
        project(connection, folded, self.states, self.parts, numbers)
        self.take(folded)


def rebuild(connection: Connection) -> int:
    """Empty the projections and fill them from the ledger; return how many entries there are.

    Raises
    ------
    RecordSaysNo
        If an entry of the ledger does not follow from those before it.
    """
    locked_head(connection)
    for table in PROJECTIONS:
        connection.exec_driver_sql(f"DELETE FROM {table}")
    folding = _Folding()
    for lines in _pages(connection):
        folding.project(connection, lines)
    return folding.n_entries


def adopt(connection: Connection, lines: Sequence[Line]) -> None:
    """Take over a whole ledger as it is, with its numbers and hashes.

    Raises
    ------
    RecordSaysNo
        If there are entries already, or one does not follow from those before it.
    """
    sequence, _ = locked_head(connection)
    if sequence:
        raise RecordSaysNo(
            "the record",
            f"has {sequence:,} entries",
            "an empty record takes over another's ledger as it is",
            "name a new file",
        )
    folding = _Folding()
    for start in range(0, len(lines), _PAGE):
        page = lines[start : start + _PAGE]
        insert_lines(connection, page)
        folding.project(connection, page)
    if lines:
        set_head(connection, lines[-1].sequence, lines[-1].entry_hash)


def stale(connection: Connection) -> Iterator[str]:
    """Yield what the projections say otherwise than the ledger, one sentence for each battery."""
    folding = _Folding()
    for lines in _pages(connection):
        folding.take(folding.fold(lines))
    ask = f"SELECT {', '.join(STATE)} FROM battery_state ORDER BY battery_id"
    stored = {row[0]: tuple(row) for row in select(connection, ask)}
    parts = parts_of(connection, stored) if stored else {}
    for name in sorted(stored.keys() | folding.states.keys()):
        if name not in folding.states:
            yield f"battery {name}: is in the tables, but no entry tells of it"
        elif name not in stored:
            yield f"battery {name}: entries tell of it, but it is not in the tables"
        else:
            wanted = state_row(folding.states[name])
            odd = [
                f"{column} {has!r}, by the ledger {want!r}"
                for column, has, want in zip(STATE, stored[name], wanted, strict=True)
                if has != want
            ]
            if parts.get(name, {}) != folding.parts.get(name, {}):
                odd.append("another make-up than by the ledger")
            if odd:
                yield f"battery {name}: {'; '.join(odd)}"


def _pages(connection: Connection) -> Iterator[list[Line]]:
    after = 0
    while found := select(connection, _ASK, [after]):
        lines = [Line._make(row) for row in found]
        yield lines
        after = lines[-1].sequence
