"""Evaluate a fleet: a health report for each battery, and a reason for each that has none."""

from collections.abc import Iterator

from batteryloop.health import HealthReport, evaluate
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.record import BatteryIdentity
from batteryloop.telemetry import Recording
from batteryloop.usecases.ports import Refusal, TelemetrySource
from batteryloop.usecases.read_telemetry import for_each


def evaluate_fleet(
    source: TelemetrySource,
    default: BatteryIdentity,
    *,
    ocv: OcvCurve | None = None,
    confidence_frac: float = 0.9,
) -> Iterator[HealthReport | Refusal]:
    """Yield a health report for each battery, or the reason why there is none.

    Parameters
    ----------
    source : TelemetrySource
        Files, a lake, a simulation.
    default : BatteryIdentity
        What to take for batteries of which the source knows nothing.
    ocv : OcvCurve, optional
        Open-circuit voltage of one cell over state of charge.
    confidence_frac : float, default 0.9
        How sure the intervals are.

    Yields
    ------
    HealthReport or Refusal
        One bad battery never stops the rest.
    """

    def judged(identity: BatteryIdentity, recording: Recording) -> HealthReport:
        return evaluate(
            recording.frame,
            identity,
            ocv=ocv,
            findings=recording.findings,
            confidence_frac=confidence_frac,
            is_simulated=recording.source.is_simulated,
        )

    return for_each(source, default, judged)
