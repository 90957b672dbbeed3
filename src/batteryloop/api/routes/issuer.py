"""What verifiers need: the issuer's public keys and status list, and a check for everybody."""

from datetime import datetime
from typing import Any

from fastapi import Response
from pydantic import BaseModel, Field, JsonValue

from batteryloop.api.answers import answer, router
from batteryloop.api.house import House, TheHouse
from batteryloop.api.problems import documented
from batteryloop.errors import NotKnown
from batteryloop.record.canonical import canonical
from batteryloop.usecases.verify_passport import verify_passport
from batteryloop.wiring.keys import IssuerFolder

ROUTER = router("", "issuer")


class ToVerify(BaseModel):
    """A signed passport as somebody has it."""

    credential: str = Field(max_length=200_000, description="The token, vc+jwt.")
    passport: dict[str, JsonValue] | None = Field(
        None, description="The document that was signed; None to verify the credential alone."
    )


class VerdictOut(BaseModel):
    """Whether it is accepted, or the one reason why not."""

    is_valid: bool
    flaw: str | None
    reason: str
    issuer: str
    kid: str
    algorithm: str
    credential_id: str
    subject_id: str
    passport_version: str
    passport_sha256: str
    signed_at: datetime | None
    valid_until_at: datetime | None
    key_set_age_days: float | None
    status_list_age_days: float | None
    status_list_id: str
    status_list_version: int | None
    notes: list[str]


@ROUTER.get(
    "/issuer/keys", summary="The issuer's public keys",
    response_model=dict[str, JsonValue], responses=documented(404),
)  # fmt: skip
def keys(house: TheHouse) -> Any:  # noqa: ANN401
    """Return the key set (JWKS, RFC 7517), withdrawn keys with the reason."""
    return answer(_issuer(house).keys().as_jwks())


@ROUTER.get(
    "/issuer/status-list", summary="Which credentials were revoked", response_class=Response,
    responses={
        **documented(404),
        200: {"content": {"application/vc+jwt": {"schema": {"type": "string"}}}},
    },
)  # fmt: skip
def status_list(house: TheHouse) -> Response:
    """Return the signed Bitstring Status List."""
    token = _issuer(house).status_list_file.read_bytes().strip()
    return Response(token, media_type="application/vc+jwt")


@ROUTER.post(
    "/verifications", summary="Verify a signed passport", response_model=VerdictOut,
    responses=documented(400, 404),
)  # fmt: skip
def verify(given: ToVerify, house: TheHouse) -> Any:  # noqa: ANN401
    """Say whether this server's issuer signed exactly this, and has not revoked it since."""
    place = _issuer(house)
    passport = None if given.passport is None else canonical(given.passport)
    verdict = verify_passport(
        passport, given.credential, [place.keys()],
        [place.status_list_file.read_text(encoding="utf-8").strip()], now=house.now(),
    )  # fmt: skip
    return answer(verdict.as_dict())


def _issuer(house: House) -> IssuerFolder:
    if house.issuer is None:
        raise NotKnown("issuer", "this server signs nothing", next_step="set `keys`")
    return house.issuer
