"""Begin an issuer's key set, replace its key in time, withdraw one that is lost."""

from datetime import datetime, timedelta

from batteryloop.errors import InputWrong
from batteryloop.passport.credential import (
    KeySet,
    SigningKey,
    StatusRegister,
    Withdrawal,
    rotated,
    withdrawn,
)
from batteryloop.passport.credential.policy import default_policy


def begin_issuer(
    key: SigningKey, *, now: datetime, status_list_id: str = "", valid_days: float | None = None
) -> tuple[KeySet, StatusRegister]:
    """Return the first key set of an issuer and its empty status register.

    Parameters
    ----------
    key : SigningKey
    now : datetime
    status_list_id : str, default ""
        Where the status list will be published; below the issuer's address if not given.
    valid_days : float, optional
        How long the key may sign; the policy's if not given. [days]

    Raises
    ------
    InputWrong
        If the issuer is no address.
    """
    if not key.issuer.startswith(("https://", "http://", "did:", "urn:")):
        raise InputWrong("issuer", repr(key.issuer), "an address: https://…, did:…, urn:…")
    days = default_policy().key_valid_days if valid_days is None else valid_days
    keys = KeySet(key.issuer, (key.public(now, now + timedelta(days=days)),), now)
    place = status_list_id or f"{key.issuer.rstrip('/')}/status/1"
    return keys, StatusRegister(place)


def rotate_key(
    keys: KeySet, new: SigningKey, *, now: datetime, valid_days: float | None = None
) -> KeySet:
    """Return the key set with a new key; what the old one signed is still believed.

    Raises
    ------
    RecordSaysNo
        If the key is of another issuer or in the set already.
    """
    days = default_policy().key_valid_days if valid_days is None else valid_days
    return rotated(keys, new, now=now, valid_until_at=now + timedelta(days=days))


def withdraw_key(keys: KeySet, kid: str, why: Withdrawal, *, now: datetime) -> KeySet:
    """Return the key set with a key withdrawn; if compromised, nothing it signed is believed.

    Raises
    ------
    NotKnown
        If no key has that name.
    RecordSaysNo
        If it was withdrawn as compromised before.
    """
    return withdrawn(keys, kid, why, now=now)
