"""How routes answer: core records straight to JSON, without a copy in between."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Response
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from batteryloop.api.guard import GuardedRoute
from batteryloop.api.problems import documented

_encode = msgspec.json.Encoder().encode

Id = Annotated[
    str, Path(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$", description="Its name.")
]


def _text(value: Any) -> Any:  # noqa: ANN401
    """Refuse a bare number, of which nobody knows what it counts."""
    if not isinstance(value, datetime) and not re.match(r"\d{4}-", str(value)):
        raise ValueError("write it as 2026-03-01T12:00:00Z")
    return value


def _utc(at: datetime) -> datetime:
    if not 1900 <= at.year <= 2200:
        raise ValueError("a year between 1900 and 2200")
    return at.astimezone(UTC)


Moment = Annotated[AwareDatetime, BeforeValidator(_text), AfterValidator(_utc)]


def answer(thing: Any, status: int = 200) -> Response:  # noqa: ANN401
    """Return the JSON of a record, a list of them, or plain data."""
    return Response(_encode(thing), status, media_type="application/json")


def router(room: str, tag: str) -> APIRouter:
    """Return a router of guarded routes under `/api/v1/<room>`."""
    return APIRouter(
        prefix=f"/api/v1{room}",
        tags=[tag],
        route_class=GuardedRoute,
        responses=documented(401, 403, 422, 429, 500, 503),
    )
