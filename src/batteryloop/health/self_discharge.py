"""How fast does it lose charge at rest? From the fall of the voltage over long rests."""

import numpy as np
import polars as pl

from batteryloop.health.anchors.find import Runs
from batteryloop.health.interval import normal_quantile
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.health.trace import Array, Trace
from batteryloop.quantities import Estimate

METHOD = "rest-voltage v1"
_RELAXED_H = 12.0
_OBSERVED_DAYS = 1.0
_SLOPE_SD_FRAC = 0.3
_ENTROPIC_V_PER_K = 0.0002
_FLAT_V_PER_FRAC = 0.15
# Of a voltage's absolute error, as much as this may change within days.
_DRIFT_SHARE = 0.2

RESTS: dict[str, pl.DataType] = {
    "index_first": pl.Int64(),
    "index_last": pl.Int64(),
    "days": pl.Float64(),
    "voltage_v": pl.Float64(),
    "fall_v": pl.Float64(),
    "slope_v_per_frac": pl.Float64(),
    "rate_per_day": pl.Float64(),
    "rate_sd_per_day": pl.Float64(),
}


def long_rests(trace: Trace, runs: Runs, ocv: OcvCurve) -> pl.DataFrame:
    """Return the rests of which a day or more is left after twelve hours of relaxation.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    runs : Runs
        Its charges, discharges and rests.
    ocv : OcvCurve
        Open-circuit voltage of a cell over its state of charge.

    Returns
    -------
    polars.DataFrame
        One row a rest: the fall of a straight line through the voltages of what is left, the
        curve's slope there, and the share of the charge lost each day (negative: gained).
    """
    rows = []
    rests = runs.of("rest")
    for run in rests.where(rests.duration_s(trace) >= 3600 * _RELAXED_H):
        window = slice(run.first, run.last + 1)
        hours = (trace.time_us[window] - trace.time_us[run.first]) / 3.6e9
        is_left = (hours >= _RELAXED_H) & np.isfinite(trace.cell_voltage_v[window])
        days = hours[is_left] / 24
        if days.size < 3 or days[-1] - days[0] < _OBSERVED_DAYS:
            continue
        volts = trace.cell_voltage_v[window][is_left]
        slope_v_per_day, fit_sd = _line(days, volts)
        span = float(days[-1] - days[0])
        at = float(np.median(volts))
        per_frac = float(ocv.slope_at(ocv.soc_at(at)))
        warmed = trace.temperature_degc[window][is_left]
        known = warmed[np.isfinite(warmed)]
        drift_k = abs(float(known[-1] - known[0])) if known.size else 2.0
        resolution = np.sqrt(2) * _DRIFT_SHARE * trace.instrument.cell_voltage_sd_v
        error = np.sqrt(fit_sd**2 + (np.hypot(resolution, _ENTROPIC_V_PER_K * drift_k) / span) ** 2)
        rate = -slope_v_per_day / per_frac
        rows.append(
            {
                "index_first": run.first + int(np.flatnonzero(is_left)[0]),
                "index_last": run.last,
                "days": span,
                "voltage_v": at,
                "fall_v": -slope_v_per_day * span,
                "slope_v_per_frac": per_frac,
                "rate_per_day": rate,
                "rate_sd_per_day": float(np.hypot(error / per_frac, _SLOPE_SD_FRAC * rate)),
            }
        )
    return pl.DataFrame(rows, schema=RESTS, orient="row")


def _line(days: Array, volts: Array) -> tuple[float, float]:
    """Return the slope of the least-squares line and its standard deviation. [V/day]."""
    centred = days - days.mean()
    spread = float(np.sum(centred**2))
    slope = float(np.sum(centred * (volts - volts.mean())) / spread)
    left = volts - volts.mean() - slope * centred
    # Neighbouring samples err alike: no more than ten count as independent.
    n = min(volts.size, 10)
    return slope, float(np.sqrt(np.sum(left**2) / (max(n - 2, 1) * spread)))


def self_discharge(
    trace: Trace, runs: Runs, ocv: OcvCurve | None, *, confidence_frac: float
) -> Estimate:
    """Return the share of the charge lost each day at rest.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    runs : Runs
        Its charges, discharges and rests.
    ocv : OcvCurve, optional
        Open-circuit voltage of a cell over its state of charge.
    confidence_frac : float
        In (0, 1).

    Notes
    -----
    Rate = -(dV/dt) / (dV/dSoC). Needs a rest of a day and a half without a gap, at a state of
    charge where the open-circuit voltage is not flat (0.15 V or more over the whole charge), and
    a curve to read it by. The curve's slope is taken to be within 30 % (standard deviation).
    """
    name = "self_discharge_per_day"

    def unknown(why: str) -> Estimate:
        return Estimate.unknown(name, METHOD, why, confidence_frac=confidence_frac)

    longest = float(runs.of("rest").duration_s(trace).max(initial=0.0)) / 3600
    needed = _RELAXED_H + 24 * _OBSERVED_DAYS
    if longest < needed:
        return unknown(f"the longest rest lasts {longest:.1f} h, {needed:.0f} h are needed")
    if ocv is None:
        return unknown("no open-circuit curve: give the chemistry, or a curve with --ocv")
    rests = long_rests(trace, runs, ocv)
    if rests.is_empty():
        return unknown("too few samples in the long rests")
    steep = rests.filter(pl.col("slope_v_per_frac") >= _FLAT_V_PER_FRAC)
    if steep.is_empty():
        flat = float(rests.get_column("slope_v_per_frac").to_numpy().max())
        return unknown(
            f"all long rests are where the open-circuit voltage is flat ({flat:.2f} V over the"
            " whole charge)"
        )
    rate = steep.get_column("rate_per_day").to_numpy()
    sd = steep.get_column("rate_sd_per_day").to_numpy()
    weight = 1 / sd**2
    value = float(np.sum(weight * rate) / np.sum(weight))
    scatter = np.sqrt(np.sum(weight * (rate - value) ** 2) / np.sum(weight) / max(rate.size - 1, 1))
    # The curve's slope errs alike in all rests.
    shared = _SLOPE_SD_FRAC * value
    spread = float(np.hypot(max(1 / np.sqrt(np.sum(weight)), float(scatter)), shared))
    half = normal_quantile(confidence_frac) * spread
    return Estimate(
        name,
        value,
        value - half,
        value + half,
        confidence_frac,
        METHOD,
        n_rows=int((steep["index_last"] - steep["index_first"] + 1).sum()),
        n_segments=steep.height,
    )
