"""Sign bytes with an issuer's key, and say why a signature over bytes does not hold."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from batteryloop.errors import InputWrong
from batteryloop.passport.credential import KeySet, SigningKey
from batteryloop.passport.credential.moments import moment
from batteryloop.passport.credential.token import opened, signed
from batteryloop.passport.credential.types import Flawed
from batteryloop.record.checkpoints import SignatureCheck

TOKEN_TYPE = "batteryloop-content+jwt"


@dataclass(frozen=True, slots=True)
class ContentSigner:
    """Signs the hash of a content; fulfils `record.checkpoints.Signer`."""

    key: SigningKey
    now: datetime

    @property
    def key_id(self) -> str:
        """The issuer and its key."""
        return f"{self.key.issuer}#{self.key.kid}"

    def sign(self, content: bytes) -> str:
        """Return the signature, a token that names key and moment."""
        claims = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "iat": int(self.now.timestamp()),
        }
        return signed(claims, self.key, typ=TOKEN_TYPE)


def objection_by(key_sets: Sequence[KeySet]) -> SignatureCheck:
    """Return the check of signatures by the keys at hand."""

    def objection(content: bytes, signature: str) -> str:
        try:
            found = opened(signature, key_sets, typ=TOKEN_TYPE)
            signed_at = moment(found.claims.get("iat"))
            if signed_at is None:
                return "the signature does not say when it was made"
            found.key.check_at(signed_at)
        except Flawed as error:
            return error.reason
        except InputWrong as error:
            return f"the signature {error.found}"
        if found.claims.get("sha256") != hashlib.sha256(content).hexdigest():
            return f"{found.issuer} signed another content"
        return ""

    return objection
