"""The issuer that a server signs as: its folder of keys, made at the first start."""

import os
from datetime import datetime
from pathlib import Path

from batteryloop.passport.access import Viewer, redact
from batteryloop.passport.credential import signed_status_list
from batteryloop.passport.document import passport_document
from batteryloop.passport.types import Passport
from batteryloop.record.canonical import canonical
from batteryloop.usecases.record_port import Record
from batteryloop.usecases.revoke_passport import revoke_passport
from batteryloop.usecases.rotate_key import begin_issuer
from batteryloop.usecases.sign_passport import SignedPassport, sign_passport, subject_of
from batteryloop.wiring.keys import IssuerFolder, new_signing_key, password_in, random_bytes

# The kind of document that a signature is kept as on record.
CREDENTIAL = "credential"
STATUS_LIST = "/api/v1/issuer/status-list"


def issuer_of(folder: Path, address: str, *, now: datetime) -> IssuerFolder:
    """Return the issuer whose keys are in a folder; the first is made if there are none."""
    place = IssuerFolder(folder, password_in(os.environ))
    if not place.keys_file.exists():
        key = new_signing_key(address)
        keys, register = begin_issuer(key, now=now, status_list_id=address + STATUS_LIST)
        place.begin(key, keys, register)
        place.publish_status_list(signed_status_list(register, key, now=now))
    return place


def sign_in_folder(place: IssuerFolder, passport: object, *, now: datetime) -> SignedPassport:
    """Sign a passport with the issuer's key; its place is kept before the token is out."""
    with place.alone():
        signed = sign_passport(
            passport,
            subject_of(passport),
            place.signing_key(now),
            place.register(),
            now=now,
            random_bytes=random_bytes,
        )
        place.keep_register(signed.register)
        place.publish_status_list(signed.status_list)
    return signed


def sign_on_record(
    place: IssuerFolder, record: Record, battery_id: str, passport: Passport, *, now: datetime
) -> dict[str, str]:
    """Sign what anybody may see of a recorded passport, and keep the credential on record.

    Parameters
    ----------
    place : IssuerFolder
        Whose key signs.
    record : Record
        Where the credential is kept, beside the passport.
    battery_id : str
        The battery.
    passport : Passport
        The version to be signed, whole.
    now : datetime
        The moment, UTC.
    """
    signed = sign_in_folder(place, passport_document(redact(passport, [Viewer.PUBLIC])), now=now)
    made = credential_document(signed, "public")
    record.keep_document(battery_id, CREDENTIAL, canonical(made))
    return made


def credential_document(signed: SignedPassport, view: str) -> dict[str, str]:
    """Return a signature of one view as plain data."""
    return {
        "credential": signed.token,
        "credential_id": signed.credential_id,
        "passport_version": signed.subject.passport_version,
        "passport_sha256": signed.passport_sha256,
        "view": view,
    }


def revoke_in_folder(
    place: IssuerFolder, credential_id: str, reason: str, *, now: datetime
) -> None:
    """Revoke a credential of the issuer, and publish the list anew."""
    with place.alone():
        key = place.signing_key(now)
        changed, token = revoke_passport(credential_id, reason, place.register(), key, now=now)
        place.keep_register(changed)
        place.publish_status_list(token)
