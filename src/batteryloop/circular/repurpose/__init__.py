"""What can retired modules still do? Storage sized for a use, its second life and its worth."""

from batteryloop.circular.repurpose.dispatch import chosen_weeks, run_storage
from batteryloop.circular.repurpose.economics import storage_worth
from batteryloop.circular.repurpose.second_life import draw_left, forecast_second_life
from batteryloop.circular.repurpose.sheet import design_sheet
from batteryloop.circular.repurpose.sizing import Promise, site_for, size_storage
from batteryloop.circular.repurpose.types import (
    USES,
    Design,
    DispatchResult,
    GradedModule,
    SecondLifeForecast,
    Site,
    Worth,
)

__all__ = [
    "USES",
    "Design",
    "DispatchResult",
    "GradedModule",
    "Promise",
    "SecondLifeForecast",
    "Site",
    "Worth",
    "chosen_weeks",
    "design_sheet",
    "draw_left",
    "forecast_second_life",
    "run_storage",
    "site_for",
    "size_storage",
    "storage_worth",
]
