"""Bring a record back that was carried away: as it was into an empty one, else event by event."""

from dataclasses import dataclass
from datetime import datetime

from batteryloop.record.bundle import Bundle
from batteryloop.record.ledger import event_of
from batteryloop.usecases.record_port import WholeRecord

_N_TOGETHER = 5_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in; `is_as_it_was` if numbers and hashes are those of the other record."""

    n_entries: int
    n_new: int
    n_parties: int
    n_documents: int
    is_as_it_was: bool


def import_record(
    record: WholeRecord, bundle: Bundle, *, recorded_by: str, now: datetime
) -> Imported:
    """Take in what a bundle holds; what is here already is kept once.

    A whole ledger goes into an empty record as it is. Otherwise each event is recorded anew under
    a number of this record, by `recorded_by`.

    Raises
    ------
    RecordSaysNo
        If an event does not follow from the life that this record knows.
    """
    before, _ = record.head()
    is_as_it_was = bundle.battery_ids is None and before == 0
    known = {party.party_id for party in record.parties()}
    for party in bundle.parties:
        if party.party_id not in known:
            record.add_party(party)
    if is_as_it_was:
        record.adopt(bundle.lines)
    else:
        for start in range(0, len(bundle.lines), _N_TOGETHER):
            events = [event_of(line) for line in bundle.lines[start : start + _N_TOGETHER]]
            record.append(events, recorded_by=recorded_by, recorded_at=now)
    for document in bundle.documents:
        record.keep_document(document.battery_id, document.kind, document.content)
    after, _ = record.head()
    return Imported(
        len(bundle.lines),
        after - before,
        len(bundle.parties),
        len(bundle.documents),
        is_as_it_was,
    )
