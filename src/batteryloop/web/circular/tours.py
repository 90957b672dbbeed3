"""A day's tours: who fetches what, with which papers; a simulated day around Grenoble."""

from datetime import date
from functools import lru_cache
from typing import Any

from batteryloop.circular.collect import TransportDocument, make_instance
from batteryloop.errors import NotKnown
from batteryloop.usecases.plan_collection import CollectionPlan, plan_collection
from batteryloop.wiring.chance import seeded

_N_PICKUPS = 24
_N_ITERATIONS = 300
_HUES = ("swap", "use", "renew", "care", "recover", "make")


@lru_cache(maxsize=4)
def simulated_day(day: date) -> CollectionPlan:
    """Return the plan of a SIMULATED day; what was asked before is known."""
    hub, sites, trucks = make_instance(_N_PICKUPS, seeded(4))
    return plan_collection(sites, [hub], trucks, day, n_iterations=_N_ITERATIONS)


def tour_rows(plan: CollectionPlan) -> list[dict[str, Any]]:
    """Return a row for each tour, with the stops in order and the hue it has on the map."""
    sites = {pickup.pickup_id: pickup for pickup in plan.pickups}
    tours = [tour for own in plan.plans for tour in own.tours]
    return [
        {
            "tour": tour,
            "hue": _HUES[place % len(_HUES)],
            "stops": [(stop, sites[stop.pickup_id]) for stop in tour.stops],
            "has_document": tour.tour_id in plan.documents,
        }
        for place, tour in enumerate(tours)
    ]


def map_of(plan: CollectionPlan) -> dict[str, Any]:
    """Return places and tours as the map draws them, each tour in its own hue."""
    drawn = plan.places()
    tours = [
        {**tour, "stage": _HUES[place % len(_HUES)]} for place, tour in enumerate(drawn["tours"])
    ]
    return {"places": drawn["places"], "tours": tours}


def document_of(plan: CollectionPlan, tour_id: str) -> TransportDocument:
    """Return a truck's transport document.

    Raises
    ------
    NotKnown
        If there is no such tour.
    """
    if tour_id not in plan.documents:
        raise NotKnown.among("tour", tour_id[:64], plan.documents)
    return plan.documents[tour_id]
