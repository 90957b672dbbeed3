"""What did it go through? Throughput, cycles, time at temperature and charge, harmful events."""

import numpy as np
import polars as pl

from batteryloop.evaluation.events import Bounds, harmful_events, interval_hours
from batteryloop.evaluation.limits import limit
from batteryloop.evaluation.provenance import Provenance, exact
from batteryloop.evaluation.rainflow import RainflowCycles, joined, rainflow, turning_points
from batteryloop.evaluation.types import DepthBin, TimeCell, UsageHistory
from batteryloop.health.evidence import Evidence
from batteryloop.health.interval import normal_quantile
from batteryloop.health.trace import Array, Trace
from batteryloop.health.types import HealthReport
from batteryloop.quantities import Estimate

RAINFLOW_METHOD = "rainflow ASTM E1049-85 v1"
FAST_METHOD = "charge at a charger by mean rate v1"
TEMPERATURE_EDGES_DEGC = (-60.0, 0.0, 10.0, 25.0, 35.0, 45.0, 150.0)
SOC_EDGES_FRAC = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_DEPTH_EDGES_FRAC = (0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 2.0)


def usage_history(
    evidence: Evidence,
    report: HealthReport,
    soc_frac: Array,
    bounds: Bounds,
    provenance: Provenance,
) -> UsageHistory:
    """Return the usage history of one battery.

    Parameters
    ----------
    evidence : Evidence
        What the samples show.
    report : HealthReport
        Of the same samples.
    soc_frac : array of float, shape (n,)
        State of charge at each sample of the trace, NaN where unknown.
    bounds : Bounds
        The limits of its cells.
    provenance : Provenance
        Of the figures.
    """
    trace, sure = evidence.trace, report.confidence_frac
    cycles = _rainflow(trace, report)
    return UsageHistory(
        provenance.figures(
            _flows(trace, report)
            | _cycles(cycles, report)
            | _levels(trace, soc_frac, sure)
            | harmful_events(trace, bounds, confidence_frac=sure)
            | {"fast_charge_share_frac": _fast_share(evidence, report)}
        ),
        time_in_bands(trace, soc_frac),
        _depths(cycles),
    )


def _flows(trace: Trace, report: HealthReport) -> dict[str, Estimate]:
    """Return what went in and out, each way and together: the errors are those of the sum."""
    told = {
        "throughput_ah": report.throughput_ah,
        "throughput_wh": report.throughput_wh,
        "equivalent_full_cycles": report.equivalent_full_cycles,
    }
    if len(trace) < 2:
        return told
    out_ah, out_wh = float(trace.discharged_ah[-1]), float(trace.discharged_wh[-1])
    for name, part, whole in (
        ("charged_ah", out_ah + float(trace.charge_ah[-1]), report.throughput_ah),
        ("discharged_ah", out_ah, report.throughput_ah),
        ("charged_wh", out_wh + float(trace.energy_wh[-1]), report.throughput_wh),
        ("discharged_wh", out_wh, report.throughput_wh),
    ):
        if whole.value and part > 0:
            told[name] = whole.scaled(part / whole.value, name)
    return told


def _capacity_basis(report: HealthReport) -> tuple[float | None, str]:
    rated = report.identity.rated_capacity_ah
    return (rated, "rated") if rated else (report.capacity_ah.value, "measured")


def _rainflow(trace: Trace, report: HealthReport) -> RainflowCycles | None:
    """Return the cycles of each stretch without a gap: over a gap nobody knows what happened."""
    basis, _ = _capacity_basis(report)
    if len(trace) < 2 or not basis:
        return None
    level = trace.charge_ah / basis
    edges = np.flatnonzero(np.diff(trace.part)) + 1
    least = limit("rainflow_least_frac")
    return joined(
        [
            rainflow(turning_points(stretch, least_frac=least))
            for stretch in np.split(level, edges)
            if stretch.size > 1 and float(np.ptp(stretch)) >= least
        ]
    )


def _cycles(cycles: RainflowCycles | None, report: HealthReport) -> dict[str, Estimate]:
    names = ("rainflow_full_cycles", "n_rainflow_cycles")
    sure, efc = report.confidence_frac, report.equivalent_full_cycles
    if cycles is None:
        why = efc.reason or "no capacity to measure a depth by"
        return {n: Estimate.unknown(n, RAINFLOW_METHOD, why, confidence_frac=sure) for n in names}
    _, basis = _capacity_basis(report)
    least = limit("rainflow_least_frac")
    method = f"{RAINFLOW_METHOD} (depth from {least:.0%} of {basis} capacity)"
    total = cycles.full_cycles
    relative = (
        (efc.low or 0.0) / efc.value if efc.value else 1.0,
        (efc.high or 0.0) / efc.value if efc.value else 1.0,
    )
    return {
        names[0]: Estimate(
            names[0], total, total * relative[0], total * relative[1], sure, method, efc.n_rows
        ),
        names[1]: exact(names[1], float(cycles.counts.sum()), method, n_rows=efc.n_rows),
    }


