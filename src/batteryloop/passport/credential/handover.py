"""Transfer of responsibility for batteries, signed by both sides.

A document names batteries, both parties and the moment. Each side signs its hash, its own role and
when it signed. It holds only with both signatures: nobody takes a battery over alone, and nobody
gets rid of one alone.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from batteryloop.errors import InputWrong
from batteryloop.passport.credential.canonical import digest
from batteryloop.passport.credential.keys import KeySet, SigningKey
from batteryloop.passport.credential.moments import moment, stamp
from batteryloop.passport.credential.policy import Policy, default_policy
from batteryloop.passport.credential.token import opened, signed
from batteryloop.passport.credential.types import Flaw, Flawed

TYPE = "BatteryTransferOfResponsibility"
TOKEN_TYPE = "battery-transfer+jwt"


class Role(StrEnum):
    """Which side signs."""

    FROM = "from"
    TO = "to"


@dataclass(frozen=True, slots=True)
class TransferVerdict:
    """Whether a transfer holds, and which sides signed."""

    flaw: Flaw | None
    reason: str
    transfer_id: str = ""
    batteries: tuple[str, ...] = ()
    from_party: str = ""
    to_party: str = ""
    at: datetime | None = None
    signed_by: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether responsibility has gone over."""
        return self.flaw is None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "is_valid": self.is_valid,
            "flaw": self.flaw.value if self.flaw else None,
            "reason": self.reason,
            "transfer_id": self.transfer_id,
            "batteries": list(self.batteries),
            "from_party": self.from_party,
            "to_party": self.to_party,
            "at": self.at,
            "signed_by": list(self.signed_by),
        }


def transfer_document(
    batteries: Sequence[str],
    from_party: str,
    to_party: str,
    at: datetime,
    *,
    random_bytes: Callable[[int], bytes],
    responsibility: str = "producer responsibility and passport",
) -> dict[str, Any]:
    """Return the document that both sides sign.

    Parameters
    ----------
    batteries : sequence of str
        Their names, each once.
    from_party, to_party : str
        The issuers of the two key sets.
    at : datetime
        From when the other side is responsible.
    random_bytes : callable
        For the document's name.
    responsibility : str
        What goes over, in words.

    Raises
    ------
    InputWrong
        If there is no battery, one is named twice, or both parties are one.
    """
    names = [name.strip() for name in batteries]
    if not names or not all(names) or len(set(names)) < len(names):
        raise InputWrong("transfer", f"names {len(names)} batteries", "at least one, each once")
    if not from_party or not to_party or from_party == to_party:
        raise InputWrong("transfer", f"from {from_party!r} to {to_party!r}", "two parties")
    return {
        "type": TYPE,
        "id": f"urn:uuid:{uuid.UUID(bytes=random_bytes(16), version=4)}",
        "batteries": sorted(names),
        "from": from_party,
        "to": to_party,
        "at": stamp(at),
        "responsibility": responsibility,
    }


def transfer_signature(document: dict[str, Any], key: SigningKey, *, now: datetime) -> str:
    """Return one side's signature; which side follows from whose key it is.

    Raises
    ------
    InputWrong
        If the key is of neither party.
    """
    role = next((role for role in Role if document.get(role.value) == key.issuer), None)
    if role is None:
        raise InputWrong(
            "transfer", f"is not for {key.issuer}", f"{document.get('from')}, {document.get('to')}"
        )
    claims = {
        "transfer": document["id"],
        "sha256": digest(document, subject="transfer"),
        "role": role.value,
        "iat": int(now.timestamp()),
    }
    return signed(claims, key, typ=TOKEN_TYPE)


def verify_transfer(
    document: object,
    signatures: Sequence[str],
    key_sets: Sequence[KeySet],
    *,
    now: datetime,
    policy: Policy | None = None,
) -> TransferVerdict:
    """Return whether both sides signed this very document with keys that counted then.

    Whatever document and signatures hold, the answer is a verdict and never an exception.
    """
    rules = policy or default_policy()
    verdict = TransferVerdict(None, "")
    try:
        if not isinstance(document, dict) or document.get("type") != TYPE:
            raise Flawed(Flaw.MALFORMED, f"the document is no {TYPE}")
        verdict = _said(document)
        by_role: dict[str, str] = {}
        for token in signatures:
            role, party = _signed(token, document, key_sets, now=now, policy=rules)
            by_role[role] = party
        verdict = replace(verdict, signed_by=tuple(sorted(by_role.values())))
        for role in Role:
            if role not in by_role:
                party = verdict.from_party if role is Role.FROM else verdict.to_party
                raise Flawed(
                    Flaw.SIGNATURE_MISSING, f"{party} ({role.value}) has not signed the transfer"
                )
    except (Flawed, InputWrong) as error:
        flaw = error.flaw if isinstance(error, Flawed) else Flaw.MALFORMED
        reason = error.reason if isinstance(error, Flawed) else f"the transfer {error.found}"
        return replace(verdict, flaw=flaw, reason=reason)
    n = len(verdict.batteries)
    said = f"{n} batter{'y' if n == 1 else 'ies'} from {verdict.from_party} to {verdict.to_party}"
    return replace(verdict, reason=f"signed by both sides: {said}")


def _said(document: dict[str, Any]) -> TransferVerdict:
    names, at = document.get("batteries"), moment(document.get("at"))
    parties = [document.get(name) for name in ("id", "from", "to")]
    if (
        not isinstance(names, list)
        or not names
        or not all(isinstance(name, str) and name for name in names)
        or len(set(names)) < len(names)
        or not all(isinstance(party, str) and party for party in parties)
        or parties[1] == parties[2]
        or at is None
    ):
        raise Flawed(Flaw.MALFORMED, "the document lacks batteries, two parties or the moment")
    return TransferVerdict(
        None, "", str(parties[0]), tuple(names), str(parties[1]), str(parties[2]), at
    )


def _signed(
    token: str,
    document: dict[str, Any],
    key_sets: Sequence[KeySet],
    *,
    now: datetime,
    policy: Policy,
) -> tuple[str, str]:
    found = opened(token, key_sets, typ=TOKEN_TYPE)
    if found.claims.get("sha256") != digest(document, subject="transfer"):
        raise Flawed(Flaw.PASSPORT_ALTERED, f"{found.issuer} signed another document")
    role = found.claims.get("role")
    if role not in [r.value for r in Role] or document.get(str(role)) != found.issuer:
        raise Flawed(
            Flaw.ISSUER_WRONG, f"{found.issuer} signed as {str(role)[:20]!r}, which it is not"
        )
    signed_at = moment(found.claims.get("iat"))
    if signed_at is None:
        raise Flawed(Flaw.MALFORMED, f"{found.issuer} does not say when it signed")
    if signed_at > now + timedelta(seconds=policy.clock_skew_s):
        raise Flawed(Flaw.NOT_YET_VALID, f"{found.issuer} signed in the future")
    found.key.check_at(signed_at)
    return str(role), found.issuer
