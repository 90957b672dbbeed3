"""How much power is left? From resistance, open-circuit curve and the least cell voltage."""

import numpy as np

from batteryloop.evaluation.events import Bounds
from batteryloop.evaluation.limits import limit
from batteryloop.evaluation.provenance import exact, ratio
from batteryloop.health.interval import normal_quantile
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.health.shape import DeeperReport
from batteryloop.health.types import HealthReport
from batteryloop.quantities import Estimate

METHOD = "voltage-limited power v1"
_SHARES = {
    "power_soc80_w": (0.8, False),
    "power_soc20_w": (0.2, False),
    "power_rated80_w": (0.8, True),
    "power_rated20_w": (0.2, True),
}


def powers(
    resistance: Estimate,
    capacity: Estimate,
    curve: OcvCurve | None,
    bounds: Bounds,
    *,
    n_cells_series: int,
    rated_capacity_ah: float | None,
    confidence_frac: float,
) -> dict[str, Estimate]:
    """Return the discharge power at 80 % and 20 % charge, of the present and of rated capacity.

    Parameters
    ----------
    resistance : Estimate
        Between the terminals, at 25 °C and half charge. [ohm]
    capacity : Estimate
        Now. [Ah]
    curve : OcvCurve, optional
        Open-circuit voltage of one cell.
    bounds : Bounds
        With the least voltage of a cell.
    n_cells_series : int
        Cells in series.
    rated_capacity_ah : float, optional
        [Ah]
    confidence_frac : float
        In (0, 1).

    Notes
    -----
    P = V_min (U(SoC) - V_min) / R for one cell, times the cells in series, R over them (FreedomCAR
    Battery Test Manual, DOE/ID-11069, 2003, section 3.3: pulse power capability). The resistance
    is that of `pulse_resistance`; its method says after how long. Where less
    than 80 % of the rated capacity is left, a state of charge of 80 % of rated cannot be reached:
    unknown, with that reason.
    """
    told = {}
    for name, (share, is_of_rated) in _SHARES.items():
        soc, why = _soc(share, is_of_rated, capacity, rated_capacity_ah)
        least = bounds.cell_voltage_min_v
        if not why and curve is None:
            why = "no open-circuit curve: give the chemistry, or a curve with --ocv"
        if not why and least.value is None:
            why = "no least cell voltage: give the chemistry or state one"
        if not why and not resistance.is_known:
            why = resistance.reason
        if why or curve is None or least.value is None or soc is None:
            told[name] = Estimate.unknown(name, METHOD, why, confidence_frac=confidence_frac)
            continue
        lift = max(float(curve.voltage_at(soc)) - least.value, 0.0)
        off = normal_quantile(confidence_frac) * limit("power_ocv_sd_frac")
        top = Estimate(
            name,
            n_cells_series**2 * least.value * lift,
            n_cells_series**2 * least.value * lift * (1 - off),
            n_cells_series**2 * least.value * lift * (1 + off),
            confidence_frac,
            METHOD,
            resistance.n_rows,
            resistance.n_segments,
        )
        words = f"down to {least.value:g} V a cell ({least.source}), {resistance.method}"
        told[name] = ratio(top, resistance, name, words)
    return told


def _soc(
    share_frac: float, is_of_rated: bool, capacity: Estimate, rated_ah: float | None
) -> tuple[float | None, str]:
    if not is_of_rated:
        return share_frac, ""
    if rated_ah is None:
        return None, "the rated capacity is not given"
    if capacity.value is None:
        return None, capacity.reason
    soc = share_frac * rated_ah / capacity.value
    if soc > 1:
        left = capacity.value / rated_ah
        return None, f"{share_frac:.0%} of the rated capacity cannot be reached: {left:.0%} is left"
    return soc, ""


def pulse_resistance(report: HealthReport, shape: DeeperReport | None) -> Estimate:
    """Return the resistance that a power of ten seconds meets.

    After ten seconds from use, where it is known; else that of the current steps, if they last
    `power_least_span_s` or more: what a shorter step shows is not all of it.
    """
    if shape is not None and shape.resistance.resistance_10s_ohm.is_known:
        return shape.resistance.resistance_10s_ohm
    stepped = report.resistance_ohm
    if not stepped.is_known or report.pulses.is_empty():
        return stepped
    span_s = float(np.median(report.pulses.get_column("span_s").to_numpy()))
    if span_s >= limit("power_least_span_s"):
        return stepped
    why = f"the steps of the current last {span_s:.2g} s: too short to tell a power"
    return Estimate.unknown(
        stepped.quantity, stepped.method, why, confidence_frac=stepped.confidence_frac
    )


def power_left(
    now: Estimate, resistance_ratio: Estimate, initial_power_w: float | None
) -> Estimate:
    """Return the power left against new: over the stated power, else by the resistance's growth.

    Parameters
    ----------
    now : Estimate
        Power at 80 % charge. [W]
    resistance_ratio : Estimate
        Resistance over that of the beginning of the record.
    initial_power_w : float, optional
        Power at 80 % charge when new, as stated. [W]

    Examples
    --------
    >>> grown = Estimate("resistance_ratio_frac", 1.25, 1.2, 1.3, 0.9, "m v1")
    >>> none = Estimate.unknown("power_soc80_w", "m", "no curve")
    >>> power_left(none, grown, None).value
    0.8
    """
    name = "soh_power_frac"
    if initial_power_w is not None and now.is_known:
        return ratio(now, exact(name, initial_power_w, "stated"), name, "over stated power")
    if resistance_ratio.is_known:
        one = Estimate(
            name, 1.0, 1.0, 1.0, resistance_ratio.confidence_frac, resistance_ratio.method,
            resistance_ratio.n_rows, resistance_ratio.n_segments,
        )  # fmt: skip
        return ratio(one, resistance_ratio, name, "power as one over resistance")
    why = resistance_ratio.reason if now.is_known else now.reason
    return Estimate.unknown(name, METHOD, why, confidence_frac=now.confidence_frac)
