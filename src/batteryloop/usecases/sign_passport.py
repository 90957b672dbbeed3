"""Sign a version of a passport, with a place in the status list where a revocation would stand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from batteryloop.errors import InputWrong
from batteryloop.passport.credential import (
    SigningKey,
    StatusRegister,
    Subject,
    new_credential_id,
    passport_credential,
    signed_credential,
    signed_status_list,
)
from batteryloop.passport.history import HISTORY_FORMAT


@dataclass(frozen=True, slots=True)
class SignedPassport:
    """The token to hand out, and the issuer's register and list as they are now."""

    token: str
    credential_id: str
    subject: Subject
    passport_sha256: str
    register: StatusRegister
    status_list: str


def signed_part(document: object, version: str = "") -> object:
    """Return what a signature binds: of a passport's history one version, else the whole document.

    Parameters
    ----------
    document : JSON
    version : str, default ""
        Which version of a history; the newest if not given.

    Raises
    ------
    InputWrong
        If the history has no such version.

    Examples
    --------
    >>> signed_part({"format": HISTORY_FORMAT, "versions": [{"version": 1}, {"version": 2}]})
    {'version': 2}
    """
    if not isinstance(document, dict) or document.get("format") != HISTORY_FORMAT:
        return document
    held = document.get("versions")
    versions = [v for v in held if isinstance(v, dict)] if isinstance(held, list) else []
    for one in reversed(versions):
        if version in ("", str(one.get("version"))):
            return one
    raise InputWrong("passport", f"has no version {version or 'at all'}", "one of its versions")


def subject_of(passport: object, *, subject_id: str = "", version: str = "") -> Subject:
    """Return what is signed; a passport of batteryloop says it itself.

    Raises
    ------
    InputWrong
        If neither the passport nor the caller says which battery it is of.

    Examples
    --------
    >>> subject_of({"version": 3, "attributes": {"passport_id": {"value": "urn:x:1"}}})
    Subject(subject_id='urn:x:1', passport_version='3')
    """
    body = passport if isinstance(passport, dict) else {}
    versions = body.get("versions")
    if isinstance(versions, list) and versions and isinstance(versions[-1], dict):
        body = versions[-1]  # a passport with its history speaks for its last version
    attributes = body.get("attributes")
    held = attributes.get("passport_id") if isinstance(attributes, dict) else None
    inside = (
        held.get("value") if isinstance(held, dict) else body.get("passport_id", body.get("id"))
    )
    found = subject_id or (inside if isinstance(inside, str) else "")
    if not found:
        raise InputWrong(
            "passport",
            "does not say its own address",
            "passport_id, or the option --subject",
            "give the address that its code on the battery leads to",
        )
    if ":" not in found:
        found = f"urn:batteryloop:{found}"
    said = body.get("version", "")
    return Subject(found, version or str(said if isinstance(said, int | str) else ""))


def sign_passport(
    passport: object,
    subject: Subject,
    key: SigningKey,
    register: StatusRegister,
    *,
    now: datetime,
    random_bytes: Callable[[int], bytes],
    valid_days: float | None = None,
) -> SignedPassport:
    """Return the signed passport.

    Parameters
    ----------
    passport : JSON
        Any document; of a history, one version (`signed_part`). Each view of a passport (whole,
        public) is signed by itself.
    subject : Subject
    key : SigningKey
    register : StatusRegister
        The issuer's.
    now : datetime
    random_bytes : callable
        Gives as many random bytes as asked for.
    valid_days : float, optional
        After how many days it expires; never if not given. [days]

    Raises
    ------
    InputWrong
        If the passport has no canonical form.
    RecordSaysNo
        If the status list is full.
    """
    credential_id = new_credential_id(random_bytes)
    grown, place = register.with_place(credential_id, random_bytes)
    credential = passport_credential(
        passport,
        subject,
        credential_id=credential_id,
        issuer=key.issuer,
        now=now,
        valid_until_at=None if valid_days is None else now + timedelta(days=valid_days),
        status=place,
    )
    return SignedPassport(
        signed_credential(credential, key),
        credential_id,
        subject,
        credential["credentialSubject"]["passportDigest"]["value"],
        grown,
        signed_status_list(grown, key, now=now),
    )
