"""A battery's page: is it well, how sure, what next? And the series behind it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from batteryloop.api.access import HOLDERS, OVERSEERS, About, Route, Rule
from batteryloop.api.answers import Id, answer
from batteryloop.api.house import TheBattery, TheCaller, TheHouse
from batteryloop.api.passport_views import carrier_link
from batteryloop.errors import NotKnown
from batteryloop.passport.carrier import code_svg
from batteryloop.usecases.explore_series import explore_series
from batteryloop.usecases.record_passport import recorded_history, recorded_report
from batteryloop.web.battery import battery_view
from batteryloop.web.evaluation_page import evaluation_view
from batteryloop.web.passports import may_issue
from batteryloop.web.rendering import language, page, picture
from batteryloop.web.routes import PageRoute
from batteryloop.web.translation import translator
from batteryloop.web.way import way_of
from batteryloop.wiring.sources import samples_of

ROUTER = APIRouter(route_class=PageRoute, include_in_schema=False)
_READ = Rule(HOLDERS | OVERSEERS, OVERSEERS, About.BATTERY, is_restricted=True)
RULES: dict[Route, Rule] = {
    ("GET", "/fleet/{battery_id}"): _READ,
    ("GET", "/fleet/{battery_id}/series"): _READ,
    ("GET", "/fleet/{battery_id}/evaluation"): _READ,
}


@ROUTER.get("/fleet/{battery_id}")
def battery(
    request: Request, battery_id: Id, house: TheHouse, state: TheBattery, caller: TheCaller
) -> Response:
    """Return the battery's page."""
    view = battery_view(house.record, state, now=house.now(), say=translator(language(request)))
    has_series = bool(samples_of(house.settings.lake, battery_id, n_most=1).height)
    history = recorded_history(house.record, battery_id)
    code = code_svg(carrier_link(house, history.latest), module_mm=0.5) if history else ""
    return page(
        request,
        "battery.html",
        active="fleet",
        has_series=has_series,
        view=view,
        code=picture(code),
        may_issue=may_issue(caller, state),
        way=way_of(house.record, state),
    )


@ROUTER.get("/fleet/{battery_id}/evaluation")
def evaluation(request: Request, battery_id: Id, house: TheHouse) -> Response:
    """Return the battery's last evaluation, whole."""
    report = recorded_report(house.record, battery_id)
    if report is None:
        raise NotKnown(
            f"evaluation of battery {battery_id!r}", "none is on record",
            next_step="evaluate it with `batteryloop evaluation report`",
        )  # fmt: skip
    values = evaluation_view(report)
    return page(request, "evaluation_within.html", active="fleet", battery_id=battery_id, **values)


@ROUTER.get("/fleet/{battery_id}/series")
def series(
    battery_id: Id,
    house: TheHouse,
    points: Annotated[int, Query(ge=10, le=20_000)] = 2000,
    start: Annotated[datetime | None, Query(alias="from")] = None,
    end: Annotated[datetime | None, Query(alias="to")] = None,
) -> Response:
    """Return the battery's samples, thinned to so many points."""
    frame = samples_of(house.settings.lake, battery_id, start_at=start, end_at=end)
    if frame.is_empty():
        raise NotKnown(f"telemetry of battery {battery_id!r}", "none in the lake in that span")
    return answer(explore_series(frame, n_points=points).as_dict())
