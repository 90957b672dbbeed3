"""What comes back, when and where? Cohorts, lifetimes from the record, and plants to open."""

from batteryloop.circular.returns.capacity import CapacityPlan, Site, plan_capacity
from batteryloop.circular.returns.forecast import ReturnsForecast, forecast_returns
from batteryloop.circular.returns.lifetimes import life_curves, lives_of, weibull
from batteryloop.circular.returns.types import Life, LifeCurve, ReturnsRow, Sale

__all__ = [
    "CapacityPlan",
    "Life",
    "LifeCurve",
    "ReturnsForecast",
    "ReturnsRow",
    "Sale",
    "Site",
    "forecast_returns",
    "life_curves",
    "lives_of",
    "plan_capacity",
    "weibull",
]
