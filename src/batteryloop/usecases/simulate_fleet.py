"""Simulate a fleet: what the sensors said into a sink, the truth beside it."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from batteryloop.record import BatteryIdentity
from batteryloop.simulation import FleetSpec, SimulatedPack, fleet
from batteryloop.usecases.ports import TelemetrySink, TruthSink


def simulate_fleet(
    spec: FleetSpec, sink: TelemetrySink, truths: TruthSink, *, rng: np.random.Generator
) -> Iterator[SimulatedPack]:
    """Yield each pack once its telemetry is kept; write the truth of all when the last is done.

    Parameters
    ----------
    spec : FleetSpec
        How many packs, how long, with which faults.
    sink : TelemetrySink
        Where the telemetry goes; it says that it is simulated.
    truths : TruthSink
        Where the truth goes: of packs, of cells, of faults, and the true state of charge.
    rng : numpy.random.Generator
        All chance of the fleet.
    """
    known: dict[str, BatteryIdentity] = {}
    kept: dict[str, list[pl.DataFrame]] = {}
    for pack in fleet(spec, rng=rng):
        sink.append(pack.recording.frame, is_simulated=True)
        known[pack.spec.battery_id] = pack.spec.identity
        for name in ("truth", "cell_truth", "fault_truth", "true_soc"):
            kept.setdefault(name, []).append(getattr(pack, name))
        yield pack
    sink.remember(known)
    for name, tables in kept.items():
        truths.write(name, pl.concat(tables, how="diagonal_relaxed"))
