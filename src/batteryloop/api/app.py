"""Assembles the server: routes, guard, errors, headers.

Pages mount on the same app (`web.mount(app)`):

- routes are made with `router_class=GuardedRoute` (`APIRouter(route_class=GuardedRoute)`), their
  rows go into `app.state.house.rules` before `seal(app)` checks that every route has a row;
- `TheHouse`, `TheCaller`, `TheRule`, `TheBattery` (`api.house`) are dependencies: everything that
  a server has, who asks, by which row, and the battery that the guard has already found and
  admitted for `{battery_id}`;
- `api.routes.session.open_session` and `close_session` sign a person in and out on any response;
  `who(request, house, caller).csrf_token` goes into forms as the field `csrf_token`, or with
  htmx as the header `X-CSRF-Token`; the guard refuses a write by cookie without it;
- `api.guard.keep_reading` keeps a read that no row marks as restricted;
- an error of the tree becomes a problem document; a page that wants HTML instead registers its
  own handler for its paths by catching the error in the route.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from batteryloop import __version__
from batteryloop.api.access import Route, checked
from batteryloop.api.audit import Audit
from batteryloop.api.callers import Callers
from batteryloop.api.cookies import Cookies
from batteryloop.api.doorway import Doorway
from batteryloop.api.guard import GuardedRoute
from batteryloop.api.house import House
from batteryloop.api.openapi import describe
from batteryloop.api.problems import on_error, on_http, on_invalid
from batteryloop.api.rates import Rates
from batteryloop.api.routes import (
    accounts,
    dpps,
    evaluation,
    health,
    issuer,
    ledger,
    passports,
    record,
    server,
    session,
)
from batteryloop.api.routes.circular import collection, plant, returns, second_life, triage
from batteryloop.errors import BatteryloopError
from batteryloop.usecases.accounts_port import Accounts, Passwords
from batteryloop.usecases.record_port import WholeRecord
from batteryloop.wiring.keys import IssuerFolder
from batteryloop.wiring.settings import Settings

ROOMS = (
    record,
    ledger,
    evaluation,
    health,
    passports,
    dpps,
    issuer,
    triage,
    second_life,
    collection,
    plant,
    returns,
    server,
    session,
    accounts,
)
ROUTERS = tuple(room.ROUTER for room in ROOMS)


def make_app(
    settings: Settings,
    record: WholeRecord,
    accounts: Accounts,
    *,
    passwords: Passwords,
    session_key: str,
    now: Callable[[], datetime],
    new_secret: Callable[[], str],
    issuer: IssuerFolder | None = None,
) -> FastAPI:
    """Return the server's app, its routes checked against the table of `access`.

    Raises
    ------
    RuntimeError
        If a route has no row in the table, or a row no route.
    """
    cookies = Cookies(session_key, settings.is_https, settings.session_h)
    app = FastAPI(
        title="batteryloop",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    house = app.state.house = House(
        settings=settings,
        record=record,
        accounts=accounts,
        passwords=passwords,
        now=now,
        new_secret=new_secret,
        cookies=cookies,
        rates=Rates(
            requests_per_minute=settings.requests_per_minute,
            sign_ins_per_minute=settings.sign_ins_per_minute,
        ),
        callers=Callers(accounts, cookies),
        audit=Audit(accounts),
        issuer=issuer,
    )
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(BatteryloopError, on_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_middleware(
        Doorway, is_https=settings.is_https, n_body_bytes_most=int(settings.body_mb * 1e6)
    )

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app, house.rules, cookies.name)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    seal(app)
    return app


def routes_of(app: FastAPI) -> list[Route]:
    """Return every route of the app, method and path.

    Raises
    ------
    RuntimeError
        If a route would let callers by unguarded; folders of static files may.
    """
    found: list[Route] = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Mount):
            continue
        path = context.path_format or ""
        if not isinstance(route, GuardedRoute) or not isinstance(route, APIRoute):
            raise RuntimeError(f"route {path} is not guarded")
        if route.path_format != path:
            raise RuntimeError(f"route {path} was included under a prefix; give the router its own")
        found += [(method, path) for method in sorted(context.methods or ())]
    return found


def seal(app: FastAPI) -> None:
    """Check that the table of access and the routes agree; call it after adding pages.

    Raises
    ------
    RuntimeError
        If they do not.
    """
    checked(app.state.house.rules, routes_of(app))
