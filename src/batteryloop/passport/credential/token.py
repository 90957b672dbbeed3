"""A signed token: JWS compact serialisation (RFC 7515), opened with nothing taken on trust.

The header names algorithm and key, and is written by whoever made the token. So the algorithm must
be one of three, must be the one of the named key, and the key must be in a set that was handed in;
keys inside the token are never looked at. Each of the three parts must be the one base64url text
of its bytes, so that no byte of a token can be changed.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel

from batteryloop.errors import InputWrong
from batteryloop.passport.credential.canonical import parsed
from batteryloop.passport.credential.keys import (
    ALGORITHMS,
    IssuerKey,
    KeySet,
    SigningKey,
    public_key,
)
from batteryloop.passport.credential.policy import default_policy
from batteryloop.passport.credential.types import Flaw, Flawed
from batteryloop.record.canonical import canonical


class _Registry(jws.JWSRegistry):
    """Only our algorithms, and documents longer than the library's 128 kB."""

    max_header_length = 4096
    max_payload_length = 2 * default_policy().text_bytes_max

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


_REGISTRY = _Registry(algorithms=list(ALGORITHMS), strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A token whose signature is right: who signed it, and what it says."""

    issuer: str
    key: IssuerKey
    key_set: KeySet
    algorithm: str
    header: dict[str, Any]
    claims: dict[str, Any]


def signed(claims: dict[str, Any], key: SigningKey, *, typ: str, cty: str = "") -> str:
    """Return the token that says `claims`, in their canonical form.

    Raises
    ------
    InputWrong
        If the claims have no canonical form.
    """
    header = {"alg": key.algorithm, "kid": key.kid, "typ": typ, **({"cty": cty} if cty else {})}
    return jws.serialize_compact(
        header, canonical(claims, subject="credential"), key.key, registry=_REGISTRY
    )


def opened(text: str, key_sets: Sequence[KeySet], *, typ: str) -> Opened:
    """Return what a token says, if its signature is right.

    Raises
    ------
    Flawed
        With the first thing that is wrong.
    """
    token = text.strip()
    if len(token) > 2 * default_policy().text_bytes_max or not token.isascii():
        raise Flawed(Flaw.MALFORMED, "is too long or not ASCII")
    parts = token.split(".")
    if len(parts) != 3:
        raise Flawed(Flaw.MALFORMED, f"has {len(parts)} parts, a signed token has three")
    header = _object(parts[0], "header")
    algorithm = _algorithm(header)
    if not parts[2]:
        raise Flawed(Flaw.SIGNATURE_MISSING, "its signature is cut off")
    _check_type(header, typ)
    _bytes(parts[2], "signature")
    for key_set, key in _candidates(header.get("kid"), algorithm, key_sets):
        if _is_signed(token, key):
            claims = _object(parts[1], "content")
            return Opened(key_set.issuer, key, key_set, algorithm, header, claims)
    raise Flawed(
        Flaw.SIGNATURE_WRONG,
        f"the signature is not that of key {header['kid']} over this content: a byte was changed, "
        "or another key signed",
    )


def _algorithm(header: dict[str, Any]) -> str:
    said = header.get("alg")
    if not isinstance(said, str) or said not in ALGORITHMS:
        raise Flawed(
            Flaw.ALGORITHM_NOT_ALLOWED,
            f"is signed with {str(said)[:40]!r}; only {', '.join(ALGORITHMS)} are taken",
        )
    return said


def _check_type(header: dict[str, Any], typ: str) -> None:
    if "crit" in header or "b64" in header:
        raise Flawed(Flaw.MALFORMED, "its header asks for an extension that is not known here")
    said = header.get("typ")
    if not isinstance(said, str) or said.casefold().removeprefix("application/") != typ:
        raise Flawed(Flaw.TYPE_WRONG, f"is of type {str(said)[:40]!r}, wanted is {typ}")


def _candidates(
    kid: object, algorithm: str, key_sets: Sequence[KeySet]
) -> list[tuple[KeySet, IssuerKey]]:
    named = [(s, key) for s in key_sets for key in s.keys if key.kid == kid]
    if not named:
        raise Flawed(Flaw.KEY_UNKNOWN, f"key {str(kid)[:60]!r} is in no key set at hand")
    fitting = [(s, key) for s, key in named if key.kind == ALGORITHMS[algorithm]]
    if not fitting:
        raise Flawed(
            Flaw.ALGORITHM_NOT_ALLOWED,
            f"says {algorithm}, but key {kid} is {' '.join(named[0][1].kind)}",
        )
    return fitting


def _is_signed(token: str, key: IssuerKey) -> bool:
    try:
        jws.deserialize_compact(token, public_key(key.jwk), registry=_REGISTRY)
    except (JoseError, ValueError, TypeError):
        return False
    return True


def _bytes(part: str, name: str) -> bytes:
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Flawed(Flaw.MALFORMED, f"its {name} is no base64url") from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise Flawed(Flaw.MALFORMED, f"its {name} is not the one base64url text of its bytes")
    return raw


def _object(part: str, name: str) -> dict[str, Any]:
    try:
        found = parsed(_bytes(part, name), subject=name)
    except InputWrong as error:
        raise Flawed(Flaw.MALFORMED, f"its {name} {error.found}") from error
    if not isinstance(found, dict):
        raise Flawed(Flaw.MALFORMED, f"its {name} is no object")
    return found
