"""What becomes of a recycled pack? Balance, targets, blend, lines, lots and new batteries."""

from batteryloop.circular.recycle.balance import balance_plant
from batteryloop.circular.recycle.blend import Blend, best_blend
from batteryloop.circular.recycle.economics import PlantValue, plant_value
from batteryloop.circular.recycle.flowsheet import OPENINGS, ROUTES, fitting_steps
from batteryloop.circular.recycle.genealogy import ReturnedPack, SaltLot, TracedReturns
from batteryloop.circular.recycle.improve import Improvement, improve_plant
from batteryloop.circular.recycle.recycled_content import (
    NewBatteries,
    NewBattery,
    make_batteries,
    new_battery,
)
from batteryloop.circular.recycle.targets import TargetResult, check_targets
from batteryloop.circular.recycle.throughput import Throughput, simulate_throughput
from batteryloop.circular.recycle.traceability import trace_returns, way_of
from batteryloop.circular.recycle.types import PlantBalance

__all__ = [
    "OPENINGS",
    "ROUTES",
    "Blend",
    "Improvement",
    "NewBatteries",
    "NewBattery",
    "PlantBalance",
    "PlantValue",
    "ReturnedPack",
    "SaltLot",
    "TargetResult",
    "Throughput",
    "TracedReturns",
    "balance_plant",
    "best_blend",
    "check_targets",
    "fitting_steps",
    "improve_plant",
    "make_batteries",
    "new_battery",
    "plant_value",
    "simulate_throughput",
    "trace_returns",
    "way_of",
]
