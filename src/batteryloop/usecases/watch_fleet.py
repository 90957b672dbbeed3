"""Watch a fleet: the warnings of each battery, and a reason for each that cannot be watched."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from batteryloop.health.warning import (
    DEFAULT_BUDGET_PER_YEAR,
    HealthWarning,
    WatchState,
    watch,
)
from batteryloop.record import BatteryIdentity
from batteryloop.telemetry import Recording
from batteryloop.usecases.ports import Refusal, TelemetrySource, WatchMemory
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
    memory: WatchMemory | None = None,
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
    memory : WatchMemory, optional
        What is remembered of each battery: only rows after those it has seen are watched, and the
        state after them is kept. Without it every watch begins anew.

    Yields
    ------
    Watched or Refusal
        One bad battery never stops the rest.
    """

    def watched(identity: BatteryIdentity, recording: Recording) -> Watched:
        state = memory.recall(identity) if memory else None
        frame = rows_after(recording.frame, state)
        state, warnings = watch(frame, state, identity, budget_per_year=budget_per_year)
        if memory:
            memory.keep(state)
        return Watched(identity, warnings, state, frame.height, recording.source.is_simulated)

    return for_each(source, default, watched)


def rows_after(frame: pl.DataFrame, state: WatchState | None) -> pl.DataFrame:
    """Return the rows that a state has not seen: those later than its last."""
    seen_until_at = state.seen_until_at if state else None
    return frame if seen_until_at is None else frame.filter(pl.col("time") > seen_until_at)
