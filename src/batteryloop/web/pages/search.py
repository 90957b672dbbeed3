"""The search box of every page's head, and a page of its own for who has no fleet."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from batteryloop.api.access import EVERYONE, Route, Rule
from batteryloop.api.house import TheCaller, TheHouse
from batteryloop.web.rendering import page
from batteryloop.web.routes import PageRoute
from batteryloop.web.search import place_of

ROUTER = APIRouter(route_class=PageRoute, include_in_schema=False)
RULES: dict[Route, Rule] = {("GET", "/search"): Rule(EVERYONE, EVERYONE)}


@ROUTER.get("/search")
def search(
    request: Request,
    house: TheHouse,
    caller: TheCaller,
    q: Annotated[str, Query(max_length=400, pattern=r"^[^\x00]*$")] = "",
) -> Response:
    """Lead to what was asked for, or say that it is not there."""
    asked = q.strip()
    place = place_of(house.record, caller, asked) if asked else None
    if place is not None:
        return RedirectResponse(place, status_code=303)
    return page(request, "search.html", active="search", asked=asked)
