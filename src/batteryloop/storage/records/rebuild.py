"""The projections made anew from the ledger: what follows from it can always be thrown away."""

from sqlalchemy import Connection

from batteryloop.record import BatteryState, Component
from batteryloop.record.ledger import Line, event_of
from batteryloop.record.projection import fold
from batteryloop.storage.records.database import select
from batteryloop.storage.records.rows import LINE
from batteryloop.storage.records.writing import locked_head, project

PROJECTIONS = ("battery_state", "component", "descent", "battery_word", "fleet_count")
_PAGE = 10_000


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
    states: dict[str, BatteryState] = {}
    parts: dict[str, dict[str, Component]] = {}
    ask = f"SELECT {', '.join(LINE)} FROM ledger WHERE sequence > ? ORDER BY sequence LIMIT {_PAGE}"
    n_entries = after = 0
    while found := select(connection, ask, [after]):
        lines = [Line._make(row) for row in found]
        numbers = {line.event_id: line.sequence for line in lines}
        folded = fold([event_of(line) for line in lines], states, parts)
        project(connection, folded, states, parts, numbers)
        states.update(folded.states)
        parts.update(folded.parts)
        n_entries += len(lines)
        after = lines[-1].sequence
    return n_entries
