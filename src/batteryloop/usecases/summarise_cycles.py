"""Summarise cycles: capacity, energy, efficiency and resistance of each cycle of each battery."""

from collections.abc import Iterator

import polars as pl

from batteryloop.errors import BatteryloopError, OurFault
from batteryloop.record import BatteryIdentity
from batteryloop.telemetry import Finding
from batteryloop.telemetry.cycles import cycles
from batteryloop.usecases.ports import Refusal, TelemetrySource
from batteryloop.usecases.read_telemetry import read_telemetry


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
    for part in read_telemetry(source, default):
        if isinstance(part, Refusal):
            yield part
            continue
        identity, recording = part
        try:
            table = cycles(
                recording.frame,
                n_cells_series=identity.n_cells_series,
                end_voltage_v=end_voltage_v,
            )
        except BatteryloopError as error:
            yield Refusal(identity.battery_id, error)
        except Exception as exc:  # one battery's odd data must not stop the rest
            yield Refusal(identity.battery_id, OurFault.of(identity.battery_id, exc))
        else:
            yield table, recording.findings
