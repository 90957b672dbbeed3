"""The ways to a capacity, in order of trust."""

from dataclasses import dataclass

import polars as pl

from batteryloop.health.capacity.charge_shape import capacity_from_charge_shapes
from batteryloop.health.capacity.full_swings import capacity_from_swings
from batteryloop.health.capacity.partial_charge import METHOD as PARTIAL_METHOD
from batteryloop.health.capacity.partial_charge import capacity_from_rests
from batteryloop.health.capacity.soc_window import capacity_from_reported_soc
from batteryloop.health.evidence import Evidence
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.health.open_circuit.points import ocv_points
from batteryloop.health.open_circuit.reported_soc import (
    SocCheck,
    check_reported_soc,
    corrected_capacity,
)
from batteryloop.quantities import Estimate
from batteryloop.telemetry.types import Finding

_NO_CURVE = "no open-circuit curve: give the chemistry, or a curve with --ocv"


@dataclass(frozen=True, slots=True)
class Ways:
    """The capacity by each way, most trusted first, with what the first two were taken from."""

    estimates: tuple[Estimate, ...]
    chosen_swings: pl.DataFrame
    partial_charges: pl.DataFrame
    findings: tuple[Finding, ...] = ()

    @property
    def best(self) -> Estimate:
        """The first that gives a capacity, else "unknown" with the reason of each."""
        for estimate in self.estimates:
            if estimate.is_known:
                return estimate
        reasons = dict.fromkeys(e.reason for e in self.estimates if e.reason)
        first = self.estimates[0]
        return Estimate.unknown(
            first.quantity,
            first.method,
            "; ".join(reasons),
            confidence_frac=first.confidence_frac,
        )

    @property
    def others(self) -> tuple[Estimate, ...]:
        """Those that give a capacity beside the best."""
        return tuple(e for e in self.estimates if e.is_known)[1:]


def ways_to_capacity(
    evidence: Evidence,
    curve: OcvCurve | None,
    *,
    is_curve_given: bool,
    rated_capacity_ah: float | None,
    confidence_frac: float,
    battery_id: str = "",
) -> Ways:
    """Return the capacity by full swings, by partial charges and by the reported state of charge.

    Charges without a rest are held against the curve only where neither full swings nor rested
    points say anything.

    Parameters
    ----------
    evidence : Evidence
        What the samples show.
    curve : OcvCurve, optional
        Open-circuit voltage of one cell.
    is_curve_given : bool
        Whether the curve is this cell's; a typical one may be another maker's, and then the surer
        of partial charges and reported state of charge goes first, if rested voltages bear the
        report out. A report that they belie is put right by them, or dropped.
    rated_capacity_ah : float, optional
        [Ah]
    confidence_frac : float
        In (0, 1).
    battery_id : str
        For the findings.
    """
    counted, chosen = capacity_from_swings(
        evidence.swings, confidence_frac=confidence_frac, reason=evidence.no_swing_reason
    )
    if not counted.is_known:
        # How much a charge takes depends on how far the discharge before it went: second best.
        charged, charges = capacity_from_swings(
            evidence.swings, kind="charge", confidence_frac=confidence_frac, reason=counted.reason
        )
        if charged.is_known:
            counted, chosen = charged, charges
    reported = capacity_from_reported_soc(evidence.trace, confidence_frac=confidence_frac)
    if curve is None:
        partial = Estimate.unknown(
            "capacity_ah", PARTIAL_METHOD, _NO_CURVE, confidence_frac=confidence_frac
        )
        return Ways((counted, partial, reported), chosen, pl.DataFrame())
    points = ocv_points(evidence.trace, evidence.runs)
    check = check_reported_soc(
        evidence.trace,
        points,
        curve,
        capacity_ah=rated_capacity_ah,
        battery_id=battery_id,
        confidence_frac=confidence_frac,
    )
    reported = _as_checked(reported, check)
    partial, table = capacity_from_rests(
        evidence.trace, evidence.runs, curve, points=points, confidence_frac=confidence_frac
    )
    rest = [partial, reported]
    if not (counted.is_known or partial.is_known) and (is_curve_given or not reported.is_known):
        shape = capacity_from_charge_shapes(
            evidence.trace,
            evidence.runs,
            curve,
            rated_capacity_ah=rated_capacity_ah,
            confidence_frac=confidence_frac,
        )
        rest = [partial, shape, reported]
    if not is_curve_given and check.is_believable is not None:
        rest.sort(key=_width)
    return Ways((counted, *rest), chosen, table, check.findings)


def _as_checked(reported: Estimate, check: SocCheck) -> Estimate:
    """Return what the report gives, put right where rested voltages belie it."""
    return corrected_capacity(reported, check) if check.is_believable is False else reported


def _width(estimate: Estimate) -> float:
    """Return how wide the interval is, as a share of the value; unknown is widest."""
    if not estimate.value or estimate.low is None or estimate.high is None:
        return float("inf")
    return (estimate.high - estimate.low) / estimate.value
