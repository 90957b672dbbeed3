"""The one shape of every error: RFC 9457, made from the tree of errors."""

from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from batteryloop.errors import (
    AccessRefused,
    BatteryloopError,
    InputWrong,
    NotKnown,
    OutsideFailed,
    RateExceeded,
    RecordSaysNo,
    SignInNeeded,
)

MEDIA_TYPE = "application/problem+json"

STATUS_OF: dict[type[BatteryloopError], int] = {
    SignInNeeded: 401,
    RateExceeded: 429,
    AccessRefused: 403,
    NotKnown: 404,
    RecordSaysNo: 409,
    InputWrong: 422,
    OutsideFailed: 503,
    BatteryloopError: 500,
}
TITLES = {
    400: "The request cannot be read",
    401: "Sign in first",
    403: "Not yours to do",
    404: "Not known",
    405: "No such deed here",
    406: "No such form",
    409: "The record forbids it",
    413: "Too much at once",
    415: "Not a form that is read here",
    422: "The input is wrong",
    429: "Too many requests",
    500: "Our fault",
    503: "Something outside failed",
}


class WrongField(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(description="Which field, such as `body.kind`.")
    found: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """What went wrong, with what, what is allowed, and what to do next (RFC 9457)."""

    type: str = Field(description="`urn:batteryloop:error:` and the code.")
    title: str
    status: int
    detail: str = Field(description="The sentence made of subject, found, allowed, next step.")
    instance: str = Field(description="`urn:batteryloop:request:` and the request's number.")
    code: str = Field(description="A code of the tree of errors.")
    subject: str
    found: str
    allowed: str
    next_step: str
    errors: list[WrongField] = Field(default_factory=list)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": TITLES[status], "content": content} for status in statuses}


def status_of(error: BatteryloopError) -> int:
    """Return the status of HTTP that says what kind of error it is.

    Examples
    --------
    >>> status_of(NotKnown("battery 'B-9'", "not known"))
    404
    """
    return next(status for kind, status in STATUS_OF.items() if isinstance(error, kind))


def problem(
    request: Request,
    error: BatteryloopError,
    *,
    status: int | None = None,
    code: str | None = None,
    headers: dict[str, str] | None = None,
    errors: list[dict[str, str]] | None = None,
) -> Response:
    """Return the response for an error."""
    status = status or status_of(error)
    code = code or error.code
    document = {
        "type": f"urn:batteryloop:error:{code}",
        "title": TITLES.get(status, "It cannot be done"),
        "status": status,
        "detail": str(error),
        "instance": f"urn:batteryloop:request:{request.scope.get('request_id', '')}",
        **error.as_dict(),
        "code": code,
        "errors": errors or [],
    }
    headers = dict(headers or {})
    if status == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="batteryloop"')
    if status in {429, 503}:
        headers.setdefault("Retry-After", "5")
    return Response(msgspec.json.encode(document), status, headers, MEDIA_TYPE)


async def on_error(request: Request, exc: Exception) -> Response:
    """Answer an error of the tree."""
    assert isinstance(exc, BatteryloopError)
    return problem(request, exc)


async def on_invalid(request: Request, exc: Exception) -> Response:
    """Answer a request whose fields are wrong, with every one of them."""
    assert isinstance(exc, RequestValidationError)
    wrong = [
        {"where": ".".join(str(part) for part in entry["loc"]), "found": str(entry["msg"])}
        for entry in exc.errors()
    ]
    first = wrong[0]
    is_body_broken = any(entry["type"] == "json_invalid" for entry in exc.errors())
    error = InputWrong(
        first["where"], first["found"], "what the OpenAPI says", "see /api/v1/openapi.json"
    )
    return problem(request, error, status=400 if is_body_broken else 422, errors=wrong)


_SAID = {
    400: ("request-unreadable", "cannot be read", "a body as the OpenAPI says"),
    404: ("not-known", "no such address", ""),
    405: ("method-not-allowed", "is not answered here", ""),
    413: ("body-too-large", "is larger than what is taken", "a smaller body"),
    415: ("media-type-unknown", "is of a type that is not read", "application/json"),
}


def _methods_of(request: Request) -> list[str]:
    """Return every method that the address answers; each alone is a route of the framework."""
    path = request.scope["path"]
    return sorted(
        {
            method
            for context in iter_route_contexts(request.app.routes)
            if isinstance(context.original_route, APIRoute)
            and context.original_route.path_regex.match(path)
            for method in context.methods or ()
        }
    )


async def on_http(request: Request, exc: Exception) -> Response:
    """Answer what the framework refuses: an unknown address, a method, a body too large."""
    assert isinstance(exc, HTTPException)
    code, found, allowed = _SAID.get(exc.status_code, ("input-wrong", str(exc.detail), ""))
    if exc.status_code == 405:
        allowed = ", ".join(_methods_of(request))
    headers = dict(exc.headers or {})
    if exc.status_code == 405:
        headers = {"Allow": allowed}
    error = InputWrong(
        f"{request.method} {request.url.path}", found, allowed, "see /api/v1/openapi.json"
    )
    return problem(request, error, status=exc.status_code, code=code, headers=headers)
