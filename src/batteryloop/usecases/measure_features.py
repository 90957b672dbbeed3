"""Make the tables that health is learned from and cells are graded by, out of raw telemetry."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.errors import InputWrong
from batteryloop.health.evidence import gather
from batteryloop.health.learned.charge_features import (
    CHARGE_FEATURES,
    ChargeWindow,
    charge_features,
)
from batteryloop.health.learned.charge_record import charges_of
from batteryloop.health.learned.pulse_record import pulse_trains
from batteryloop.health.learned.pulse_response import PULSE_VOLTAGES
from batteryloop.record import BatteryIdentity
from batteryloop.reference.chemistries import chemistry
from batteryloop.telemetry import Recording
from batteryloop.telemetry.frame import TIME, pack_voltage
from batteryloop.telemetry.segments import segments
from batteryloop.usecases.ports import Refusal, TelemetrySource
from batteryloop.usecases.read_telemetry import for_each

Array = NDArray[np.float64]
# A full discharge tells the capacity of a charge that ended or began at most so much before it.
_NEAR = "24h"


@dataclass(frozen=True, slots=True)
class Features:
    """One battery's features, a row a charge or pulse test; how many were left out, by reason.

    The reason is that of the first of its sort, with its figures.
    """

    battery_id: str
    table: pl.DataFrame
    left_out: dict[str, int]


def measure_charges(
    source: TelemetrySource,
    default: BatteryIdentity,
    *,
    window: ChargeWindow | None = None,
    with_capacity: bool = False,
) -> Iterator[Features | Refusal]:
    """Yield the sixteen features of each charge of each battery, of its mean cell.

    Parameters
    ----------
    source : TelemetrySource
        Files, a lake, a simulation.
    default : BatteryIdentity
        What to take for batteries of which the source knows nothing.
    window : ChargeWindow, optional
        Which part of a charge is looked at.
    with_capacity : bool, default False
        Keep only charges within a day of a full discharge, and say its charge: `capacity` [Ah].

    Yields
    ------
    Features or Refusal
        Table of `cell`, `started_at`, the columns `CHARGE_FEATURES`, and `capacity`.
    """

    def measured(identity: BatteryIdentity, recording: Recording) -> Features:
        frame = recording.frame
        time_s, current_a, voltage_v = _of_mean_cell(frame, identity)
        rows: list[dict[str, Any]] = []
        wrong: dict[str, list[InputWrong]] = {}
        stretches = segments(frame, n_cells_series=identity.n_cells_series)
        for started_at, row, moments_s in charges_of(stretches, time_s):
            try:
                found = charge_features(moments_s, current_a[row], voltage_v[row], window)
            except InputWrong as error:
                wrong.setdefault(error.subject, []).append(error)
                continue
            rows.append({"cell": identity.battery_id, "started_at": started_at, **found})
        schema = {"cell": pl.String(), "started_at": TIME}
        schema |= dict.fromkeys(CHARGE_FEATURES, pl.Float64())
        table = pl.DataFrame(rows, schema=schema)
        left_out = {
            f"{subject}: {errors[0].found}, not {errors[0].allowed}": len(errors)
            for subject, errors in wrong.items()
        }
        if with_capacity:
            table, n_without = _with_capacity(table, frame, identity)
            if n_without:
                left_out["no full discharge within a day to tell the capacity"] = n_without
        return Features(identity.battery_id, table, left_out)

    return for_each(source, default, measured)


def measure_pulses(
    source: TelemetrySource, default: BatteryIdentity, *, pulse_s: float = 5.0
) -> Iterator[Features | Refusal]:
    """Yield the 21 voltages of each pulse test of each cell.

    Parameters
    ----------
    source : TelemetrySource
        Files, a lake.
    default : BatteryIdentity
        What to take for cells of which the source knows nothing.
    pulse_s : float, default 5
        How long a pulse is [s].

    Yields
    ------
    Features or Refusal
        Table of `cell`, `started_at` and the columns `PULSE_VOLTAGES`.
    """

    def measured(identity: BatteryIdentity, recording: Recording) -> Features:
        frame = recording.frame
        trains = pulse_trains(*_of_mean_cell(frame, identity), pulse_s=pulse_s)
        times = frame.get_column("time")
        rows = [
            {
                "cell": identity.battery_id,
                "started_at": times[row],
                **dict(zip(PULSE_VOLTAGES, voltages.tolist(), strict=True)),
            }
            for row, voltages in trains
        ]
        schema = {"cell": pl.String(), "started_at": TIME}
        schema |= dict.fromkeys(PULSE_VOLTAGES, pl.Float64())
        return Features(identity.battery_id, pl.DataFrame(rows, schema=schema), {})

    return for_each(source, default, measured)


def _of_mean_cell(frame: pl.DataFrame, identity: BatteryIdentity) -> tuple[Array, Array, Array]:
    """Return time, current and voltage of one cell of the string [s], [A], [V]."""
    n_cells = identity.n_cells_series
    voltage = frame.select(pack_voltage(frame, n_cells_series=n_cells)).to_series() / n_cells
    time_us = frame.get_column("time").to_physical().to_numpy()
    time_s = (time_us - time_us[0] if time_us.size else time_us) * 1e-6
    current = frame.get_column("current_a").cast(pl.Float64)
    return time_s, current.to_numpy(), voltage.to_numpy()


def _with_capacity(
    table: pl.DataFrame, frame: pl.DataFrame, identity: BatteryIdentity
) -> tuple[pl.DataFrame, int]:
    """Return the charges that a full discharge is near, with its charge, and how many have none."""
    known = chemistry(identity.chemistry) if identity.chemistry else None
    swings = gather(frame, identity, known).swings.filter(pl.col("kind") == "discharge")
    told = swings.select(pl.col("start_at").alias("discharged_at"), capacity="capacity_ah")
    near = table.sort("started_at").join_asof(
        told.sort("discharged_at"),
        left_on="started_at",
        right_on="discharged_at",
        strategy="nearest",
        tolerance=_NEAR,
    )
    kept = near.drop("discharged_at").drop_nulls("capacity")
    return kept, near.height - kept.height
