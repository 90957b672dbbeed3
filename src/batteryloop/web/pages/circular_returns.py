"""The page of what will come back, and which plants to open for it."""

from fastapi import APIRouter, Request, Response

from batteryloop.api.access import HOLDERS, OVERSEERS, About, Route, Rule, organisations_in_view
from batteryloop.api.house import House, TheCaller, TheHouse, TheRule
from batteryloop.errors import InputWrong
from batteryloop.record.accounts import Caller
from batteryloop.usecases.gather_returns import GatheredReturns, gather_returns
from batteryloop.web.circular.returns import (
    ReturnsQuestion,
    by_chemistry,
    by_region,
    forecast,
    returns_question,
    year_rows,
)
from batteryloop.web.circular.sections import SECTIONS
from batteryloop.web.drawings.band_chart import draw_bands
from batteryloop.web.rendering import language, page, picture
from batteryloop.web.routes import PageRoute
from batteryloop.web.translation import translator

ROUTER = APIRouter(route_class=PageRoute, include_in_schema=False)
_READ = Rule(HOLDERS | OVERSEERS, OVERSEERS, About.FLEET, is_restricted=True)
RULES: dict[Route, Rule] = {
    ("GET", "/circular/returns"): _READ,
    ("GET", "/circular/returns/plants"): _READ,
}


@ROUTER.get("/circular/returns")
def returns(request: Request, house: TheHouse, caller: TheCaller, rule: TheRule) -> Response:
    """Return the forecast, of the record's lives where enough have ended."""
    gathered, question = _question(house, caller, rule)
    with house.turns.take("returns"):
        try:
            report = forecast(question, has_sites=False)
        except InputWrong:  # no curve fits what is on record
            question = ReturnsQuestion(question.now_year)
            report = forecast(question, has_sites=False)
    made, say = report.forecast, translator(language(request))
    rows = year_rows(made)
    charts = {
        key: picture(
            draw_bands(
                bands, now_year=question.now_year, unit="t", now=say("now"), title=title,
                is_simulated=report.is_simulated,
            )
        )
        for key, bands, title in (
            ("chemistry_chart", by_chemistry(made), say("Returns by chemistry, with bands")),
            ("region_chart", by_region(made), say("Returns by region, with bands")),
        )
    }  # fmt: skip
    return page(
        request, "circular/returns.html", active="circular", sections=SECTIONS, section="returns",
        has_flows=False, has_places=False, report=report, rows=rows, now_year=question.now_year,
        now_row=next(row for row in rows if row["year"] == question.now_year), last_row=rows[-1],
        n_lives=len(gathered.lives), n_ended=gathered.n_ended,
        is_from_record=question.is_from_record,
        chemistry_chart=charts["chemistry_chart"], region_chart=charts["region_chart"],
    )  # fmt: skip


@ROUTER.get("/circular/returns/plants")
def plants(request: Request, house: TheHouse, caller: TheCaller, rule: TheRule) -> Response:
    """Return which plants to open when: as a part of the page, or a page of its own.

    The plants of the example lie in the regions of the simulated market, so it is that market's.
    """
    with house.turns.take("returns"):
        report = forecast(ReturnsQuestion(house.now().year), has_sites=True)
    is_part = "hx-request" in request.headers
    return page(
        request, "circular/returns_plants.html" if is_part else "circular/returns_plants_page.html",
        active="circular", sections=SECTIONS, section="returns", has_flows=False,
        has_places=False, plan=report.plan,
    )  # fmt: skip


def _question(house: House, caller: Caller, rule: Rule) -> tuple[GatheredReturns, ReturnsQuestion]:
    now = house.now()
    gathered = gather_returns(house.record, organisations_in_view(rule, caller), now)
    return gathered, returns_question(gathered, now.year)
