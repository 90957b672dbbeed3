"""The page that grades retired cells by a learned model: a table in, grades with intervals out."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from batteryloop.api.access import HOLDERS, OVERSEERS, Route, Rule
from batteryloop.api.house import House, TheHouse
from batteryloop.health.learned.grade import USUAL, thresholds_of
from batteryloop.record.accounts import Scope
from batteryloop.usecases.grade_cells import grade_cells
from batteryloop.web.circular.cells import Grading, grading_view
from batteryloop.web.circular.sections import SECTIONS
from batteryloop.web.rendering import page
from batteryloop.web.routes import PageRoute
from batteryloop.wiring.health_models import model_cards, named_model
from batteryloop.wiring.sources import table_in

ROUTER = APIRouter(route_class=PageRoute, include_in_schema=False)
_RULE = Rule(HOLDERS | OVERSEERS, HOLDERS | OVERSEERS, scope=Scope.READ)
RULES: dict[Route, Rule] = {
    ("GET", "/circular/cells"): _RULE,
    ("POST", "/circular/cells"): _RULE,
}


@ROUTER.get("/circular/cells")
def cells(request: Request, house: TheHouse) -> Response:
    """Return the models that are there, and the form that asks for a table."""
    return _page(request, house, thresholds=USUAL)


@ROUTER.post("/circular/cells")
def graded(
    request: Request,
    house: TheHouse,
    table: Annotated[UploadFile, File()],
    model: Annotated[str, Form(max_length=100)],
    thresholds: Annotated[str, Form(max_length=300)] = USUAL,
) -> Response:
    """Return the grades of the cells of a table; nothing is kept."""
    trained, _ = named_model(house.settings.models, model)
    bounds = thresholds_of(thresholds)
    content = table_in(table.file.read(), table.filename or "table")
    with house.turns.take("grading"):
        found = grading_view(list(grade_cells(content, trained, bounds)), bounds)
    return _page(
        request, house, thresholds=thresholds, chosen=model, grading=found, name=table.filename
    )


def _page(
    request: Request, house: House, *, thresholds: str, chosen: str = "",
    grading: Grading | None = None, name: str | None = None,
) -> Response:  # fmt: skip
    return page(
        request, "circular/cells.html", active="circular", sections=SECTIONS, section="cells",
        has_flows=False, has_places=False, thresholds=thresholds, chosen=chosen, grading=grading,
        name=name, models=model_cards(house.settings.models),
    )  # fmt: skip
