"""What a Verifiable Credential 2.0 must say, checked before anything in it is believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from batteryloop.passport.credential.keys import KeySet
from batteryloop.passport.credential.moments import moment
from batteryloop.passport.credential.policy import Policy
from batteryloop.passport.credential.token import Opened, opened
from batteryloop.passport.credential.types import Flaw, Flawed

CONTEXT = "https://www.w3.org/ns/credentials/v2"
# Our own terms, so that a JSON-LD reader leaves none of them out.
TERMS = MappingProxyType({"@vocab": "urn:batteryloop:terms#"})
TOKEN_TYPE = "vc+jwt"
CONTENT_TYPE = "vc"


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential whose signature is its issuer's."""

    opened: Opened
    claims: Mapping[str, Any]
    credential_id: str
    types: tuple[str, ...]
    issuer: str
    signed_at: datetime
    valid_from_at: datetime
    valid_until_at: datetime | None


def as_types(value: object) -> tuple[str, ...]:
    """Return one or several names as a tuple; what is no name is left out.

    Examples
    --------
    >>> as_types("A"), as_types(["A", 7, "B"]), as_types(None)
    (('A',), ('A', 'B'), ())
    """
    if isinstance(value, str):
        return (value,)
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def opened_credential(text: str, key_sets: Sequence[KeySet]) -> Credential:
    """Return the credential in a token.

    Raises
    ------
    Flawed
        If the token is flawed, a member that VC 2.0 requires is not there, or the key that signed
        is not the issuer's.
    """
    found = opened(text, key_sets, typ=TOKEN_TYPE)
    claims = found.claims
    if "vc" in claims or "vp" in claims:
        raise Flawed(Flaw.MALFORMED, "has a claim vc or vp, which VC-JOSE-COSE rules out")
    context = claims.get("@context")
    if not isinstance(context, list) or not context or context[0] != CONTEXT:
        raise Flawed(Flaw.MALFORMED, f"its @context does not begin with {CONTEXT}")
    types = as_types(claims.get("type"))
    if "VerifiableCredential" not in types:
        raise Flawed(Flaw.MALFORMED, "its type does not say VerifiableCredential")
    issuer = claims.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    if not isinstance(issuer, str) or issuer != found.issuer:
        raise Flawed(
            Flaw.ISSUER_WRONG,
            f"says that {str(issuer)[:120]} issued it, but the key is of {found.issuer}",
        )
    if any(where.get("iss", issuer) != issuer for where in (claims, found.header)):
        raise Flawed(Flaw.ISSUER_WRONG, "names two issuers")
    starts, ends = moment(claims.get("validFrom")), moment(claims.get("validUntil"))
    if starts is None or (ends is None and "validUntil" in claims):
        raise Flawed(Flaw.MALFORMED, "its validFrom or validUntil is no moment with a time zone")
    signed_at = moment(claims["iat"]) if "iat" in claims else starts
    if signed_at is None:
        raise Flawed(Flaw.MALFORMED, "its iat is no moment")
    identity = claims.get("id", "")
    if not isinstance(identity, str):
        raise Flawed(Flaw.MALFORMED, "its id is no text")
    return Credential(found, claims, identity, types, issuer, signed_at, starts, ends)


def check_span(found: Credential, *, now: datetime, policy: Policy) -> None:
    """Raise `Flawed` unless `now` is between the credential's beginning and its end."""
    latest = now + timedelta(seconds=policy.clock_skew_s)
    if found.valid_from_at > latest or found.signed_at > latest:
        begins = max(found.valid_from_at, found.signed_at)
        raise Flawed(Flaw.NOT_YET_VALID, f"is valid only from {begins.isoformat()}")
    ends = [found.valid_until_at, moment(found.claims.get("exp"))]
    past = [end for end in ends if end is not None and now > end]
    if past:
        raise Flawed(Flaw.EXPIRED, f"expired on {min(past).isoformat()}")
