"""The home page: the loop with its counts, and what needs a person today."""

from fastapi import APIRouter, Request, Response

from batteryloop.api.access import HOLDERS, OVERSEERS, About, Route, Rule, organisations_in_view
from batteryloop.api.house import TheCaller, TheHouse, TheRule
from batteryloop.web.home import home_view
from batteryloop.web.rendering import language, page
from batteryloop.web.routes import PageRoute
from batteryloop.web.translation import translator

ROUTER = APIRouter(route_class=PageRoute, include_in_schema=False)
RULES: dict[Route, Rule] = {
    ("GET", "/"): Rule(HOLDERS | OVERSEERS, OVERSEERS, About.FLEET, is_restricted=True),
}


@ROUTER.get("/")
def home(request: Request, house: TheHouse, caller: TheCaller, rule: TheRule) -> Response:
    """Return the loop today, and what waits."""
    view = home_view(
        house.record,
        organisations_in_view(rule, caller),
        now=house.now(),
        say=translator(language(request)),
    )
    return page(request, "home.html", active="home", view=view)
