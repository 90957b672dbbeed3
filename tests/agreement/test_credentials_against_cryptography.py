"""Signed passports against other code than the one that signs, and against published vectors."""

import base64
import hashlib
import json
import os
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey, OKPKey

from batteryloop.passport.credential import (
    SigningKey,
    StatusRegister,
    Subject,
    passport_credential,
    signed_credential,
)

NOW = datetime(2026, 11, 25, tzinfo=UTC)
ISSUER = "https://maker.example.com"


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def is_signed(jwk: dict[str, str], body: bytes, signature: bytes) -> bool:
    """Verify with `cryptography` alone, from the public key's coordinates."""
    try:
        if jwk["kty"] == "OKP":
            ed25519.Ed25519PublicKey.from_public_bytes(raw(jwk["x"])).verify(signature, body)
        else:
            x, y = (int.from_bytes(raw(jwk[axis])) for axis in "xy")
            key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
            r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
            key.verify(encode_dss_signature(r, s), body, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("key", [OKPKey.generate_key("Ed25519"), ECKey.generate_key("P-256")])
def test_a_signed_passport_is_verified_by_other_code(key):
    signing = SigningKey(ISSUER, key)
    passport = {"soh_frac": 0.93, "maker": "Söhne"}
    _, place = StatusRegister(f"{ISSUER}/status/1").with_place("urn:uuid:1", os.urandom)
    content = passport_credential(
        passport, Subject("urn:x:1", "3"), credential_id="urn:uuid:1", issuer=ISSUER, now=NOW,
        status=place,
    )  # fmt: skip
    token = signed_credential(content, signing)
    head, body, signature = token.split(".")
    jwk = signing.public(NOW, None).as_jwk()
    assert is_signed(jwk, f"{head}.{body}".encode(), raw(signature))
    assert not is_signed(jwk, f"{head}.{body}x".encode(), raw(signature))
    header, claims = json.loads(raw(head)), json.loads(raw(body))
    assert header == {"alg": jwk["alg"], "kid": jwk["kid"], "typ": "vc+jwt", "cty": "vc"}
    # The canonical form of this small document, written by hand.
    by_hand = hashlib.sha256('{"maker":"Söhne","soh_frac":0.93}'.encode()).hexdigest()
    assert claims["credentialSubject"]["passportDigest"]["value"] == by_hand


def test_the_name_of_a_key_is_the_thumbprint_of_rfc_8037():
    # Appendix A.1 to A.3.
    jwk = {
        "kty": "OKP",
        "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }
    key = SigningKey(ISSUER, OKPKey.import_key(jwk))
    assert key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
