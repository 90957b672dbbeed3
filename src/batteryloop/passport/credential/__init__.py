"""How can a passport be proved? Signed, revoked, handed over and verified, without a network."""

from batteryloop.passport.credential.canonical import digest, parsed
from batteryloop.passport.credential.handover import (
    TransferVerdict,
    transfer_document,
    transfer_signature,
    verify_transfer,
)
from batteryloop.passport.credential.issue import (
    Subject,
    new_credential_id,
    passport_credential,
    signed_credential,
)
from batteryloop.passport.credential.keys import (
    IssuerKey,
    KeySet,
    SigningKey,
    Withdrawal,
    key_set_of,
    rotated,
    withdrawn,
)
from batteryloop.passport.credential.status_list import (
    StatusRegister,
    register_of,
    signed_status_list,
)
from batteryloop.passport.credential.types import Flaw, Verdict
from batteryloop.passport.credential.verify import verify_credential
from batteryloop.record.canonical import canonical

__all__ = [
    "Flaw",
    "IssuerKey",
    "KeySet",
    "SigningKey",
    "StatusRegister",
    "Subject",
    "TransferVerdict",
    "Verdict",
    "Withdrawal",
    "canonical",
    "digest",
    "key_set_of",
    "new_credential_id",
    "parsed",
    "passport_credential",
    "register_of",
    "rotated",
    "signed_credential",
    "signed_status_list",
    "transfer_document",
    "transfer_signature",
    "verify_credential",
    "verify_transfer",
    "withdrawn",
]
