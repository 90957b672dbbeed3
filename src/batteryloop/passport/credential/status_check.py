"""Is a credential revoked, by the lists at hand? An old, foreign or forged list answers nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from batteryloop.passport.credential.bitstring import bit, unpacked
from batteryloop.passport.credential.content import as_types, check_span, opened_credential
from batteryloop.passport.credential.keys import KeySet
from batteryloop.passport.credential.policy import Policy
from batteryloop.passport.credential.status_list import ENTRY_TYPE, LIST_TYPE
from batteryloop.passport.credential.types import Flaw, Flawed

_FLAWS = {"revocation": Flaw.REVOKED, "suspension": Flaw.SUSPENDED}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a credential says of where its status stands."""

    list_id: str
    index: int
    purpose: str
    version_at_issue: int


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """The list that was asked, and how old it is."""

    list_id: str
    version: int | None
    age_days: float


def entries_of(claims: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Return the entries of a credential that can make it invalid.

    Raises
    ------
    Flawed
        If one is malformed.
    """
    said = claims.get("credentialStatus")
    if said is None:
        return ()
    found = []
    for entry in said if isinstance(said, list) else [said]:
        if not isinstance(entry, dict):
            raise Flawed(Flaw.MALFORMED, "its credentialStatus is no object")
        if ENTRY_TYPE not in as_types(entry.get("type")):
            raise Flawed(
                Flaw.STATUS_UNKNOWN,
                f"its status is of type {str(entry.get('type'))[:60]}, known is {ENTRY_TYPE}",
            )
        purpose = entry.get("statusPurpose")
        if not isinstance(purpose, str):
            raise Flawed(Flaw.MALFORMED, "its credentialStatus has no purpose")
        if purpose not in _FLAWS:
            continue
        index, list_id = entry.get("statusListIndex"), entry.get("statusListCredential")
        is_number = isinstance(index, str) and index.isascii() and index.isdigit()
        if not is_number or len(str(index)) > 12 or not isinstance(list_id, str):
            raise Flawed(Flaw.MALFORMED, "its credentialStatus has no index or no list")
        version = entry.get("listVersionAtIssue", 0)
        found.append(
            Entry(
                list_id,
                int(str(index)),
                purpose,
                version if isinstance(version, int) else 0,
            )
        )
    return tuple(found)


def check_status(
    entry: Entry,
    tokens: Sequence[str],
    key_sets: Sequence[KeySet],
    *,
    issuer: str,
    now: datetime,
    policy: Policy,
    known_versions: Mapping[str, int],
) -> StatusAnswer:
    """Return how old the list is that says that the credential is not revoked.

    Raises
    ------
    Flawed
        If it is revoked or suspended, or no list at hand can answer: none of this name, of
        another issuer, with a wrong signature, too old, or older than one seen before.
    """
    lists = []
    wrong: Flawed | None = None
    for token in tokens:
        try:
            lists.append(_list(token, key_sets, issuer=issuer, now=now, policy=policy))
        except Flawed as flawed:
            wrong = wrong or flawed
    fitting = [one for one in lists if one.list_id == entry.list_id]
    if not fitting:
        if wrong is not None:
            raise Flawed(Flaw.STATUS_LIST_WRONG, f"the status list {wrong.reason}")
        raise Flawed(Flaw.STATUS_UNKNOWN, f"the status list {entry.list_id} is not at hand")
    newest = max(fitting, key=lambda one: (one.version or 0, one.valid_from_at))
    if entry.purpose not in newest.purposes:
        raise Flawed(Flaw.STATUS_LIST_WRONG, f"the status list is not for {entry.purpose}")
    if bit(newest.bits, entry.index):
        raise Flawed(_FLAWS[entry.purpose], _why(newest, entry))
    least = max(entry.version_at_issue, known_versions.get(entry.list_id, 0))
    if (newest.version or 0) < least:
        since = "was seen before" if least > entry.version_at_issue else "stood when it was signed"
        raise Flawed(
            Flaw.STATUS_LIST_ROLLED_BACK,
            f"the status list is version {newest.version or 0}, but version {least} {since}",
        )
    age_days = max((now - newest.valid_from_at) / timedelta(days=1), 0.0)
    if age_days > policy.status_list_age_max_days:
        raise Flawed(
            Flaw.STATUS_LIST_TOO_OLD,
            f"the status list is {age_days:.0f} days old, at most "
            f"{policy.status_list_age_max_days:g} days are taken",
        )
    return StatusAnswer(entry.list_id, newest.version, age_days)


@dataclass(frozen=True, slots=True)
class _StatusList:
    list_id: str
    purposes: tuple[str, ...]
    bits: bytes
    version: int | None
    valid_from_at: datetime
    revocations: tuple[dict[str, Any], ...]


def _list(
    token: str, key_sets: Sequence[KeySet], *, issuer: str, now: datetime, policy: Policy
) -> _StatusList:
    found = opened_credential(token, key_sets)
    if LIST_TYPE not in found.types:
        raise Flawed(Flaw.STATUS_LIST_WRONG, "is no status list")
    if found.issuer != issuer:
        raise Flawed(Flaw.STATUS_LIST_WRONG, f"is of {found.issuer}, not of {issuer}")
    found.opened.key.check_at(found.signed_at)
    # Past its own end it is old, not forged: the age says so, with what it was when it was made.
    try:
        check_span(found, now=now, policy=policy)
    except Flawed as flawed:
        if flawed.flaw is not Flaw.EXPIRED:
            raise
    subject = found.claims.get("credentialSubject")
    if not isinstance(subject, dict) or subject.get("type") != "BitstringStatusList":
        raise Flawed(Flaw.STATUS_LIST_WRONG, "has no BitstringStatusList in it")
    encoded, size = subject.get("encodedList"), subject.get("statusSize", 1)
    if not isinstance(encoded, str) or size != 1:
        raise Flawed(Flaw.STATUS_LIST_WRONG, "has no list of single bits")
    version = subject.get("listVersion")
    revocations = subject.get("revocations")
    return _StatusList(
        found.credential_id,
        as_types(subject.get("statusPurpose")),
        unpacked(encoded),
        version if isinstance(version, int) else None,
        found.valid_from_at,
        tuple(r for r in revocations if isinstance(r, dict))
        if isinstance(revocations, list)
        else (),
    )


def _why(status: _StatusList, entry: Entry) -> str:
    for one in status.revocations:
        if one.get("statusListIndex") == str(entry.index):
            return f"it was revoked on {str(one.get('at'))[:10]}: {str(one.get('reason'))[:200]}"
    return "its bit in the status list is set; the list gives no reason"
