"""Record that another party answers for batteries: only with a document that both sides signed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from batteryloop.errors import RecordSaysNo
from batteryloop.passport.credential import KeySet, verify_transfer
from batteryloop.passport.credential.handover import TOKEN_TYPE
from batteryloop.passport.credential.token import opened
from batteryloop.record import Entry, EventKind, LifeEvent
from batteryloop.usecases.record_port import Record


def transfer_responsibility(
    record: Record,
    document: Mapping[str, Any],
    signatures: Sequence[str],
    key_sets: Sequence[KeySet],
    *,
    recorded_by: str,
    now: datetime,
) -> list[Entry]:
    """Record a transfer for each battery that its document names, all or none.

    Parameters
    ----------
    record : Record
        Where it is kept.
    document : mapping
        As `passport.credential.transfer_document` makes it; its parties are those of the record.
    signatures : sequence of str
        One of each side, from `passport.credential.transfer_signature`.
    key_sets : sequence of KeySet
        The public keys of both.
    recorded_by : str
        Who records it.
    now : datetime
        When.

    Raises
    ------
    RecordSaysNo
        If a signature is missing or does not hold, or who hands over does not answer for one of
        the batteries.
    """
    verdict = verify_transfer(dict(document), signatures, key_sets, now=now)
    if not verdict.is_valid or verdict.at is None:
        raise RecordSaysNo(
            f"transfer {verdict.transfer_id or document.get('id', '')}",
            verdict.reason,
            "a document that both sides signed",
            "let both sign the same document, and give the key sets of both",
        )
    details = {
        "from_id": verdict.from_party,
        "to_id": verdict.to_party,
        "terms": str(document.get("responsibility") or "responsibility"),
        "document": dict(document),
        "signatures": [
            {"party_id": party, "key_id": party, "signature": token}
            for party, token in _by_party(signatures, key_sets)
        ],
    }
    events = [
        LifeEvent(
            f"{verdict.transfer_id}:{name}",
            name,
            EventKind.RESPONSIBILITY_TRANSFERRED,
            verdict.at,
            verdict.from_party,
            details,
        )
        for name in verdict.batteries
    ]
    return record.append(events, recorded_by=recorded_by, recorded_at=now)


def _by_party(signatures: Sequence[str], key_sets: Sequence[KeySet]) -> list[tuple[str, str]]:
    """Return each signature with the party whose key made it; all hold already."""
    return [(opened(token, key_sets, typ=TOKEN_TYPE).issuer, token) for token in signatures]
