"""Summarise cycles: capacity, energy, efficiency and resistance of each cycle of each battery."""

from collections.abc import Iterator

import polars as pl

from batteryloop.record import BatteryIdentity
from batteryloop.telemetry import Finding, Recording
from batteryloop.telemetry.cycles import cycles
from batteryloop.usecases.ports import Refusal, TelemetrySource
from batteryloop.usecases.read_telemetry import for_each


def summarise_cycles(
    source: TelemetrySource, default: BatteryIdentity, *, end_voltage_v: float | None = None
) -> Iterator[tuple[pl.DataFrame, tuple[Finding, ...]] | Refusal]:
    """Yield the cycle table of each battery with the findings of its data, or the reason why not.

    Parameters
    ----------
    source : TelemetrySource
        Files, a lake, a simulation.
    default : BatteryIdentity
        What to take for batteries of which the source knows nothing.
    end_voltage_v : float, optional
        Count a discharge only down to this voltage of the battery. [V]
    """

    def summarised(
        identity: BatteryIdentity, recording: Recording
    ) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
        table = cycles(
            recording.frame,
            n_cells_series=identity.n_cells_series,
            end_voltage_v=end_voltage_v,
        )
        return table, recording.findings

    return for_each(source, default, summarised)
