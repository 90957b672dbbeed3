"""What has it been through: throughput, equivalent full cycles, time at temperature and charge."""

import numpy as np
import polars as pl

from batteryloop.health.interval import normal_quantile
from batteryloop.health.trace import Array, Trace
from batteryloop.quantities import Estimate

METHOD = "charge-count v1"
CYCLES_METHOD = "equivalent-full-cycles v1"

_TEMPERATURE_EDGES_DEGC = (-60.0, 0.0, 10.0, 25.0, 35.0, 45.0, 150.0)
_SOC_EDGES_FRAC = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

BANDS: dict[str, pl.DataType] = {
    "quantity": pl.String(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "hours": pl.Float64(),
    "share_frac": pl.Float64(),
}


def throughput(trace: Trace, *, confidence_frac: float) -> tuple[Estimate, Estimate]:
    """Return charge and energy in and out together, since the first sample.

    Returns
    -------
    tuple of Estimate
        `throughput_ah` and `throughput_wh`. Gaps count nothing, so both are lower bounds of what
        the battery went through.
    """
    n = len(trace)
    if n < 2:
        why = "fewer than two samples with a current"
        return (
            Estimate.unknown("throughput_ah", METHOD, why, confidence_frac=confidence_frac),
            Estimate.unknown("throughput_wh", METHOD, why, confidence_frac=confidence_frac),
        )
    charge = trace.throughput_ah
    energy = float(2 * trace.discharged_wh[-1] + trace.energy_wh[-1])
    source = "tester's counter" if trace.is_counted else "integral"
    instrument = trace.instrument
    slack = float(trace.slack_ah[-1]) / charge if charge > 0 else 0.0
    share = float(np.hypot(instrument.current_gain_sd_frac, slack))
    share_wh = float(np.hypot(share, instrument.voltage_gain_sd_frac))
    method = f"{METHOD} ({source})"
    return (
        _around("throughput_ah", charge, share, confidence_frac, method, n),
        _around("throughput_wh", energy, share_wh, confidence_frac, method, n),
    )


def equivalent_full_cycles(throughput_ah: Estimate, capacity: Estimate, basis: str) -> Estimate:
    """Return the throughput over twice the capacity.

    Parameters
    ----------
    throughput_ah : Estimate
        Charge in and out together.
    capacity : Estimate
        What counts as one: rated, or measured where there is no rated capacity.
    basis : str
        Which, in a word, for the method.

    Examples
    --------
    >>> flowed = Estimate("throughput_ah", 600.0, 594.0, 606.0, 0.9, "m")
    >>> one = Estimate("capacity_ah", 30.0, 30.0, 30.0, 0.9, "m")
    >>> equivalent_full_cycles(flowed, one, "rated").value
    10.0
    """
    name, sure = "equivalent_full_cycles", throughput_ah.confidence_frac
    flowed, one = throughput_ah.value, capacity.value
    if flowed is None or one is None or not one > 0:
        why = throughput_ah.reason or f"no capacity to measure a cycle by ({capacity.reason})"
        return Estimate.unknown(name, CYCLES_METHOD, why, confidence_frac=sure)
    value = flowed / (2 * one)
    low, high = (
        bound if bound is not None else middle
        for bound, middle in ((throughput_ah.low, flowed), (throughput_ah.high, flowed))
    )
    one_low, one_high = (
        bound if bound is not None else one for bound in (capacity.low, capacity.high)
    )
    below = float(np.hypot(1 - low / flowed, one_high / one - 1)) if flowed > 0 else 0.0
    above = float(np.hypot(high / flowed - 1, 1 - one_low / one)) if flowed > 0 else 0.0
    return Estimate(
        name,
        value,
        value * max(1 - below, 0.0),
        value * (1 + above),
        sure,
        f"{CYCLES_METHOD} (of {basis} capacity)",
        n_rows=throughput_ah.n_rows,
    )


def time_in_bands(trace: Trace) -> pl.DataFrame:
    """Return the hours spent in each band of temperature and of state of charge.

    Returns
    -------
    polars.DataFrame
        Rows of `temperature_degc` and `soc_frac`, as far as they are known; a sample stands for
        the time up to the next one, never over a gap.
    """
    if len(trace) < 2:
        return pl.DataFrame(schema=BANDS)
    hours = np.diff(trace.time_us) / 3.6e9
    hours = np.append(np.where(np.diff(trace.part) == 0, hours, 0.0), 0.0)
    rows = [
        *_bands("temperature_degc", trace.temperature_degc, hours, _TEMPERATURE_EDGES_DEGC),
        *_bands("soc_frac", trace.soc_frac, hours, _SOC_EDGES_FRAC),
    ]
    return pl.DataFrame(rows, schema=BANDS, orient="row")


def _bands(
    name: str, values: Array, hours: Array, edges: tuple[float, ...]
) -> list[tuple[str, float, float, float, float]]:
    is_known = np.isfinite(values)
    if not is_known.any():
        return []
    # numpy's histogram sorts all samples for bands of unequal width
    band = np.searchsorted(np.array(edges[1:-1]), values[is_known], side="right")
    spent = np.bincount(band, weights=hours[is_known], minlength=len(edges) - 1)
    total = float(spent.sum()) or 1.0
    return [
        (name, low, high, float(h), float(h) / total)
        for low, high, h in zip(edges[:-1], edges[1:], spent, strict=True)
    ]


def _around(
    name: str, value: float, share_frac: float, confidence_frac: float, method: str, n_rows: int
) -> Estimate:
    half = normal_quantile(confidence_frac) * share_frac * value
    return Estimate(name, value, value - half, value + half, confidence_frac, method, n_rows=n_rows)
