"""The page of a recycling plant, and what would make it pass."""

from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from batteryloop.api.access import HOLDERS, OVERSEERS, About, Route, Rule, organisations_in_view
from batteryloop.api.house import House, TheCaller, TheHouse, TheRule
from batteryloop.errors import NotKnown
from batteryloop.record.accounts import Caller
from batteryloop.usecases.gather_returns import gather_returns
from batteryloop.web.circular.plant import (
    PlantQuestion,
    answered,
    plant_question,
    plant_view,
    target_days,
)
from batteryloop.web.circular.sections import SECTIONS
from batteryloop.web.rendering import page
from batteryloop.web.routes import PageRoute

ROUTER = APIRouter(route_class=PageRoute, include_in_schema=False)
_READ = Rule(HOLDERS | OVERSEERS, OVERSEERS, About.FLEET, is_restricted=True)
RULES: dict[Route, Rule] = {
    ("GET", "/circular/plant"): _READ,
    ("GET", "/circular/plant/changes"): _READ,
}


@ROUTER.get("/circular/plant")
def plant(request: Request, house: TheHouse, caller: TheCaller, rule: TheRule) -> Response:
    """Return a plant's balance with its targets; the form chooses feed and plant."""
    question, is_simulated = _question(request, house, caller, rule)
    with house.turns.take("plant balance"):
        view = plant_view(question)
    return page(
        request, "circular/plant.html", active="circular", sections=SECTIONS, section="plant",
        has_flows=True, has_places=False, view=view, is_simulated=is_simulated,
        asked_query=request.url.query,
    )  # fmt: skip


@ROUTER.get("/circular/plant/changes")
def changes(
    request: Request, house: TheHouse, caller: TheCaller, rule: TheRule, day: date
) -> Response:
    """Return what would make the plant pass on a day: a part of its page, or one of its own."""
    if day not in target_days():
        raise NotKnown.among("day of targets", day.isoformat(), map(str, target_days()))
    question, _ = _question(request, house, caller, rule)
    with house.turns.take("plant balance"):
        report = answered(question, day)
    is_part = "hx-request" in request.headers
    return page(
        request, "circular/plant_changes.html" if is_part else "circular/plant_changes_page.html",
        active="circular", sections=SECTIONS, section="plant", has_flows=False, has_places=False,
        improvements=report.improvements,
        with_steps=lambda steps: _query(question, steps),
    )  # fmt: skip


def _question(
    request: Request, house: House, caller: Caller, rule: Rule
) -> tuple[PlantQuestion, bool]:
    """Return what is asked; without a form, of what was recycled on record."""
    asked = dict(request.query_params)
    known: dict[str, float] = {}
    is_simulated = False
    if not any(key.startswith("feed_") for key in asked):
        gathered = gather_returns(house.record, organisations_in_view(rule, caller), house.now())
        known, is_simulated = gathered.recycled_t, gathered.is_simulated
    return plant_question(asked, request.query_params.getlist("step"), known), is_simulated


def _query(question: PlantQuestion, steps: tuple[str, ...]) -> str:
    """Return the address of the same plant with other steps."""
    fields = [(f"feed_{name}", f"{mass:g}") for name, mass in question.feed_t]
    fields += [("opening", question.opening), ("route", question.route)]
    fields += [("counting", question.counting), ("show", question.shown)]
    return urlencode(fields + [("step", step) for step in steps])
