"""Revoke a signed passport: its bit is set, and the list is signed and published anew."""

from datetime import datetime

from batteryloop.errors import InputWrong
from batteryloop.passport.credential import KeySet, SigningKey, StatusRegister, signed_status_list
from batteryloop.passport.credential.content import opened_credential
from batteryloop.passport.credential.types import Flawed


def credential_id_of(text: str, keys: KeySet) -> str:
    """Return the credential's name: the text itself, or that of the token it is.

    Raises
    ------
    InputWrong
        If it is a token that the issuer's keys did not sign.

    Examples
    --------
    >>> credential_id_of("urn:uuid:1", KeySet("https://e.com", ()))
    'urn:uuid:1'
    """
    if text.count(".") != 2 or ":" in text:
        return text.strip()
    try:
        return opened_credential(text, [keys]).credential_id
    except Flawed as flawed:
        raise InputWrong("credential", flawed.reason, f"signed by {keys.issuer}") from flawed


def revoke_passport(
    credential_id: str, reason: str, register: StatusRegister, key: SigningKey, *, now: datetime
) -> tuple[StatusRegister, str]:
    """Return the register and the signed list with the credential revoked.

    Raises
    ------
    NotKnown
        If the register does not have it.
    RecordSaysNo
        If it was revoked before.
    InputWrong
        If no reason is given.
    """
    changed = register.with_revocation(credential_id, reason, now)
    return changed, signed_status_list(changed, key, now=now)
