"""Carry a record away: the whole of it, or some batteries with all that they were made from."""

from collections.abc import Sequence
from datetime import datetime

from batteryloop.record import FleetQuery, Party
from batteryloop.record.bundle import Bundle, KeptDocument
from batteryloop.record.ledger import Line
from batteryloop.record.moments import text_of
from batteryloop.usecases.record_port import WholeRecord


def export_record(
    record: WholeRecord, battery_ids: Sequence[str] | None = None, *, now: datetime
) -> Bundle:
    """Return what is to be carried away.

    Parameters
    ----------
    record : WholeRecord
        From where.
    battery_ids : sequence of str, optional
        Which batteries; all if None. Their ancestors come with them, for a life follows from
        those before it.
    now : datetime
        When.

    Raises
    ------
    NotKnown
        If there is no such battery.
    """
    if battery_ids is None:
        names = _every(record)
        lines = tuple(record.lines())
        parties = tuple(record.parties())
    else:
        names = _with_ancestors(record, battery_ids)
        lines = tuple(record.lines(battery_ids=names))
        parties = _parties_in(record, lines)
    documents: list[KeptDocument] = []
    for name in names:
        documents += record.documents_of(name)
    chosen = None if battery_ids is None else tuple(sorted(set(battery_ids)))
    return Bundle(text_of(now), lines, parties, tuple(documents), chosen)


def _every(record: WholeRecord) -> list[str]:
    names: list[str] = []
    query = FleetQuery(n_most=1_000)
    while True:
        page = record.batteries(query)
        names += [state.battery.battery_id for state in page.batteries]
        if page.next_after is None:
            return names
        query = FleetQuery(n_most=1_000, after=page.next_after)


def _with_ancestors(record: WholeRecord, battery_ids: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for name in battery_ids:
        record.battery(name)
        waiting = [name]
        parents: dict[str, list[str]] = {}
        for descent in record.lineage(name).descents:
            parents.setdefault(descent.child_id, []).append(descent.parent_id)
        while waiting:
            own = waiting.pop()
            if own not in found:
                found[own] = None
                waiting += parents.get(own, [])
    return sorted(found)


def _parties_in(record: WholeRecord, lines: Sequence[Line]) -> tuple[Party, ...]:
    """Return the parties that the entries name."""
    named = {line.party_id for line in lines}
    said = "\n".join(line.details for line in lines)
    return tuple(
        party
        for party in record.parties()
        if party.party_id in named or f'"{party.party_id}"' in said
    )
