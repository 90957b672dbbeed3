"""Who is it, what is it made of, and what happened to it? One battery, one life, one record."""

from batteryloop.record.battery import Battery, Component, ComponentKind
from batteryloop.record.categories import Application, Category, category_of
from batteryloop.record.events import Entry, EventKind, LifeEvent, Stage
from batteryloop.record.fleet import (
    BatteryState,
    FleetOrder,
    FleetOverview,
    FleetPage,
    FleetQuery,
    LifeStatus,
    PassportCount,
)
from batteryloop.record.lineage import Descent, Lineage
from batteryloop.record.parties import Party, PartyRole
from batteryloop.record.types import BatteryIdentity

__all__ = [
    "Application",
    "Battery",
    "BatteryIdentity",
    "BatteryState",
    "Category",
    "Component",
    "ComponentKind",
    "Descent",
    "Entry",
    "EventKind",
    "FleetOrder",
    "FleetOverview",
    "FleetPage",
    "FleetQuery",
    "LifeEvent",
    "LifeStatus",
    "Lineage",
    "Party",
    "PartyRole",
    "PassportCount",
    "Stage",
    "category_of",
]
