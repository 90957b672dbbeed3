"""An issuer with its keys, a passport, and everything signed, for the tests to tamper with."""

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey

from batteryloop.passport.credential import (
    KeySet,
    SigningKey,
    StatusRegister,
    Subject,
    Verdict,
    new_credential_id,
    passport_credential,
    signed_credential,
    signed_status_list,
    verify_credential,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ISSUER = "https://maker.example.com"
LIST = "https://maker.example.com/status/1"
PASSPORT = {
    "passport_id": "https://id.example.com/01/09521234543213/21/42",
    "soh_frac": 0.93,
    "rated_capacity_ah": 280,
    "chemistry": "LFP",
    "events": [{"kind": "made", "at": "2021-12-04"}, {"kind": "evaluated", "at": "2026-11-01"}],
    "maker": "Händler & Söhne",
}


def new_key(issuer: str = ISSUER, algorithm: str = "EdDSA") -> SigningKey:
    """Return a new key of an issuer."""
    key = ECKey.generate_key("P-256") if algorithm == "ES256" else OKPKey.generate_key("Ed25519")
    return SigningKey(issuer, key)


@dataclass(frozen=True)
class Signed:
    """A passport as it was signed, with all that is needed to verify it."""

    passport: dict[str, Any]
    key: SigningKey
    keys: KeySet
    register: StatusRegister
    credential: dict[str, Any]
    token: str
    status_list: str

    def verdict(self, **changes: Any) -> Verdict:
        """Verify it, with something changed."""
        words: dict[str, Any] = {
            "now": NOW,
            "passport": self.passport,
            "status_lists": [self.status_list],
            **changes,
        }
        token, key_sets = words.pop("token", self.token), words.pop("key_sets", [self.keys])
        return verify_credential(token, key_sets, **words)

    def signed_anew(self, **members: Any) -> str:
        """Return a token of the same issuer with other content."""
        return signed_credential({**self.credential, **members}, self.key)


def sign(key: SigningKey, at: datetime = NOW, passport: dict[str, Any] = PASSPORT) -> Signed:
    """Sign the passport with a key, as of a moment."""
    keys = KeySet(key.issuer, (key.public(at - timedelta(days=30), at + timedelta(days=700)),), at)
    register = StatusRegister(LIST)
    credential_id = new_credential_id(os.urandom)
    register, place = register.with_place(credential_id, os.urandom)
    credential = passport_credential(
        passport,
        Subject(passport["passport_id"], "3"),
        credential_id=credential_id,
        issuer=key.issuer,
        now=at,
        valid_until_at=at + timedelta(days=365),
        status=place,
    )
    return Signed(
        passport,
        key,
        keys,
        register,
        credential,
        signed_credential(credential, key),
        signed_status_list(register, key, now=at),
    )


@pytest.fixture(params=["EdDSA", "ES256"])
def signed(request) -> Signed:
    """A signed passport, once with each algorithm."""
    return sign(new_key(algorithm=request.param))


def revoked(signed: Signed, reason: str = "capacity was overstated") -> Signed:
    """Return it with the credential revoked and the list published anew."""
    register = signed.register.with_revocation(signed.credential["id"], reason, NOW)
    return replace(
        signed, register=register, status_list=signed_status_list(register, signed.key, now=NOW)
    )
