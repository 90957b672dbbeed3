"""Capacity from charges without a rest: how fast the voltage climbs the open-circuit curve.

A charge that was recorded from plugging in to unplugging has no rested voltage at either end. Its
voltage still follows the open-circuit curve, raised by a drop that is not known and stretched by
the capacity: both are found from the shape.
"""

import numpy as np
import polars as pl

from batteryloop.health.anchors.find import Run, Runs
from batteryloop.health.interval import normal_quantile
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.health.trace import Array, Trace
from batteryloop.quantities import Estimate

METHOD = "charge-shape-ocv v1"

_N_POINTS = 60
_N_CHARGES = 8
_SETTLE_S = 300.0
_LEAST_FRAC = 0.15
_WIDEST_FRAC = 0.3
# Capacities tried, over the rated one, or else over the largest charge.
_OF_RATED_FRAC = (0.3, 1.25)
_OF_CHARGE_FRAC = (0.9, 8.0)
_N_CAPACITIES = 120
_STARTS = np.linspace(-0.02, 1.0, 103)
# The drop while charging: 40 mV at a rate of 1 C, give or take 50 mV.
_DROP_V_H, _DROP_SD_V_H = 0.04, 0.05
_DROP_LEAST_SD_V = 0.005
# Neighbouring samples are off the curve alike: a charge tells as much as this many points.
_N_INDEPENDENT = 6.0
_VOLTAGE_SD_V = 0.004
_SHARED_FRAC = 0.7

SHAPES: dict[str, pl.DataType] = {
    "row_first": pl.Int64(),
    "row_last": pl.Int64(),
    "charge_ah": pl.Float64(),
    "soc_first_frac": pl.Float64(),
    "capacity_ah": pl.Float64(),
    "capacity_sd_ah": pl.Float64(),
    "misfit_v": pl.Float64(),
}


def charge_shapes(
    trace: Trace, runs: Runs, ocv: OcvCurve, *, rated_capacity_ah: float | None = None
) -> pl.DataFrame:
    """Return what each of the last eight charges says of the capacity by its shape.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    runs : Runs
        Its charges, discharges and rests, in order.
    ocv : OcvCurve
        Open-circuit voltage of one cell.
    rated_capacity_ah : float, optional
        Bounds what is tried. [Ah]

    Returns
    -------
    polars.DataFrame
        One row a charge: mean and standard deviation of the capacity over all starts and drops,
        and how far the voltage is off the curve under the best of them.
    """
    charges = runs.of("charge")
    largest = float(charges.charge_ah.max(initial=0.0))
    usual = charges.where(charges.charge_ah > 0.3 * largest)[-_N_CHARGES:]
    if rated_capacity_ah is None:
        low, high = (share * largest for share in _OF_CHARGE_FRAC)
    else:
        low, high = (share * rated_capacity_ah for share in _OF_RATED_FRAC)
    rows = [] if largest == 0 else [_shape(trace, run, ocv, low, high) for run in usual]
    return pl.DataFrame([row for row in rows if row], schema=SHAPES, orient="row")


def _shape(
    trace: Trace, run: Run, ocv: OcvCurve, low_ah: float, high_ah: float
) -> dict[str, float] | None:
    window = np.arange(run.first, run.last + 1)
    settled = trace.time_us[window] - trace.time_us[run.first] >= _SETTLE_S * 1e6
    window = window[settled & np.isfinite(trace.cell_voltage_v[window])]
    if window.size < 10:
        return None
    flowed = trace.charge_ah[window] - trace.charge_ah[window[0]]
    places = np.linspace(0, flowed[-1], min(_N_POINTS, window.size))
    at = window[np.searchsorted(flowed, places).clip(0, window.size - 1)]
    q = trace.charge_ah[at] - trace.charge_ah[window[0]]
    capacities = np.geomspace(low_ah, high_ah, _N_CAPACITIES)
    score, misfit = _scores(q, trace.cell_voltage_v[at], trace.current_a[at], ocv, capacities)
    share = np.exp(score - score.max())
    share /= share.sum()
    by_capacity = share.sum(axis=1)
    mean = float(np.sum(by_capacity * capacities))
    best = np.unravel_index(int(np.argmax(score)), score.shape)
    return {
        "row_first": int(trace.row[window[0]]),
        "row_last": int(trace.row[window[-1]]),
        "charge_ah": float(q[-1]),
        "soc_first_frac": float(_STARTS[best[1]]),
        "capacity_ah": mean,
        "capacity_sd_ah": float(np.sqrt(np.sum(by_capacity * (capacities - mean) ** 2))),
        "misfit_v": float(misfit[best]),
    }


