"""How is it, and how sure is that? Capacity, resistance, energy, efficiency, self-discharge."""

from batteryloop.health.evaluate import evaluate
from batteryloop.health.types import HealthReport

__all__ = ["HealthReport", "evaluate"]
