"""Swings: the ways from full to empty and back, with the charge and energy they moved."""

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

import numpy as np
import polars as pl

from batteryloop.health.anchors.moments import Anchor, Anchors, band_v
from batteryloop.health.trace import Array, Trace
from batteryloop.telemetry.frame import TIME
from batteryloop.telemetry.scale import current_scale_a

_SAME_END_FRAC = 0.02
_REST_FRAC = 0.005

SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "number": pl.Int64(),
    "start_at": TIME,
    "end_at": TIME,
    "cycle_count": pl.Int64(),
    "capacity_ah": pl.Float64(),
    "capacity_sd_ah": pl.Float64(),
    "offset_sd_ah": pl.Float64(),
    "slack_sd_ah": pl.Float64(),
    "energy_wh": pl.Float64(),
    "current_a": pl.Float64(),
    "c_rate_per_h": pl.Float64(),
    "temperature_degc": pl.Float64(),
    "throughput_ah": pl.Float64(),
    "evidence": pl.String(),
    "index_first": pl.Int64(),
    "index_last": pl.Int64(),
    "row_first": pl.Int64(),
    "row_last": pl.Int64(),
}


def swings(
    trace: Trace, anchors: Anchors, *, rated_capacity_ah: float | None = None
) -> pl.DataFrame:
    """Return every way from full to empty (`discharge`) and from empty to full (`charge`).

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    anchors : Anchors
        When it was full and empty.
    rated_capacity_ah : float, optional
        What a C-rate of 1 is measured by; by default the largest swing. [Ah]

    Returns
    -------
    polars.DataFrame
        One row a swing, in order of time. `capacity_ah` is the net charge moved, what was put
        back on the way counted against it; `capacity_sd_ah` the standard deviation of one such
        measurement: gain and offset of the current's measurement, and samples that are far
        apart. `current_a` is the mean of the magnitude over the charge that flowed the swing's
        way. `throughput_ah` is what had flowed up to its end since the first sample.
    """
    turns = list(_turning_points(trace, anchors.moments))
    rows = [
        _swing(trace, before, after)
        for before, after in pairwise(turns)
        if before.kind != after.kind and trace.part[before.index] == trace.part[after.index]
    ]
    table = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    table = table.filter(pl.col("capacity_ah") > 0)
    one = pl.col("capacity_ah").max() if rated_capacity_ah is None else pl.lit(rated_capacity_ah)
    return table.with_columns(
        (pl.col("current_a") / one).alias("c_rate_per_h"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("number"),
    )


def _turning_points(trace: Trace, moments: Iterable[Anchor]) -> Iterator[Anchor]:
    """Yield one moment for each row of moments of one kind in one stretch.

    Topped up several times, the last is the fullest. Drained several times (pulses, a lower rate
    after a rest), the first that came down to the lowest voltage was the end.
    """
    for (_, kind), group in groupby(moments, lambda m: (trace.part[m.index], m.kind)):
        same = list(group)
        if kind == "full":
            yield same[-1]
        else:
            lowest = min(moment.voltage_v for moment in same)
            end_v = lowest + band_v(lowest, _SAME_END_FRAC)
            yield next(m for m in same if m.voltage_v <= end_v)


def _swing(trace: Trace, before: Anchor, after: Anchor) -> dict[str, object]:
    first, last = before.index, after.index
    kind = "discharge" if after.kind == "empty" else "charge"
    sign = -1.0 if kind == "discharge" else 1.0
    moved = sign * float(trace.charge_ah[last] - trace.charge_ah[first])
    slack = float(trace.slack_ah[last] - trace.slack_ah[first])
    gain = trace.instrument.current_gain_sd_frac * moved
    window = slice(first, last + 1)
    span_h = np.diff(trace.time_us[window], append=trace.time_us[last]) / 3.6e9
    flow = np.clip(sign * trace.current_a[window], 0, None)
    charge = float(np.sum(flow * span_h))
    current = float(np.sum(flow**2 * span_h)) / charge if charge > 0 else float("nan")
    offset = _offset_ah(trace, window, span_h)
    temperature = trace.temperature_degc[window]
    is_known = np.isfinite(temperature) & (flow > 0)
    return {
        "kind": kind,
        "number": 0,
        "start_at": trace.at(first),
        "end_at": trace.at(last),
        "cycle_count": int(trace.cycle_count[last]) if trace.has_cycles else None,
        "capacity_ah": moved,
        "capacity_sd_ah": float(np.sqrt(gain**2 + offset**2 + slack**2)),
        "offset_sd_ah": offset,
        "slack_sd_ah": slack,
        "energy_wh": sign * float(trace.energy_wh[last] - trace.energy_wh[first]),
        "current_a": current,
        "c_rate_per_h": None,
        "temperature_degc": float(temperature[is_known].mean()) if is_known.any() else None,
        "throughput_ah": float(2 * trace.discharged_ah[last] + trace.charge_ah[last]),
        "evidence": f"{before.evidence}, {after.evidence}",
        "index_first": first,
        "index_last": last,
        "row_first": int(trace.row[first]),
        "row_last": int(trace.row[last]),
    }


def _offset_ah(trace: Trace, window: slice, span_h: Array) -> float:
    """Return what the current's offset may have added, standard deviation. [Ah].

    A tester opens the circuit while it rests, so its offset counts only while current flows.
    """
    magnitude = np.abs(trace.current_a[window])
    scale_a = current_scale_a(magnitude)
    if trace.instrument.name == "tester":
        span_h = span_h[magnitude > _REST_FRAC * scale_a]
    return float(trace.instrument.current_offset_sd_frac * scale_a * np.sum(span_h))
