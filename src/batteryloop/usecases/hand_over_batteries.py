"""Hand batteries over: one file that both sides sign, and that holds only with both signatures."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from batteryloop.errors import FileDamaged, InputWrong
from batteryloop.passport.credential import (
    Flaw,
    KeySet,
    SigningKey,
    TransferVerdict,
    parsed,
    transfer_document,
    transfer_signature,
    verify_transfer,
)


def begin_hand_over(
    batteries: Sequence[str],
    from_party: str,
    to_party: str,
    *,
    at: datetime,
    random_bytes: Callable[[int], bytes],
) -> dict[str, Any]:
    """Return the file of a transfer that nobody has signed yet.

    Raises
    ------
    InputWrong
        If there is no battery, one is named twice, or both parties are one.
    """
    document = transfer_document(batteries, from_party, to_party, at, random_bytes=random_bytes)
    return {"transfer": document, "signatures": []}


def sign_hand_over(file: object, key: SigningKey, *, now: datetime) -> dict[str, Any]:
    """Return the file with one more signature.

    Raises
    ------
    FileDamaged
        If it is no file of a transfer.
    InputWrong
        If the key is of neither party.
    """
    document, signatures = _parts(file)
    if not isinstance(document, dict) or "id" not in document:
        raise FileDamaged("transfer", "no document in it", "as `passport transfer new` wrote it")
    return {
        "transfer": document,
        "signatures": [*signatures, transfer_signature(document, key, now=now)],
    }


def verify_hand_over(data: bytes, key_sets: Sequence[KeySet], *, now: datetime) -> TransferVerdict:
    """Return whether both sides signed; never an exception."""
    try:
        document, signatures = _parts(parsed(data, subject="transfer"))
    except InputWrong as error:
        return TransferVerdict(Flaw.MALFORMED, f"the transfer {error.found}")
    return verify_transfer(document, signatures, key_sets, now=now)


def _parts(file: object) -> tuple[object, list[str]]:
    signatures = file.get("signatures") if isinstance(file, dict) else None
    if not isinstance(file, dict) or not isinstance(signatures, list):
        raise FileDamaged("transfer", "is none", "as `passport transfer new` wrote it")
    return file.get("transfer"), [one for one in signatures if isinstance(one, str)]
