"""The map of a day's tours, and the document that travels with a truck."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from batteryloop.api.access import HOLDERS, OVERSEERS, About, Route, Rule
from batteryloop.api.house import House, TheHouse
from batteryloop.usecases.plan_collection import CollectionPlan
from batteryloop.web.circular.sections import SECTIONS
from batteryloop.web.circular.tours import document_of, map_of, simulated_day, tour_rows
from batteryloop.web.rendering import page
from batteryloop.web.routes import PageRoute

ROUTER = APIRouter(route_class=PageRoute, include_in_schema=False)
# Nothing of anybody's record is shown here.
_READ = Rule(HOLDERS | OVERSEERS, HOLDERS | OVERSEERS, About.NOTHING)
RULES: dict[Route, Rule] = {
    ("GET", "/circular/tours"): _READ,
    ("GET", "/circular/tours/{tour_id}"): _READ,
}


@ROUTER.get("/circular/tours")
def tours(request: Request, house: TheHouse) -> Response:
    """Return a simulated day's tours on a map and in a table."""
    plan = _plan(house)
    return page(
        request, "circular/tours.html", active="circular", sections=SECTIONS, section="tours",
        has_flows=False, has_places=True, plan=plan, rows=tour_rows(plan), places=map_of(plan),
    )  # fmt: skip


@ROUTER.get("/circular/tours/{tour_id}")
def document(
    request: Request, house: TheHouse, tour_id: Annotated[str, Path(min_length=1, max_length=100)]
) -> Response:
    """Return the transport document of a truck."""
    plan = _plan(house)
    made = document_of(plan, tour_id)
    row = next(row for row in tour_rows(plan) if row["tour"].tour_id == tour_id)
    return page(
        request, "circular/tour.html", active="circular", sections=SECTIONS, section="tours",
        has_flows=False, has_places=False, document=made, row=row,
    )  # fmt: skip


def _plan(house: House) -> CollectionPlan:
    with house.turns.take("collection"):
        return simulated_day(house.now().date())
