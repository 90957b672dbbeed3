"""The records of this room: a warning, its kinds, and what a severity means."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from batteryloop.quantities import Estimate

WarningKind = Literal[
    "internal-short",
    "weak-cell",
    "loose-connection",
    "voltage-sensor",
    "stuck-reading",
    "cooling-loss",
    "insulation-loss",
    "current-sensor",
    "soc-jump",
]
KINDS: tuple[WarningKind, ...] = (
    "internal-short",
    "weak-cell",
    "loose-connection",
    "voltage-sensor",
    "stuck-reading",
    "cooling-loss",
    "insulation-loss",
    "current-sensor",
    "soc-jump",
)
# Kinds about one cell come first; scores and latches are stored in this order.
CELL_KINDS: tuple[WarningKind, ...] = KINDS[:5]
PACK_KINDS: tuple[WarningKind, ...] = KINDS[5:]

SEVERITIES = (
    "noticed: measurable, of no consequence yet",
    "watch: look again at the next occasion",
    "plan: have it checked at the next service",
    "act: check within days, limit use until then",
    "stop: take it out of use and keep a distance",
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The series that a warning rests on: of one cell or sensor, against its pack.

    `quantity` is a name ending in its unit; `time` and `values` are of one length, oldest first.
    """

    quantity: str
    time: tuple[datetime, ...] = ()
    values: tuple[float, ...] = ()
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class HealthWarning:
    """What a battery gives notice of, before a plain limit would.

    Parameters
    ----------
    battery_id : str
        Which battery.
    kind : str
        One of `KINDS`.
    cell : int or None
        The cell, counted from 0 as in `cell_voltages_v`; None where it is of the whole pack or of
        a temperature sensor.
    sensor : int or None
        The temperature sensor, counted from 0 as in `cell_temperatures_degc`.
    raised_at : datetime
        The row's time at which it was raised: nothing later was looked at.
    severity : int
        0 to 4, see `SEVERITIES`.
    confidence_frac : float
        How sure it is that this is no chance: 1 less the share of false alarms expected among
        warnings with such a score.
    score : float
        How many robust standard deviations it stands out by; `threshold` is what the budget asks.
    estimate : Estimate
        How large: `leak_a`, `contact_ohm`, `capacity_loss_frac`, `voltage_offset_v` …
    lead_time_h : Estimate
        How long until a plain limit trips if it goes on like this; unknown, with the reason.
    evidence : Evidence
        The series behind it.
    found, next_step : str
        In words: what was seen; what would confirm it.
    """

    battery_id: str
    kind: WarningKind
    cell: int | None
    raised_at: datetime
    severity: int
    confidence_frac: float
    score: float
    threshold: float
    estimate: Estimate
    lead_time_h: Estimate
    evidence: Evidence = field(compare=False)
    found: str
    next_step: str
    sensor: int | None = None

    @property
    def cell_label(self) -> str:
        """The cell or sensor as people count them, from 1; empty for the whole pack."""
        if self.sensor is not None:
            return f"sensor {self.sensor + 1}"
        return "" if self.cell is None else f"cell {self.cell + 1}"

    def as_dict(self) -> dict[str, Any]:
        """Return the warning as plain data, for JSON; `cell` from 0, `cell_label` from 1."""
        return {
            "battery_id": self.battery_id,
            "kind": self.kind,
            "cell": self.cell,
            "cell_label": self.cell_label,
            "sensor": self.sensor,
            "raised_at": self.raised_at.isoformat(),
            "severity": self.severity,
            "severity_meaning": SEVERITIES[self.severity],
            "confidence_frac": self.confidence_frac,
            "score": self.score,
            "threshold": self.threshold,
            "found": self.found,
            "next_step": self.next_step,
            "estimate": self.estimate.as_dict(),
            "lead_time_h": self.lead_time_h.as_dict(),
            "evidence": {
                "quantity": self.evidence.quantity,
                "time": [at.isoformat() for at in self.evidence.time],
                "values": list(self.evidence.values),
                "threshold": self.evidence.threshold,
            },
        }
