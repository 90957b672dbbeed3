"""Which cell is about to fail: told before a plain limit trips, within a false-alarm budget."""

from batteryloop.health.warning.state import WatchState
from batteryloop.health.warning.thresholds import DEFAULT_BUDGET_PER_YEAR, thresholds_for
from batteryloop.health.warning.types import KINDS, SEVERITIES, Evidence, HealthWarning
from batteryloop.health.warning.watch import score_table, watch, watch_frame

__all__ = [
    "DEFAULT_BUDGET_PER_YEAR",
    "KINDS",
    "SEVERITIES",
    "Evidence",
    "HealthWarning",
    "WatchState",
    "score_table",
    "thresholds_for",
    "watch",
    "watch_frame",
]
