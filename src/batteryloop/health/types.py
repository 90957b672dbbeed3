"""The records of this room: a health report, its estimates, their evidence, the reasons why not."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from batteryloop.quantities import Estimate
from batteryloop.record.types import BatteryIdentity
from batteryloop.telemetry.types import Finding

# The tables a report carries, with their columns; an empty table has them too.
CAPACITY_HISTORY: dict[str, pl.DataType] = {
    "time": pl.Datetime("us", "UTC"),
    "cycle_count": pl.Int64(),
    "capacity_ah": pl.Float64(),
    "capacity_low_ah": pl.Float64(),
    "capacity_high_ah": pl.Float64(),
    "energy_wh": pl.Float64(),
    "c_rate_per_h": pl.Float64(),
    "temperature_degc": pl.Float64(),
    "is_reference": pl.Boolean(),
    "row_first": pl.Int64(),
    "row_last": pl.Int64(),
    "method": pl.String(),
}
PULSES: dict[str, pl.DataType] = {
    "time": pl.Datetime("us", "UTC"),
    "row": pl.Int64(),
    "current_step_a": pl.Float64(),
    "voltage_step_v": pl.Float64(),
    "span_s": pl.Float64(),
    "resistance_ohm": pl.Float64(),
    "resistance_1s_ohm": pl.Float64(),
    "resistance_10s_ohm": pl.Float64(),
    "voltage_v": pl.Float64(),
    "soc_frac": pl.Float64(),
    "temperature_degc": pl.Float64(),
    "resistance_normal_ohm": pl.Float64(),
}
VOLTAGE_CURVES: dict[str, pl.DataType] = {
    "cycle_count": pl.Int64(),
    "discharged_ah": pl.Float64(),
    "voltage_v": pl.Float64(),
}


def _empty(schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True, slots=True)
class HealthReport:
    """How one battery is, how sure that is, and why not where a figure is not given.

    Every field that is an `Estimate` has value, low, high, confidence, method and rows, or a
    reason. `capacity_history` and `pulses` are the measured points behind them (columns
    `CAPACITY_HISTORY` and `PULSES`), `voltage_curves` some full discharges (`VOLTAGE_CURVES`),
    `partial_charges` the segments between rested points, `cycles` the table of
    `telemetry.cycles`, `time_in_bands` the hours at each temperature and state of charge.
    `others` are capacities by further methods.
    """

    identity: BatteryIdentity
    capacity_ah: Estimate
    soh_frac: Estimate
    energy_wh: Estimate
    soh_energy_frac: Estimate
    resistance_ohm: Estimate
    resistance_ratio_frac: Estimate
    coulombic_efficiency_frac: Estimate
    energy_efficiency_frac: Estimate
    self_discharge_per_day: Estimate
    equivalent_full_cycles: Estimate
    throughput_ah: Estimate
    throughput_wh: Estimate
    n_rows: int
    started_at: datetime | None
    ended_at: datetime | None
    confidence_frac: float = 0.9
    findings: tuple[Finding, ...] = ()
    is_simulated: bool = False
    others: tuple[Estimate, ...] = ()
    capacity_history: pl.DataFrame = field(
        default_factory=lambda: _empty(CAPACITY_HISTORY), compare=False, repr=False
    )
    pulses: pl.DataFrame = field(default_factory=lambda: _empty(PULSES), compare=False, repr=False)
    voltage_curves: pl.DataFrame = field(
        default_factory=lambda: _empty(VOLTAGE_CURVES), compare=False, repr=False
    )
    partial_charges: pl.DataFrame = field(default_factory=pl.DataFrame, compare=False, repr=False)
    time_in_bands: pl.DataFrame = field(default_factory=pl.DataFrame, compare=False, repr=False)
    cycles: pl.DataFrame = field(default_factory=pl.DataFrame, compare=False, repr=False)

    @property
    def estimates(self) -> dict[str, Estimate]:
        """Every estimate by the name of its field, in the order a reader wants them."""
        return {name: getattr(self, name) for name in ESTIMATES}

    @property
    def reasons(self) -> dict[str, str]:
        """Why a figure is not given, by the name of its field."""
        return {name: e.reason for name, e in self.estimates.items() if not e.is_known}

    @property
    def time_span_days(self) -> float:
        """Days from the first row to the last [days]."""
        if self.started_at is None or self.ended_at is None:
            return 0.0
        return (self.ended_at - self.started_at).total_seconds() / 86_400

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data, one flat entry a battery, for JSON and for tables.

        Each estimate gives `<name>`, `<name with low before its unit>` and the same with high;
        `estimates` holds them whole, with method, rows and reason.
        """
        flat: dict[str, Any] = {
            "battery_id": self.identity.battery_id,
            "chemistry": self.identity.chemistry,
            "rated_capacity_ah": self.identity.rated_capacity_ah,
            "n_cells_series": self.identity.n_cells_series,
        }
        for name, estimate in self.estimates.items():
            low, high = bound_names(name)
            flat |= {name: estimate.value, low: estimate.low, high: estimate.high}
        return flat | {
            "confidence_frac": self.confidence_frac,
            "method": self.soh_frac.method if self.soh_frac.is_known else self.capacity_ah.method,
            "reason": self.soh_frac.reason,
            "reasons": self.reasons,
            "n_rows": self.n_rows,
            "started_at": None if self.started_at is None else self.started_at.isoformat(),
            "ended_at": None if self.ended_at is None else self.ended_at.isoformat(),
            "time_span_days": self.time_span_days,
            "is_simulated": self.is_simulated,
            "n_findings": len(self.findings),
            "findings": [finding.as_dict() for finding in self.findings],
            "estimates": {name: e.as_dict() for name, e in self.estimates.items()},
            "time_in_bands": self.time_in_bands.to_dicts(),
            "other_estimates": [e.as_dict() for e in self.others],
        }


ESTIMATES = (
    "soh_frac",
    "capacity_ah",
    "energy_wh",
    "soh_energy_frac",
    "resistance_ohm",
    "resistance_ratio_frac",
    "coulombic_efficiency_frac",
    "energy_efficiency_frac",
    "self_discharge_per_day",
    "equivalent_full_cycles",
    "throughput_ah",
    "throughput_wh",
)
_UNITS = ("_per_day", "_frac", "_ah", "_wh", "_ohm")


def bound_names(name: str) -> tuple[str, str]:
    """Return the names of an estimate's bounds: low and high go before the unit.

    Examples
    --------
    >>> bound_names("soh_frac")
    ('soh_low_frac', 'soh_high_frac')
    >>> bound_names("equivalent_full_cycles")
    ('equivalent_full_cycles_low', 'equivalent_full_cycles_high')
    """
    for unit in _UNITS:
        if name.endswith(unit):
            stem = name.removesuffix(unit)
            return f"{stem}_low{unit}", f"{stem}_high{unit}"
    return f"{name}_low", f"{name}_high"
