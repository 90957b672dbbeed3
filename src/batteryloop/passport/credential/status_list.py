"""Which credentials were revoked: the issuer's register, and the signed list made from it.

W3C Bitstring Status List v1.0 (Recommendation, 2025-05-15). Beyond it, the list carries a version
that grows with each publication and the reason of each revocation, and each credential says which
version stood when it was signed: so a list from before is found out without a network.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from batteryloop.errors import FileDamaged, InputWrong, NotKnown, RecordSaysNo
from batteryloop.passport.credential.bitstring import packed
from batteryloop.passport.credential.content import CONTENT_TYPE, CONTEXT, TERMS, TOKEN_TYPE
from batteryloop.passport.credential.keys import SigningKey
from batteryloop.passport.credential.moments import moment, stamp
from batteryloop.passport.credential.policy import default_policy
from batteryloop.passport.credential.token import signed

LIST_TYPE = "BitstringStatusListCredential"
ENTRY_TYPE = "BitstringStatusListEntry"
PURPOSE = "revocation"


@dataclass(frozen=True, slots=True)
class StatusPlace:
    """Where a credential's bit stands."""

    list_id: str
    index: int
    list_version: int

    def as_entry(self) -> dict[str, Any]:
        """Return the member `credentialStatus`."""
        return {
            "id": f"{self.list_id}#{self.index}",
            "type": ENTRY_TYPE,
            "statusPurpose": PURPOSE,
            "statusListIndex": str(self.index),
            "statusListCredential": self.list_id,
            "listVersionAtIssue": self.list_version,
        }


@dataclass(frozen=True, slots=True)
class Revocation:
    """That a credential no longer counts, since when and why."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class StatusRegister:
    """The issuer's memory: which place was given to which credential, and what was revoked.

    Examples
    --------
    >>> register = StatusRegister("https://e.com/status/1")
    >>> register, place = register.with_place("urn:uuid:1", lambda n: bytes(n))
    >>> place.index, register.place_of("urn:uuid:1")
    (0, 0)
    """

    list_id: str
    n_bits: int = default_policy().status_list_bits
    version: int = 1
    given: Mapping[int, str] = field(default_factory=dict)
    revoked: Mapping[int, Revocation] = field(default_factory=dict)

    def place_of(self, credential_id: str) -> int:
        """Return the index of a credential.

        Raises
        ------
        NotKnown
            If it was not given one here.
        """
        for index, owner in self.given.items():
            if owner == credential_id:
                return index
        raise NotKnown.among("credential", credential_id, list(self.given.values())[-50:])

    def with_place(
        self, credential_id: str, random_bytes: Callable[[int], bytes]
    ) -> tuple["StatusRegister", StatusPlace]:
        """Return the register with a place given, drawn by lot so that its number says nothing.

        Raises
        ------
        RecordSaysNo
            If the credential has one, or the list can grow no more.
        """
        if credential_id in self.given.values():
            raise RecordSaysNo(f"credential {credential_id}", "has its place already")
        # A list that fills up grows: what stood in it keeps its place.
        n_bits = self.n_bits * 2 if len(self.given) >= self.n_bits * 3 // 4 else self.n_bits
        if n_bits > default_policy().status_list_bits_max:
            raise RecordSaysNo(
                f"status list {self.list_id}",
                f"{len(self.given)} places given",
                f"a list of at most {default_policy().status_list_bits_max} bits",
                "begin another issuer's folder with another --status-list",
            )
        index = int.from_bytes(random_bytes(8)) % n_bits
        while index in self.given:
            index = (index + 1 + int.from_bytes(random_bytes(8))) % n_bits
        place = StatusPlace(self.list_id, index, self.version)
        return replace(self, n_bits=n_bits, given={**self.given, index: credential_id}), place

    def with_revocation(self, credential_id: str, reason: str, at: datetime) -> "StatusRegister":
        """Return the register with a credential revoked, as a new version.

        Raises
        ------
        NotKnown
            If the credential has no place here.
        RecordSaysNo
            If it was revoked before: a revocation is not reversible.
        InputWrong
            If no reason is given.
        """
        index = self.place_of(credential_id)
        if not reason.strip():
            raise InputWrong("revocation", "without a reason", "a sentence why")
        if index in self.revoked:
            before = self.revoked[index]
            raise RecordSaysNo(
                f"credential {credential_id}",
                f"was revoked on {before.at.date()}: {before.reason}",
                "once and for all",
            )
        revoked = {**self.revoked, index: Revocation(at, reason.strip())}
        return replace(self, revoked=revoked, version=self.version + 1)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, to be kept by the issuer."""
        return {
            "list_id": self.list_id,
            "n_bits": self.n_bits,
            "version": self.version,
            "given": {str(index): owner for index, owner in self.given.items()},
            "revoked": {
                str(index): {"at": stamp(one.at), "reason": one.reason}
                for index, one in self.revoked.items()
            },
        }


def register_of(document: object, *, subject: str = "status register") -> StatusRegister:
    """Return the register that plain data describes.

    Raises
    ------
    FileDamaged
        If it describes none.
    """
    try:
        if not isinstance(document, dict):
            raise TypeError(type(document).__name__)
        revoked = {}
        for index, one in document["revoked"].items():
            at = moment(one["at"])
            if at is None:
                raise ValueError(one["at"])
            revoked[int(index)] = Revocation(at, one["reason"])
        return StatusRegister(
            document["list_id"],
            int(document["n_bits"]),
            int(document["version"]),
            {int(index): str(owner) for index, owner in document["given"].items()},
            revoked,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise FileDamaged(subject, f"is no status register ({exc!r})", "as it was written") from exc


def status_credential(
    register: StatusRegister, *, issuer: str, now: datetime, valid_days: float | None = None
) -> dict[str, Any]:
    """Return the unsigned list of a register.

    Parameters
    ----------
    register : StatusRegister
    issuer : str
    now : datetime
    valid_days : float, optional
        How long it says it is valid; the policy's if not given. [days]
    """
    days = default_policy().status_list_valid_days if valid_days is None else valid_days
    return {
        "@context": [CONTEXT, dict(TERMS)],
        "id": register.list_id,
        "type": ["VerifiableCredential", LIST_TYPE],
        "issuer": issuer,
        "validFrom": stamp(now),
        "validUntil": stamp(now + timedelta(days=days)),
        "iat": int(now.timestamp()),
        "credentialSubject": {
            "id": f"{register.list_id}#list",
            "type": "BitstringStatusList",
            "statusPurpose": PURPOSE,
            "encodedList": packed(register.revoked, register.n_bits),
            "listVersion": register.version,
            "revocations": [
                {"statusListIndex": str(index), "at": stamp(one.at), "reason": one.reason}
                for index, one in sorted(register.revoked.items())
            ],
        },
    }


def signed_status_list(
    register: StatusRegister, key: SigningKey, *, now: datetime, valid_days: float | None = None
) -> str:
    """Return the list of a register as a token, to be published."""
    content = status_credential(register, issuer=key.issuer, now=now, valid_days=valid_days)
    return signed(content, key, typ=TOKEN_TYPE, cty=CONTENT_TYPE)