def _scores(
    q: Array, voltage: Array, current: Array, ocv: OcvCurve, capacities: Array
) -> tuple[Array, Array]:
    """Return log likelihood and misfit for each capacity and start, the drop averaged out."""
    sd2 = ocv.voltage_sd_v**2 + _VOLTAGE_SD_V**2
    weight = _N_INDEPENDENT / sd2
    shape = (capacities.size, _STARTS.size)
    score, misfit = np.full(shape, -np.inf), np.full(shape, np.inf)
    level = current / current.mean()
    for k, capacity in enumerate(capacities):
        soc = _STARTS[:, None] + q / capacity
        rate = float(current.mean() / capacity)
        drop, drop_sd = _DROP_V_H * rate, max(_DROP_SD_V_H * rate, _DROP_LEAST_SD_V)
        off = voltage - ocv.voltage_at(soc)
        known = weight * float(np.mean(level**2))
        asked = weight * (off * level).mean(axis=1)
        found = (asked + drop / drop_sd**2) / (known + 1 / drop_sd**2)
        left = ((off - found[:, None] * level) ** 2).mean(axis=1)
        score[k] = -0.5 * (weight * left + ((found - drop) / drop_sd) ** 2)
        # Past full there is no curve to follow.
        score[k][soc[:, -1] > 1.03] = -np.inf
        misfit[k] = np.sqrt(left)
    return score, misfit


def capacity_from_charge_shapes(
    trace: Trace,
    runs: Runs,
    ocv: OcvCurve,
    *,
    rated_capacity_ah: float | None = None,
    confidence_frac: float,
) -> Estimate:
    """Return the capacity that the shapes of the last charges give.

    Parameters
    ----------
    trace, runs, ocv, rated_capacity_ah
        As in `charge_shapes`.
    confidence_frac : float
        In (0, 1).

    Notes
    -----
    Median of the charges, weighted by the inverse of their variances; seven tenths of the error
    are taken to be the same in all (it is the curve's). Unknown where the interval would be wider
    than three tenths of the value to either side, where the curve is flat as that of LFP, or
    where no charge moves a sixth of the battery's charge.
    """

    def unknown(why: str) -> Estimate:
        return Estimate.unknown("capacity_ah", METHOD, why, confidence_frac=confidence_frac)

    if ocv.is_flat:
        return unknown("the open-circuit curve is flat: the shape of a charge says too little")
    table = charge_shapes(trace, runs, ocv, rated_capacity_ah=rated_capacity_ah)
    table = table.filter(pl.col("charge_ah") >= _LEAST_FRAC * pl.col("capacity_ah"))
    if table.is_empty():
        return unknown("no charge is long enough to show the shape of the open-circuit curve")
    fits = table.filter(pl.col("misfit_v") <= 3 * np.hypot(ocv.voltage_sd_v, _VOLTAGE_SD_V))
    if fits.is_empty():
        worst = float(table.get_column("misfit_v").to_numpy().min())
        return unknown(f"the charges are {worst * 1000:.0f} mV off the open-circuit curve at best")
    values, sds = fits.get_column("capacity_ah").to_numpy(), fits["capacity_sd_ah"].to_numpy()
    weight = 1 / sds**2
    order = np.argsort(values)
    reached = np.cumsum(weight[order]) / np.sum(weight)
    value = float(values[order][np.searchsorted(reached, 0.5)])
    shared = _SHARED_FRAC * float(np.median(sds))
    own = float(np.sqrt((1 - _SHARED_FRAC**2) / np.sum(weight)))
    half = normal_quantile(confidence_frac) * float(np.hypot(shared, own))
    gain = trace.instrument.current_gain_sd_frac * value
    half = float(np.hypot(half, normal_quantile(confidence_frac) * gain))
    if half > _WIDEST_FRAC * value:
        return unknown(
            "the shape of the charges leaves the capacity open by more than three tenths"
        )
    return Estimate(
        "capacity_ah",
        value,
        value - half,
        value + half,
        confidence_frac,
        METHOD,
        n_rows=int((fits["row_last"] - fits["row_first"] + 1).sum()),
        n_segments=fits.height,
    )
