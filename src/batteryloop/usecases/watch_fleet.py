"""Watch a fleet: the warnings of each battery, and a reason for each that cannot be watched."""

from collections.abc import Iterator
from dataclasses import dataclass

from batteryloop.health.warning import (
    DEFAULT_BUDGET_PER_YEAR,
    HealthWarning,
    WatchState,
    watch,
)
from batteryloop.record import BatteryIdentity
from batteryloop.telemetry import Recording
from batteryloop.usecases.ports import Refusal, TelemetrySource
from batteryloop.usecases.read_telemetry import for_each


@dataclass(frozen=True, slots=True)
class Watched:
    """One battery's warnings, oldest first, and the state to go on from."""

    identity: BatteryIdentity
    warnings: tuple[HealthWarning, ...]
    state: WatchState
    n_rows: int
    is_simulated: bool


def watch_fleet(
    source: TelemetrySource,
    default: BatteryIdentity,
    *,
    budget_per_year: float = DEFAULT_BUDGET_PER_YEAR,
) -> Iterator[Watched | Refusal]:
    """Yield the warnings of each battery, or the reason why it cannot be watched.

    Parameters
    ----------
    source : TelemetrySource
        Files, a lake, a simulation.
    default : BatteryIdentity
        What to take for batteries of which the source knows nothing.
    budget_per_year : float, default 0.05
        False alarms that the operator accepts, per pack and year.

    Yields
    ------
    Watched or Refusal
        One bad battery never stops the rest.
    """

    def watched(identity: BatteryIdentity, recording: Recording) -> Watched:
        frame = recording.frame
        state, warnings = watch(frame, None, identity, budget_per_year=budget_per_year)
        return Watched(identity, warnings, state, frame.height, recording.source.is_simulated)

    return for_each(source, default, watched)
