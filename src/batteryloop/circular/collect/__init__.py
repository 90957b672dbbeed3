"""Who fetches what, with which truck and papers? Dangerous goods, tours, hubs, borders."""

from batteryloop.circular.collect.columns import ColumnBound, bound_by_columns
from batteryloop.circular.collect.document import (
    TransportDocument,
    document_faults,
    transport_document,
)
from batteryloop.circular.collect.exact import MOST_EXACT, exact_tours
from batteryloop.circular.collect.goods import GoodsEntry, goods_entry
from batteryloop.circular.collect.hubs import Consolidation, consolidate
from batteryloop.circular.collect.instances import make_instance
from batteryloop.circular.collect.loading import loading_bans
from batteryloop.circular.collect.movement import Movement, movement_needs
from batteryloop.circular.collect.network import TourProblem, tour_problem
from batteryloop.circular.collect.packing import PackingRule, packing_rule
from batteryloop.circular.collect.routes import search_tours, write_tours
from batteryloop.circular.collect.sheet import document_html, document_text
from batteryloop.circular.collect.types import (
    CONDITIONS,
    PURPOSES,
    Hub,
    PickUp,
    Stop,
    Tour,
    TourPlan,
    VehicleKind,
)

__all__ = [
    "CONDITIONS",
    "MOST_EXACT",
    "PURPOSES",
    "ColumnBound",
    "Consolidation",
    "GoodsEntry",
    "Hub",
    "Movement",
    "PackingRule",
    "PickUp",
    "Stop",
    "Tour",
    "TourPlan",
    "TourProblem",
    "TransportDocument",
    "VehicleKind",
    "bound_by_columns",
    "consolidate",
    "document_faults",
    "document_html",
    "document_text",
    "exact_tours",
    "goods_entry",
    "loading_bans",
    "make_instance",
    "movement_needs",
    "packing_rule",
    "search_tours",
    "tour_problem",
    "transport_document",
    "write_tours",
]
