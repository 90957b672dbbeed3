"""The triage board, and why a pack goes where it goes."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from batteryloop.api.access import HOLDERS, OVERSEERS, About, Route, Rule, organisations_in_view
from batteryloop.api.house import House, TheCaller, TheHouse, TheRule
from batteryloop.record.accounts import Caller
from batteryloop.usecases.review_decisions import review_decisions
from batteryloop.web.circular.sections import SECTIONS
from batteryloop.web.circular.triage import (
    HUE,
    Board,
    board_view,
    pack_options,
    simulated_board,
)
from batteryloop.web.rendering import page
from batteryloop.web.routes import PageRoute

ROUTER = APIRouter(route_class=PageRoute, include_in_schema=False)
_READ = Rule(HOLDERS | OVERSEERS, OVERSEERS, About.FLEET, is_restricted=True)
RULES: dict[Route, Rule] = {
    ("GET", "/circular"): _READ,
    ("GET", "/circular/packs/{pack_id}"): _READ,
}
Case = Annotated[Literal["", "simulated"], Query(description="Which returns desk.")]


@ROUTER.get("/circular")
def board(
    request: Request, house: TheHouse, caller: TheCaller, rule: TheRule, case: Case = "",
    fate: Annotated[str, Query(max_length=40)] = "",
) -> Response:  # fmt: skip
    """Return where everything goes: as decided on record, else at a simulated desk."""
    recorded = _recorded(house, caller, rule)
    is_recorded = bool(recorded.decisions) and case != "simulated"
    shown = recorded if is_recorded else _simulated(house)
    return page(
        request, "circular/triage.html", active="circular", sections=SECTIONS, section="triage",
        has_flows=True, has_places=False, board=shown, view=board_view(shown, fate),
        from_record=is_recorded, has_record=bool(recorded.decisions),
        simulated_asked=case == "simulated",
    )  # fmt: skip


@ROUTER.get("/circular/packs/{pack_id}")
def pack(
    request: Request, house: TheHouse, caller: TheCaller, rule: TheRule,
    pack_id: Annotated[str, Path(min_length=1, max_length=300)], case: Case = "",
) -> Response:  # fmt: skip
    """Return one pack's decision in a sentence, and what would change it."""
    recorded = _recorded(house, caller, rule)
    is_recorded = bool(recorded.decisions) and case != "simulated"
    shown = recorded if is_recorded else _simulated(house)
    decision = shown.decision(pack_id)
    why = shown.explanation(pack_id)
    return page(
        request, "circular/pack.html", active="circular", sections=SECTIONS, section="triage",
        has_flows=False, has_places=False, decision=decision, why=why, hue=HUE,
        options=pack_options(why) if why else [], simulated_asked=case == "simulated",
    )  # fmt: skip


def _recorded(house: House, caller: Caller, rule: Rule) -> Board:
    return Board(review_decisions(house.record, organisations_in_view(rule, caller)))


def _simulated(house: House) -> Board:
    with house.turns.take("triage"):
        return simulated_board(house.now())
