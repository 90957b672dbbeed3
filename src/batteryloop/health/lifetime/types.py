"""The record of a forecast: how long a battery lasts, how sure that is, on what it rests."""

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from batteryloop.quantities import Estimate

HISTORY: dict[str, pl.DataType] = {"age_efc": pl.Float64(), "soh_frac": pl.Float64()}
PATH: dict[str, pl.DataType] = {
    "age_efc": pl.Float64(),
    "age_days": pl.Float64(),
    "soh_frac": pl.Float64(),
    "soh_low_frac": pl.Float64(),
    "soh_high_frac": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is ahead of one battery.

    `threshold_frac` is of `whole_capacity_ah`: the rated capacity where it is known, else the
    first measured. `history` (columns `HISTORY`) is what was measured, `path` (columns `PATH`) what
    is expected from now on, with its interval; `age_days` of the path counts from now.
    `duty_ratio_frac` is the pace of ageing per full cycle under the stated duty over the past's.
    """

    battery_id: str
    threshold_frac: float
    whole_capacity_ah: float | None
    end_of_life_efc: Estimate
    remaining_efc: Estimate
    remaining_days: Estimate
    knee_efc: Estimate
    soh_frac: Estimate
    age_efc: float | None = None
    efc_per_day: float | None = None
    duty_ratio_frac: float = 1.0
    population: str = ""
    notes: tuple[str, ...] = ()
    is_simulated: bool = False
    confidence_frac: float = 0.9
    history: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema=HISTORY), compare=False, repr=False
    )
    path: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema=PATH), compare=False, repr=False
    )

    @property
    def estimates(self) -> dict[str, Estimate]:
        """Every estimate by its name, in the order a reader wants them."""
        return {
            "remaining_efc": self.remaining_efc,
            "remaining_days": self.remaining_days,
            "end_of_life_efc": self.end_of_life_efc,
            "knee_efc": self.knee_efc,
            "soh_frac": self.soh_frac,
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the forecast as plain data, for JSON and for tables."""
        return {
            "battery_id": self.battery_id,
            "threshold_frac": self.threshold_frac,
            "whole_capacity_ah": self.whole_capacity_ah,
            "age_efc": self.age_efc,
            "efc_per_day": self.efc_per_day,
            "duty_ratio_frac": self.duty_ratio_frac,
            **{name: e.value for name, e in self.estimates.items()},
            "confidence_frac": self.confidence_frac,
            "method": self.end_of_life_efc.method,
            "population": self.population,
            "reason": self.end_of_life_efc.reason,
            "notes": list(self.notes),
            "is_simulated": self.is_simulated,
            "estimates": {name: e.as_dict() for name, e in self.estimates.items()},
            "path": self.path.to_dicts(),
        }
