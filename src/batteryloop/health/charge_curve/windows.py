"""Every charge of a battery held against an early whole charge, and followed over its life."""

from dataclasses import replace

import numpy as np
import polars as pl

from batteryloop.health.anchors.find import Runs
from batteryloop.health.charge_curve.curve import ChargeCurve
from batteryloop.health.charge_curve.match import Family, capacity_distribution
from batteryloop.health.charge_curve.track import CapacityTrack, followed
from batteryloop.health.trace import Trace
from batteryloop.quantities import Estimate
from batteryloop.telemetry.frame import TIME

_LEAST_FRAC = 0.1

CHARGE_WINDOWS: dict[str, pl.DataType] = {
    "start_at": TIME,
    "end_at": TIME,
    "charge_ah": pl.Float64(),
    "capacity_ah": pl.Float64(),
    "capacity_low_ah": pl.Float64(),
    "capacity_high_ah": pl.Float64(),
    "track_ah": pl.Float64(),
    "track_low_ah": pl.Float64(),
    "track_high_ah": pl.Float64(),
    "reason": pl.String(),
    "row_first": pl.Int64(),
    "row_last": pl.Int64(),
}


def capacity_from_charge_windows(
    trace: Trace,
    runs: Runs,
    reference: ChargeCurve,
    *,
    family: Family = "recognised",
    confidence_frac: float = 0.9,
) -> tuple[Estimate, pl.DataFrame]:
    """Return the capacity after the last charge, from all charges held against the reference.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    runs : Runs
        Its charges, discharges and rests, in order.
    reference : ChargeCurve
        An early whole charge of the same battery; of one cell's voltage, of the battery's current.
    family : ChargeFamily or {"recognised", "none"}
        As in `charge_match.capacity_from_partial_charge`.
    confidence_frac : float, default 0.9
        Of the intervals.

    Returns
    -------
    Estimate
        `capacity_ah` of the track, or why there is none: the reason of the last charge.
    polars.DataFrame
        One row a charge of a tenth of the reference or more, columns `CHARGE_WINDOWS`: what it
        says by itself, and the track after it.
    """
    rows: list[dict[str, object]] = []
    track, flowed_ah, n_rows = CapacityTrack(), 0.0, 0
    reason = "no charge of a tenth of the reference or more"
    is_taken = (runs.kind == "charge") & (runs.charge_ah >= _LEAST_FRAC * reference.charge_ah)
    moved_ah = np.concatenate([[0.0], np.cumsum(np.abs(runs.charge_ah))[is_taken]])
    for run, more_ah in zip(runs.where(is_taken), np.diff(moved_ah).tolist(), strict=True):
        flowed_ah += more_ah
        part = slice(run.first, run.last + 1)
        seen = capacity_distribution(
            (trace.time_us[part] - trace.time_us[run.first]) / 1e6,
            trace.current_a[part],
            trace.cell_voltage_v[part],
            reference,
            family=family,
        )
        track = followed(track, seen, n_cycles=flowed_ah / 2 / reference.charge_ah)
        alone = seen.estimate(confidence_frac=confidence_frac)
        joined = track.estimate(confidence_frac=confidence_frac)
        reason = alone.reason or reason
        if not seen.reason:
            flowed_ah, n_rows = 0.0, n_rows + seen.n_rows
        rows.append(
            {
                "start_at": trace.at(run.first),
                "end_at": trace.at(run.last),
                "charge_ah": run.charge_ah,
                "capacity_ah": alone.value,
                "capacity_low_ah": alone.low,
                "capacity_high_ah": alone.high,
                "track_ah": joined.value,
                "track_low_ah": joined.low,
                "track_high_ah": joined.high,
                "reason": alone.reason,
                "row_first": int(trace.row[run.first]),
                "row_last": int(trace.row[run.last]),
            }
        )
    found = track.estimate(confidence_frac=confidence_frac)
    table = pl.DataFrame(rows, schema=CHARGE_WINDOWS, orient="row")
    if not found.is_known:
        return replace(found, reason=reason), table
    return replace(found, n_rows=n_rows), table
