"""Keys of an issuer: a signing key that is handed in, and the public set that others verify with.

The set is a JWKS (RFC 7517) with an issuer (`iss`) and a date (`iat`). Each key has its span
(`nbf`, `exp`) and, once withdrawn, `revoked` with `revoked_at` and `reason`; these names are those
of OpenID Federation 1.0, historical keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from batteryloop.errors import InputWrong, NotKnown, RecordSaysNo
from batteryloop.passport.credential.moments import moment
from batteryloop.passport.credential.types import Flaw, Flawed

# Names in a token's header, and the kind of key each is for. `Ed25519` is RFC 9864's name for
# what RFC 8037 calls EdDSA; nothing symmetric, nothing unsigned.
ALGORITHMS = MappingProxyType(
    {"EdDSA": ("OKP", "Ed25519"), "Ed25519": ("OKP", "Ed25519"), "ES256": ("EC", "P-256")}
)
SIGNING = MappingProxyType({("OKP", "Ed25519"): "EdDSA", ("EC", "P-256"): "ES256"})
_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")


class Withdrawal(StrEnum):
    """Why a key may no longer sign."""

    SUPERSEDED = "superseded"
    COMPROMISED = "compromised"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its issuer; its secret never shows in a log."""

    issuer: str
    key: OKPKey | ECKey = field(repr=False)

    def __post_init__(self) -> None:
        if not self.key.is_private or (self.key.key_type, self.key.curve_name) not in SIGNING:
            raise InputWrong(
                "signing key", f"{self.key.key_type} {self.key.curve_name}", "Ed25519 or P-256"
            )

    @property
    def kid(self) -> str:
        """The key's name: its thumbprint, RFC 7638."""
        return self.key.thumbprint()

    @property
    def algorithm(self) -> str:
        """The algorithm it signs with."""
        return SIGNING[(self.key.key_type, self.key.curve_name)]

    def public(self, valid_from_at: datetime, valid_until_at: datetime | None) -> "IssuerKey":
        """Return what others verify with."""
        jwk = {k: str(v) for k, v in self.key.as_dict(private=False).items() if k != "kid"}
        return IssuerKey(self.kid, jwk, valid_from_at, valid_until_at)


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A public key with the span in which its signatures count."""

    kid: str
    jwk: Mapping[str, str]
    valid_from_at: datetime
    valid_until_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_why: Withdrawal | None = None

    @property
    def kind(self) -> tuple[str, str]:
        """Type and curve."""
        return self.jwk["kty"], self.jwk["crv"]

    def check_at(self, signed_at: datetime) -> None:
        """Raise `Flawed` unless a signature of that moment counts.

        A key that was replaced still speaks for what it signed in its time. A key that fell into
        other hands speaks for nothing: whoever has it can write any date.
        """
        if self.withdrawn_why is Withdrawal.COMPROMISED:
            at = self.withdrawn_at.date() if self.withdrawn_at else "an unknown day"
            raise Flawed(Flaw.KEY_WITHDRAWN, f"key {self.kid} was withdrawn as compromised on {at}")
        ends = [at for at in (self.valid_until_at, self.withdrawn_at) if at is not None]
        if signed_at < self.valid_from_at or (ends and signed_at > min(ends)):
            until = min(ends).date().isoformat() if ends else "…"
            raise Flawed(
                Flaw.KEY_NOT_VALID_THEN,
                f"key {self.kid} signed on {signed_at.date()}, but is valid from "
                f"{self.valid_from_at.date()} until {until}",
            )

    def as_jwk(self) -> dict[str, Any]:
        """Return it as a member of a JWKS."""
        found: dict[str, Any] = {
            **self.jwk,
            "kid": self.kid,
            "use": "sig",
            "alg": SIGNING[self.kind],
            "nbf": int(self.valid_from_at.timestamp()),
        }
        if self.valid_until_at is not None:
            found["exp"] = int(self.valid_until_at.timestamp())
        if self.withdrawn_at is not None and self.withdrawn_why is not None:
            at = int(self.withdrawn_at.timestamp())
            found["revoked"] = {"revoked_at": at, "reason": self.withdrawn_why.value}
        return found


@dataclass(frozen=True, slots=True)
class KeySet:
    """The public keys of one issuer, past ones too."""

    issuer: str
    keys: tuple[IssuerKey, ...]
    published_at: datetime | None = None

    def as_jwks(self) -> dict[str, Any]:
        """Return it as plain data, to be published."""
        head: dict[str, Any] = {"iss": self.issuer}
        if self.published_at is not None:
            head["iat"] = int(self.published_at.timestamp())
        return {**head, "keys": [key.as_jwk() for key in self.keys]}

    def signing_at(self, now: datetime) -> IssuerKey | None:
        """Return the newest key that may sign now, or None."""
        able = [
            key
            for key in self.keys
            if key.withdrawn_why is None
            and key.valid_from_at <= now
            and (key.valid_until_at is None or now < key.valid_until_at)
        ]
        return max(able, key=lambda key: key.valid_from_at, default=None)

    def key(self, kid: str) -> IssuerKey:
        """Return the key of that name.

        Raises
        ------
        NotKnown
            If there is none.
        """
        for key in self.keys:
            if key.kid == kid:
                return key
        raise NotKnown.among("key", kid, [key.kid for key in self.keys])


def key_set_of(document: object) -> KeySet:
    """Return the key set in a JWKS.

    Raises
    ------
    InputWrong
        If it is none, holds a private key, or does not say whose keys they are. A key of a type
        that is not known here is left out, as RFC 7517 section 5 wants.
    """
    subject = "key set"
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise InputWrong(subject, "has no list `keys`", "a JWKS (RFC 7517)")
    issuer = document.get("iss")
    if not isinstance(issuer, str) or not issuer:
        raise InputWrong(subject, "does not say whose keys they are", "`iss`, the issuer's address")
    keys = [_key_of(entry) for entry in document["keys"] if isinstance(entry, dict)]
    known = tuple(key for key in keys if key is not None)
    if len({key.kid for key in known}) < len(known):
        raise InputWrong(subject, "names two keys alike", "one `kid` for one key")
    return KeySet(issuer, known, moment(document.get("iat")))


def _key_of(entry: dict[str, Any]) -> IssuerKey | None:
    kid = entry.get("kid")
    subject = f"key {kid}"
    if any(name in entry for name in _PRIVATE):
        raise InputWrong(
            subject,
            "holds a private key",
            "public keys",
            "withdraw the key if this was published",
        )
    if (entry.get("kty"), entry.get("crv")) not in SIGNING:
        return None
    if not isinstance(kid, str) or not kid:
        raise InputWrong("key set", "has a key without `kid`", "a name for each key")
    jwk = {n: entry[n] for n in ("kty", "crv", "x", "y") if isinstance(entry.get(n), str)}
    try:
        public_key(jwk)
    except (JoseError, ValueError, KeyError, TypeError) as exc:
        raise InputWrong(subject, f"is no key ({str(exc)[:80]})", "Ed25519 or P-256") from exc
    starts = moment(entry.get("nbf"))
    if starts is None:
        raise InputWrong(subject, "does not say from when it is valid", "`nbf`, seconds since 1970")
    ends = moment(entry.get("exp"))
    if ends is None and "exp" in entry:
        raise InputWrong(subject, f"`exp` {entry['exp']!r}", "seconds since 1970")
    withdrawn = entry.get("revoked")
    if withdrawn is None:
        return IssuerKey(kid, jwk, starts, ends)
    at = moment(withdrawn.get("revoked_at")) if isinstance(withdrawn, dict) else None
    why = withdrawn.get("reason") if isinstance(withdrawn, dict) else None
    # Whatever else is said of a withdrawn key, the stricter reading holds.
    reason = Withdrawal.SUPERSEDED if why == "superseded" and at else Withdrawal.COMPROMISED
    return IssuerKey(kid, jwk, starts, ends, at, reason)


def public_key(jwk: Mapping[str, str]) -> OKPKey | ECKey:
    """Return the key to verify with."""
    kind = OKPKey if jwk["kty"] == "OKP" else ECKey
    return kind.import_key(dict(jwk))


def rotated(
    keys: KeySet, new: SigningKey, *, now: datetime, valid_until_at: datetime | None
) -> KeySet:
    """Return the set with a new key; what signed until now signs no longer, but is still believed.

    Raises
    ------
    RecordSaysNo
        If the key is of another issuer, or is in the set already.
    """
    if new.issuer != keys.issuer:
        raise RecordSaysNo(f"key {new.kid}", f"is of {new.issuer}", keys.issuer)
    if any(key.kid == new.kid for key in keys.keys):
        raise RecordSaysNo(f"key {new.kid}", "is in the set already", next_step="make a new one")
    past = tuple(
        replace(key, valid_until_at=now)
        if key.withdrawn_why is None and (key.valid_until_at is None or key.valid_until_at > now)
        else key
        for key in keys.keys
    )
    return KeySet(keys.issuer, (*past, new.public(now, valid_until_at)), now)


def withdrawn(keys: KeySet, kid: str, why: Withdrawal, *, now: datetime) -> KeySet:
    """Return the set with a key withdrawn.

    Raises
    ------
    NotKnown
        If no key has that name.
    RecordSaysNo
        If it was withdrawn as compromised: that cannot be taken back.
    """
    if keys.key(kid).withdrawn_why is Withdrawal.COMPROMISED:
        raise RecordSaysNo(f"key {kid}", "was withdrawn as compromised", "once and for all")
    changed = tuple(
        replace(key, withdrawn_at=now, withdrawn_why=why) if key.kid == kid else key
        for key in keys.keys
    )
    return KeySet(keys.issuer, changed, now)
