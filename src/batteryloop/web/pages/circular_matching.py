"""The page of matched packs: those on record, and a simulated bench."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from batteryloop.api.access import HOLDERS, OVERSEERS, About, Route, Rule, organisations_in_view
from batteryloop.api.house import TheCaller, TheHouse, TheRule
from batteryloop.circular.remanufacture.types import OBJECTIVES
from batteryloop.record import EventKind
from batteryloop.web.circular.matching import (
    lineage_flows,
    recorded_flows,
    second_lives,
    simulated_matching,
)
from batteryloop.web.circular.sections import SECTIONS
from batteryloop.web.drawings.pack_strips import draw_strips
from batteryloop.web.rendering import language, page, picture
from batteryloop.web.routes import PageRoute
from batteryloop.web.translation import translator

ROUTER = APIRouter(route_class=PageRoute, include_in_schema=False)
RULES: dict[Route, Rule] = {
    ("GET", "/circular/matching"): Rule(
        HOLDERS | OVERSEERS, OVERSEERS, About.FLEET, is_restricted=True
    ),
}
_KINDS = frozenset({EventKind.REMANUFACTURED, EventKind.REPURPOSED})
_N_MOST = 200


@ROUTER.get("/circular/matching")
def matching(
    request: Request, house: TheHouse, caller: TheCaller, rule: TheRule,
    objective: Annotated[str, Query(max_length=40)] = "spread",
) -> Response:  # fmt: skip
    """Return packs built on record with their parents, and packs matched on a simulated bench."""
    entries = house.record.latest(organisations_in_view(rule, caller), n_most=_N_MOST, kinds=_KINDS)
    lives = second_lives(entries)
    with house.turns.take("matching"):
        matched, capacities = simulated_matching(objective, house.now().date())
    found, say = matched.matching, translator(language(request))
    strips = {
        pack.pack_id: [capacities[name] for place in pack.places for name in place]
        for pack in found.packs
    }
    return page(
        request, "circular/matching.html", active="circular", sections=SECTIONS,
        section="matching", has_flows=True, has_places=False, matching=found, work=matched.work,
        n_modules=len(capacities), objectives=OBJECTIVES, second_lives=lives,
        is_record_simulated=any(
            house.record.battery(row["battery_id"]).battery.is_simulated for row in lives[:1]
        ),
        record_flows=recorded_flows(lives), flows=lineage_flows(found),
        strips=picture(draw_strips(
            strips, title=say("Capacity of the modules of each pack"), is_simulated=True
        )),
    )  # fmt: skip
