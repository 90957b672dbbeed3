"""The fleet page."""

from fastapi import APIRouter, Request, Response

from batteryloop.api.access import HOLDERS, OVERSEERS, About, Route, Rule, organisations_in_view
from batteryloop.api.house import TheCaller, TheHouse, TheRule
from batteryloop.web.fleet import fleet_query, fleet_view
from batteryloop.web.rendering import page
from batteryloop.web.routes import PageRoute

ROUTER = APIRouter(route_class=PageRoute, include_in_schema=False)
RULES: dict[Route, Rule] = {
    ("GET", "/fleet"): Rule(HOLDERS | OVERSEERS, OVERSEERS, About.FLEET, is_restricted=True),
}


@ROUTER.get("/fleet")
def fleet(request: Request, house: TheHouse, caller: TheCaller, rule: TheRule) -> Response:
    """Return one page of the batteries that the viewer may see."""
    asked = dict(request.query_params)
    query = fleet_query(asked, organisations_in_view(rule, caller))
    found = house.record.batteries(query)
    return page(request, "fleet.html", active="fleet", page=fleet_view(found, query, asked))
