"""What a verification says: valid, or the one reason why not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Flaw(StrEnum):
    """Why something that claims to be signed is not accepted."""

    MALFORMED = "malformed"
    SIGNATURE_MISSING = "signature-missing"
    ALGORITHM_NOT_ALLOWED = "algorithm-not-allowed"
    TYPE_WRONG = "type-wrong"
    KEY_UNKNOWN = "key-unknown"
    SIGNATURE_WRONG = "signature-wrong"
    ISSUER_WRONG = "issuer-wrong"
    KEY_WITHDRAWN = "key-withdrawn"
    KEY_NOT_VALID_THEN = "key-not-valid-then"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    PASSPORT_ALTERED = "passport-altered"
    STATUS_UNKNOWN = "status-unknown"
    STATUS_LIST_WRONG = "status-list-wrong"
    STATUS_LIST_TOO_OLD = "status-list-too-old"
    STATUS_LIST_ROLLED_BACK = "status-list-rolled-back"
    REVOKED = "revoked"
    SUSPENDED = "suspended"


class Flawed(Exception):
    """Carries a flaw out of the checks; a verifier turns it into a verdict."""

    def __init__(self, flaw: Flaw, reason: str) -> None:
        self.flaw = flaw
        self.reason = reason
        super().__init__(flaw.value, reason)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a signed passport is accepted, and what was looked at.

    Parameters
    ----------
    flaw : Flaw or None
        None if it is valid.
    reason : str
        A sentence; also where it is valid.
    issuer, kid, algorithm, credential_id, subject_id, passport_sha256 : str
        What it says of itself, as far as the checks came; believe none of it if it is not valid.
    signed_at, valid_until_at : datetime or None
    key_set_age_days, status_list_age_days : float or None
        How old the evidence is. [days]
    status_list_id, status_list_version
        For a verifier that remembers the newest list it has seen.
    notes : tuple of str
        What was not checked, and what a reader should know.
    """

    flaw: Flaw | None
    reason: str
    issuer: str = ""
    kid: str = ""
    algorithm: str = ""
    credential_id: str = ""
    subject_id: str = ""
    passport_version: str = ""
    passport_sha256: str = ""
    signed_at: datetime | None = None
    valid_until_at: datetime | None = None
    key_set_age_days: float | None = None
    status_list_age_days: float | None = None
    status_list_id: str = ""
    status_list_version: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether it is accepted."""
        return self.flaw is None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return {
            "is_valid": self.is_valid,
            "flaw": self.flaw.value if self.flaw else None,
            "reason": self.reason,
            "issuer": self.issuer,
            "kid": self.kid,
            "algorithm": self.algorithm,
            "credential_id": self.credential_id,
            "subject_id": self.subject_id,
            "passport_version": self.passport_version,
            "passport_sha256": self.passport_sha256,
            "signed_at": self.signed_at,
            "valid_until_at": self.valid_until_at,
            "key_set_age_days": self.key_set_age_days,
            "status_list_age_days": self.status_list_age_days,
            "status_list_id": self.status_list_id,
            "status_list_version": self.status_list_version,
            "notes": list(self.notes),
        }