def _depths(cycles: RainflowCycles | None) -> tuple[DepthBin, ...]:
    if cycles is None or not cycles.counts.size:
        return ()
    edges = np.array(_DEPTH_EDGES_FRAC)
    depth = np.clip(cycles.depth_frac, edges[0], edges[-1])
    counts, _ = np.histogram(depth, bins=edges, weights=cycles.counts)
    return tuple(
        DepthBin(float(low), float(high), float(n))
        for low, high, n in zip(edges[:-1], edges[1:], counts, strict=True)
    )


def _levels(trace: Trace, soc_frac: Array, confidence_frac: float) -> dict[str, Estimate]:
    hours = interval_hours(trace)
    reach = normal_quantile(confidence_frac)
    told = {"recorded_h": exact("recorded_h", float(hours.sum()), "sum of intervals v1")}
    soc_sd, warm_sd = trace.instrument.soc_sd_frac, limit("temperature_sd_k")
    for name, values, sd, pick in (
        ("soc_mean_frac", soc_frac, soc_sd, "mean"),
        ("soc_last_frac", soc_frac, soc_sd, "last"),
        ("temperature_mean_degc", trace.temperature_degc, warm_sd, "mean"),
        ("temperature_last_degc", trace.temperature_degc, warm_sd, "last"),
        ("temperature_low_degc", trace.temperature_degc, warm_sd, "low"),
        ("temperature_high_degc", trace.temperature_degc, warm_sd, "high"),
    ):
        told[name] = _level(name, values, hours, reach * sd, pick, confidence_frac)
    return told


def _level(
    name: str, values: Array, hours: Array, off: float, pick: str, confidence_frac: float
) -> Estimate:
    is_known = np.isfinite(values)
    method = f"samples v1 ({pick})"
    if not is_known.any():
        what = "state of charge" if name.startswith("soc") else "temperature"
        return Estimate.unknown(
            name, method, f"no {what} in the data", confidence_frac=confidence_frac
        )
    held, weights = values[is_known], hours[is_known]
    if pick == "mean":
        value = float(np.average(held, weights=weights) if weights.sum() > 0 else held.mean())
    else:
        value = float({"last": held[-1], "low": held.min(), "high": held.max()}[pick])
    low, high = value - off, value + off
    if name.endswith("_frac"):
        low, high = max(low, 0.0), min(high, 1.0)
    return Estimate(
        name, value, min(low, value), max(high, value), confidence_frac, method, int(is_known.sum())
    )


def _fast_share(evidence: Evidence, report: HealthReport) -> Estimate:
    """Return the share of the charge taken at a charger that came faster than the limit.

    A charge is a charging stretch of five minutes or more in which the current never turned; its
    rate is the mean over the stretch. The interval moves the limit by the current's gain error.
    """
    trace, sure = evidence.trace, report.confidence_frac
    name, at = "fast_charge_share_frac", limit("fast_charge_c_rate_per_h")
    basis, words = _capacity_basis(report)
    if not basis:
        return Estimate.unknown(name, FAST_METHOD, report.capacity_ah.reason, confidence_frac=sure)
    taken, rates, rows = [], [], 0
    for run in evidence.runs:
        span_s = float(trace.time_us[run.last] - trace.time_us[run.first]) / 1e6
        if run.kind != "charge" or span_s < limit("charge_least_s"):
            continue
        put = float(trace.charge_ah[run.last] - trace.charge_ah[run.first])
        if put > 0:
            taken.append(put)
            rates.append(put / (span_s / 3600) / basis)
            rows += run.last - run.first + 1
    if not taken:
        return Estimate.unknown(
            name, FAST_METHOD, "no charge of five minutes in the data", confidence_frac=sure
        )
    put_ah, rate = np.array(taken), np.array(rates)
    off = normal_quantile(sure) * trace.instrument.current_gain_sd_frac
    few, middle, many = (
        float(put_ah[rate >= at * factor].sum() / put_ah.sum())
        for factor in (1 + off, 1.0, 1 - off)
    )
    method = f"{FAST_METHOD} ({at:g} C of {words} capacity or more)"
    return Estimate(name, middle, few, many, sure, method, rows, len(taken))


def time_in_bands(trace: Trace, soc_frac: Array) -> tuple[TimeCell, ...]:
    """Return the hours in each band of temperature and of state of charge together.

    Bands in which no time was spent are left out; None stands for a quantity that was not known.
    """
    hours = interval_hours(trace)
    table = pl.DataFrame(
        {
            "warm": _band(trace.temperature_degc, TEMPERATURE_EDGES_DEGC),
            "full": _band(soc_frac, SOC_EDGES_FRAC),
            "hours": hours,
        }
    )
    spent = (
        table.filter((pl.col("warm") >= 0) | (pl.col("full") >= 0))
        .group_by("warm", "full")
        .agg(pl.col("hours").sum())
        .filter(pl.col("hours") > 0)
        .sort("warm", "full")
    )
    return tuple(
        TimeCell(
            *_edges(int(warm), TEMPERATURE_EDGES_DEGC), *_edges(int(full), SOC_EDGES_FRAC), float(h)
        )
        for warm, full, h in spent.iter_rows()
    )


def _band(values: Array, edges: tuple[float, ...]) -> Array:
    inside = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return np.where(np.isfinite(values), inside, -1)


def _edges(band: int, edges: tuple[float, ...]) -> tuple[float | None, float | None]:
    return (None, None) if band < 0 else (edges[band], edges[band + 1])
