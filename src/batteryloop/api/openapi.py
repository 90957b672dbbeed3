"""Completes what FastAPI knows of the interface: who may, and the one shape of errors."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from batteryloop.api.access import Route, Rule
from batteryloop.api.problems import Problem
from batteryloop.record.accounts import Role

INTRODUCTION = """
Every deed of batteryloop over HTTP. Programmes show a token, `Authorization: Bearer bl_…`;
browsers a session, whose writes carry the header `X-CSRF-Token` that `GET /api/v1/session` gives.
Whoever oversees may say why in the header `Access-Purpose`; it is kept with the read.
Every error is a problem of RFC 9457 with code, subject, found, allowed and next step.
An address of no route is answered with 404, a method that a route does not have with 405, a body
that is too large with 413.
"""


def describe(app: FastAPI, rules: Mapping[Route, Rule], cookie_name: str) -> dict[str, Any]:
    """Return the OpenAPI document of the app."""
    document = get_openapi(
        title="batteryloop",
        version=app.version,
        summary="The record of batteries' lives, their evaluation and their passports.",
        description=INTRODUCTION,
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": cookie_name},
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            rule = rules.get((method.upper(), path))
            if rule is None:
                continue
            shown: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
            operation["security"] = [{}, *shown] if Role.PUBLIC in rule.anybody else shown
            operation["x-own-organisation"] = sorted(rule.own)
            operation["x-other-organisations"] = sorted(rule.foreign)
            operation["x-scope"] = rule.scope.value
            operation["x-reads-are-kept"] = rule.is_restricted
    return document
