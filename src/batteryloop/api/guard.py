"""The door itself: every route passes here before its body is read.

In this order: who asks, how often, whether the role may, whether a write by cookie comes from our
own page, whose battery it is, and that the read is kept. The rules are in `access`.
"""

import re
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from batteryloop.api.access import (
    About,
    Rule,
    admit_battery,
    admit_organisation,
    admit_role,
    is_own,
    sees_beyond_public,
    unknown_battery,
    unknown_passport,
)
from batteryloop.api.cookies import FIELD, HEADER
from batteryloop.api.house import House
from batteryloop.errors import AccessRefused, NotKnown
from batteryloop.record.accounts import Caller, Reading

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_PURPOSE = re.compile(r"[\x20-\x7e]{0,200}")


Lean = Callable[[Request, House], Coroutine[Any, Any, Response]]
LEAN = "batteryloop_lean"


def answered_by(lean: Lean) -> Callable[[Endpoint], Endpoint]:
    """Let a route that is asked very often be answered without the framework's own work.

    The decorated function says what the route takes and gives, for OpenAPI; `lean` does it.
    """

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, LEAN, lean)
        return endpoint

    return mark


class GuardedRoute(APIRoute):
    """A route that lets nobody by unseen; every router of the house is made of these."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with the guard before it."""
        handle = super().get_route_handler()
        path = self.path_format
        lean: Lean | None = getattr(self.endpoint, LEAN, None)

        async def guarded(request: Request) -> Response:
            house: House = request.app.state.house
            await admit(request, house, house.rules[request.method, path])
            return await (handle(request) if lean is None else lean(request, house))

        return guarded


async def admit(request: Request, house: House, rule: Rule) -> None:
    """Let a request pass, and note in its scope who asks, by which rule, about which battery.

    Raises
    ------
    SignInNeeded, RateExceeded, AccessRefused, NotKnown
        If it may not.
    """
    scope = request.scope
    now = house.now()
    address = request.client.host if request.client else "nowhere"
    try:
        caller = await house.callers.of(request, now)
    except AccessRefused:
        house.rates.admit(address)
        raise
    house.rates.admit(caller.account_id or address)
    scope["caller"], scope["rule"] = caller, rule
    admit_role(rule, caller)
    if request.method not in _READS and "authorization" not in request.headers:
        await _admit_origin(request, house, caller)
    own, is_told_more = False, rule.is_restricted
    if rule.about is About.BATTERY:
        own = await _admit_battery(request, house, rule, caller)
    elif rule.about is About.PASSPORT:
        own = await _admit_passport(request, house, rule, caller)
        is_told_more = rule.is_restricted and sees_beyond_public(caller, scope["battery"])
    elif rule.about is About.ORGANISATION:
        admit_organisation(rule, caller, scope["path_params"]["party_id"])
    if is_told_more:
        await keep_reading(request, house, caller, is_own=own)


async def keep_reading(
    request: Request, house: House, caller: Caller, *, is_own: bool, battery_id: str = ""
) -> None:
    """Keep that a caller reads restricted data; the purpose is the header `Access-Purpose`."""
    purpose = request.headers.get("access-purpose", "")
    query = request.scope["query_string"].decode("latin-1")
    await house.audit.keep(
        Reading(
            request_id=request.scope.get("request_id", ""),
            read_at=house.now(),
            account_id=caller.account_id,
            role=caller.role,
            organisation_ids=tuple(sorted(caller.organisation_ids)),
            what=f"{request.method} {request.scope['path']}{'?' if query else ''}{query}"[:1000],
            battery_id=battery_id or _battery_of(request),
            is_own=is_own,
            purpose=purpose if _PURPOSE.fullmatch(purpose) else "",
        )
    )


def _battery_of(request: Request) -> str:
    battery = request.scope.get("battery")
    return battery.battery.battery_id if battery is not None else ""


async def _admit_battery(request: Request, house: House, rule: Rule, caller: Caller) -> bool:
    battery_id = request.scope["path_params"]["battery_id"]
    if "\x00" in battery_id:
        raise unknown_battery(battery_id)
    try:
        battery = await run_in_threadpool(house.record.battery, battery_id)
    except NotKnown:
        raise unknown_battery(battery_id) from None
    request.scope["battery"] = battery
    return admit_battery(rule, caller, battery)


async def _admit_passport(request: Request, house: House, rule: Rule, caller: Caller) -> bool:
    parameters = request.scope["path_params"]
    passport_id = parameters.get("passport_id") or parameters["dppId"]
    if "\x00" in passport_id:
        raise unknown_passport(passport_id)
    try:
        battery_id = await run_in_threadpool(house.record.battery_with_code, passport_id)
    except NotKnown:
        raise unknown_passport(passport_id) from None
    battery = request.scope["battery"] = await run_in_threadpool(house.record.battery, battery_id)
    own = is_own(caller, battery)
    # A battery is found by its codes too, but an address of passports means a passport.
    is_its_name = battery.passport_id == passport_id
    if not is_its_name or caller.role not in (rule.own if own else rule.foreign):
        raise unknown_passport(passport_id)
    return own


async def _admit_origin(request: Request, house: House, caller: Caller) -> None:
    """Refuse a write that another site's page made the browser send."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc not in {
        request.headers.get("host", ""),
        urlsplit(house.settings.address).netloc,
    }:
        raise AccessRefused(f"page of {origin[:100]}", "is not ours", house.settings.address)
    if not caller.is_by_session:
        return
    shown = request.headers.get(HEADER, "")
    if not shown and request.headers.get("content-type", "").startswith(_FORMS):
        field = (await request.form()).get(FIELD, "")
        shown = field if isinstance(field, str) else ""
    if not house.cookies.is_csrf_token(request.scope["session_secret"], shown):
        raise AccessRefused(
            "form", "without the token of this session" if not shown else "with another token",
            f"header {HEADER} or field {FIELD}", "load the page again",
        )  # fmt: skip
