"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from batteryloop.api.access import EVERYONE, HOLDERS, OVERSEERS, Route, Rule
from batteryloop.api.house import House, TheHouse
from batteryloop.api.routes.session import close_session, open_session
from batteryloop.errors import RateExceeded, SignInNeeded
from batteryloop.web.rendering import language, page
from batteryloop.web.routes import PageRoute
from batteryloop.web.translation import translator

ROUTER = APIRouter(route_class=PageRoute, include_in_schema=False)
_OPEN = Rule(EVERYONE, EVERYONE)
RULES: dict[Route, Rule] = {
    ("GET", "/login"): _OPEN,
    ("POST", "/login"): _OPEN,
    ("POST", "/logout"): _OPEN,
}


@ROUTER.get("/login")
async def ask(request: Request, next: str = "/") -> Response:
    """Return the form."""
    return page(request, "login.html", problem="", account_id="", next=_inside(next))


@ROUTER.post("/login")
async def sign_in(
    request: Request,
    house: TheHouse,
    account_id: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=256)],
    next: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    """Sign in and go on to where the person wanted to be, or say what is wrong."""
    answer = RedirectResponse(_inside(next), status_code=303)
    say = translator(language(request))
    try:
        await open_session(request, house, answer, account_id, password)
        answer.headers["location"] = _first_page(house, account_id, _inside(next))
    except SignInNeeded:
        problem, status = say("Name and password do not belong together."), 401
    except RateExceeded:
        problem, status = say("Too many attempts; wait a minute."), 429
    else:
        return answer
    return page(
        request,
        "login.html",
        status_code=status,
        problem=problem,
        account_id=account_id,
        next=_inside(next),
    )


@ROUTER.post("/logout")
async def sign_out(request: Request, house: TheHouse) -> Response:
    """End the session."""
    answer = RedirectResponse("/login", status_code=303)
    await close_session(request, house, answer)
    return answer


def _first_page(house: House, account_id: str, place: str) -> str:
    """Return where a person begins: who has no fleet, by looking for a passport."""
    account = house.accounts.account(account_id)
    has_fleet = account is not None and account.role in HOLDERS | OVERSEERS
    return "/search" if place == "/" and not has_fleet else place


def _inside(place: str) -> str:
    """Return a place of this server; an address elsewhere becomes the home page."""
    is_path = place.startswith("/") and not place.startswith(("//", "/\\"))
    return place if is_path and "\r" not in place and "\n" not in place else "/"
