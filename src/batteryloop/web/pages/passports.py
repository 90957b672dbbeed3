"""The passports page."""

from fastapi import APIRouter, Request, Response

from batteryloop.api.access import HOLDERS, OVERSEERS, About, Route, Rule, organisations_in_view
from batteryloop.api.house import TheCaller, TheHouse, TheRule
from batteryloop.web.passports import passports_query, passports_view
from batteryloop.web.rendering import page
from batteryloop.web.routes import PageRoute

ROUTER = APIRouter(route_class=PageRoute, include_in_schema=False)
RULES: dict[Route, Rule] = {
    ("GET", "/passports"): Rule(HOLDERS | OVERSEERS, OVERSEERS, About.FLEET, is_restricted=True),
}


@ROUTER.get("/passports")
def passports(request: Request, house: TheHouse, caller: TheCaller, rule: TheRule) -> Response:
    """Return which passports are there, which are missing, and what they lack."""
    query = passports_query(dict(request.query_params), organisations_in_view(rule, caller))
    found = house.record.batteries(query)
    view = passports_view(house.record, found, query, caller=caller, now=house.now())
    return page(request, "passports.html", active="passports", view=view)
