"""A passport's version as a W3C Verifiable Credential 2.0, signed as `vc+jwt`.

Sources: W3C Verifiable Credentials Data Model v2.0 and Securing Verifiable Credentials using JOSE
and COSE, both Recommendations of 2025-05-15. The credential is the token's content itself; the
claims `vc` and `vp` of older drafts do not stand in it. It binds the SHA-256 of the passport's
canonical form, not the passport: it may be shown to those who may not see all of the passport.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batteryloop.errors import InputWrong
from batteryloop.passport.credential.canonical import CANONICAL_FORM, HASH, digest
from batteryloop.passport.credential.content import CONTENT_TYPE, CONTEXT, TERMS, TOKEN_TYPE
from batteryloop.passport.credential.keys import SigningKey
from batteryloop.passport.credential.moments import stamp
from batteryloop.passport.credential.status_list import StatusPlace
from batteryloop.passport.credential.token import signed

TYPE = "BatteryPassportCredential"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is signed: the battery or its passport, by an address, and which version.

    Raises
    ------
    InputWrong
        If the address is none: a URL or a URN is due.
    """

    subject_id: str
    passport_version: str = ""

    def __post_init__(self) -> None:
        scheme, colon, rest = self.subject_id.partition(":")
        if not (colon and rest and scheme.isascii() and scheme.isalnum()):
            raise InputWrong(
                "subject",
                repr(self.subject_id[:80]),
                "an address: https://…, urn:…",
                "give the passport's address, such as its GS1 Digital Link",
            )


def new_credential_id(random_bytes: Callable[[int], bytes]) -> str:
    """Return a name for a new credential, of 122 random bits."""
    return f"urn:uuid:{uuid.UUID(bytes=random_bytes(16), version=4)}"


def passport_credential(
    passport: object,
    subject: Subject,
    *,
    credential_id: str,
    issuer: str,
    now: datetime,
    valid_until_at: datetime | None = None,
    status: StatusPlace | None = None,
) -> dict[str, Any]:
    """Return the unsigned credential of a passport.

    Parameters
    ----------
    passport : JSON
        Any document; its hash is bound.
    subject : Subject
    credential_id, issuer : str
        Addresses.
    now : datetime
        From when it is valid, and when it is signed.
    valid_until_at : datetime, optional
    status : StatusPlace, optional
        Where a revocation would stand; without it the credential cannot be revoked.

    Raises
    ------
    InputWrong
        If the passport has no canonical form.
    """
    content: dict[str, Any] = {
        "@context": [CONTEXT, dict(TERMS)],
        "id": credential_id,
        "type": ["VerifiableCredential", TYPE],
        "issuer": issuer,
        "validFrom": stamp(now),
        "iat": int(now.timestamp()),
        "credentialSubject": {
            "id": subject.subject_id,
            "type": "BatteryPassport",
            "passportVersion": subject.passport_version,
            "passportDigest": {
                "algorithm": HASH,
                "canonicalForm": CANONICAL_FORM,
                "value": digest(passport, subject="passport"),
            },
        },
    }
    if valid_until_at is not None:
        content["validUntil"] = stamp(valid_until_at)
    if status is not None:
        content["credentialStatus"] = status.as_entry()
    return content


def signed_credential(credential: dict[str, Any], key: SigningKey) -> str:
    """Return the credential as a token.

    Raises
    ------
    InputWrong
        If the key is not its issuer's.
    """
    if credential["issuer"] != key.issuer:
        raise InputWrong("credential", f"is issued by {credential['issuer']}", key.issuer)
    return signed(credential, key, typ=TOKEN_TYPE, cty=CONTENT_TYPE)
