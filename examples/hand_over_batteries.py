"""Hand two packs over: the document holds once both sides have signed it, and not before."""

import os
from datetime import UTC, datetime

from joserfc.jwk import OKPKey

from batteryloop.passport.credential import (
    KeySet,
    SigningKey,
    transfer_document,
    transfer_signature,
    verify_transfer,
)

now = datetime(2026, 11, 25, 12, tzinfo=UTC)
maker = SigningKey("https://maker.example.com", OKPKey.generate_key("Ed25519"))
fleet = SigningKey("https://fleet.example.com", OKPKey.generate_key("Ed25519"))
trusted = [KeySet(key.issuer, (key.public(now, None),)) for key in (maker, fleet)]

document = transfer_document(
    ["pack-1", "pack-2"], maker.issuer, fleet.issuer, now, random_bytes=os.urandom
)
one = [transfer_signature(document, maker, now=now)]
print(verify_transfer(document, one, trusted, now=now).reason)

both = [*one, transfer_signature(document, fleet, now=now)]
print(verify_transfer(document, both, trusted, now=now).reason)
