"""Capacity from charge moved between two known open-circuit voltages: no full charge needed.

Q = charge moved / (SoC(OCV2) - SoC(OCV1)); many segments are joined by total least squares
(G. L. Plett, Journal of Power Sources 196 (2011) 2319, doi 10.1016/j.jpowsour.2010.09.048).
"""

from dataclasses import replace

import numpy as np
import polars as pl

from batteryloop.errors import InputWrong
from batteryloop.health.anchors.find import Runs, runs_of
from batteryloop.health.capacity.total_least_squares import capacity_over_segments
from batteryloop.health.charge_curve.curve import ChargeCurve
from batteryloop.health.charge_curve.match import Family
from batteryloop.health.charge_curve.windows import capacity_from_charge_windows
from batteryloop.health.interval import normal_quantile
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.health.open_circuit.points import OcvPoint, ocv_points
from batteryloop.health.trace import Trace, trace_of
from batteryloop.quantities import Estimate
from batteryloop.telemetry.frame import TIME
from batteryloop.telemetry.segments import segments

METHOD = "partial-charge-ocv v1"
_CHANGE_MIN_FRAC = 0.1
# A voltage on a plateau tells no state of charge. Points are chosen by what their voltage can
# tell, never by the change that came out: that would favour changes read too large.
_POINT_SD_FRAC = 0.1
# Minutes after a charge a flat curve's voltage still stands tens of millivolts, a fifth of the
# charge, above where it will rest.
_FLAT_REST_S = 3600.0
_WIDEST_FRAC = 0.35
_WIDEST_TOTAL_FRAC = 0.5
_FORGETTING_FRAC = 0.98
_SHARED_CURVE_FRAC = 0.7

PARTIAL_CHARGES: dict[str, pl.DataType] = {
    "start_at": TIME,
    "end_at": TIME,
    "charge_ah": pl.Float64(),
    "charge_sd_ah": pl.Float64(),
    "soc_first_frac": pl.Float64(),
    "soc_last_frac": pl.Float64(),
    "soc_change_sd_frac": pl.Float64(),
    "curve_sd_frac": pl.Float64(),
    "capacity_ah": pl.Float64(),
    "capacity_sd_ah": pl.Float64(),
    "evidence_first": pl.String(),
    "evidence_last": pl.String(),
    "row_first": pl.Int64(),
    "row_last": pl.Int64(),
}


def capacity_between_rests(
    charge_ah: float,
    first_voltage_v: float,
    last_voltage_v: float,
    ocv: OcvCurve,
    *,
    voltage_sd_v: float = 0.002,
    charge_sd_ah: float = 0.0,
    current_gain_sd_frac: float = 0.001,
    confidence_frac: float = 0.9,
) -> Estimate:
    """Return the capacity from the charge moved between two rested voltages.

    Parameters
    ----------
    charge_ah : float
        Charge put in between them; below 0 if taken out. [Ah]
    first_voltage_v, last_voltage_v : float
        Voltage of one cell at rest, before and after. [V]
    ocv : OcvCurve
        Open-circuit voltage of one cell.
    voltage_sd_v : float
        Standard deviation of each voltage: noise, and what is left to relax. [V]
    charge_sd_ah : float
        Standard deviation of the charge by the current's offset and its sampling. [Ah]
    current_gain_sd_frac : float
        Relative standard deviation of the current's gain.
    confidence_frac : float, default 0.9
        Of the interval.

    Returns
    -------
    Estimate
        Unknown where the two voltages lie so close on the curve, or on so flat a part of it, that
        the change of the state of charge is not known to a third.

    Examples
    --------
    >>> curve = OcvCurve(np.array([0.0, 1.0]), np.array([3.0, 4.0]), voltage_sd_v=0.0)
    >>> e = capacity_between_rests(20.0, 3.2, 3.6, curve)
    >>> round(e.value, 6), round(e.low, 1), round(e.high, 1)
    (50.0, 49.4, 50.6)
    """
    soc = ocv.soc_at([first_voltage_v, last_voltage_v])
    sd = ocv.soc_sd_at([first_voltage_v, last_voltage_v], voltage_sd_v=voltage_sd_v)
    change, change_sd = float(soc[1] - soc[0]), float(np.hypot(sd[0], sd[1]))
    reason = _no_use(charge_ah, change, change_sd)
    if reason:
        return Estimate.unknown("capacity_ah", METHOD, reason, confidence_frac=confidence_frac)
    value = charge_ah / change
    relative = np.sqrt(
        (change_sd / change) ** 2 + (charge_sd_ah / charge_ah) ** 2 + current_gain_sd_frac**2
    )
    half = normal_quantile(confidence_frac) * float(relative) * value
    return Estimate(
        "capacity_ah",
        value,
        max(value - half, 0.0),
        value + half,
        confidence_frac,
        METHOD,
        n_rows=2,
        n_segments=1,
    )


def _no_use(charge_ah: float, change: float, change_sd: float) -> str:
    if not np.isfinite(charge_ah + change + change_sd):
        return "the charge or a voltage is not known"
    if charge_ah * change <= 0:
        return "the charge moved and the change of the open-circuit voltage are not of one sign"
    if change_sd > _WIDEST_FRAC * abs(change):
        return (
            f"the state of charge changed by {abs(change):.0%}, known only to {change_sd:.0%}:"
            " the open-circuit voltage says too little there"
        )
    return ""


def capacity_from_rests(
    trace: Trace,
    runs: Runs,
    ocv: OcvCurve,
    *,
    points: tuple[OcvPoint, ...] | None = None,
    confidence_frac: float = 0.9,
) -> tuple[Estimate, pl.DataFrame]:
    """Return the capacity from every partial charge and discharge between known voltages.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    runs : Runs
        Its charges, discharges and rests, in order.
    ocv : OcvCurve
        Open-circuit voltage of one cell.
    points : tuple of OcvPoint, optional
        The moments of known open-circuit voltage, where they are at hand.
    confidence_frac : float, default 0.9
        Of the interval.

    Returns
    -------
    Estimate
        `capacity_ah` by total least squares over the segments, older ones forgotten by 2 % for
        each that follows, outliers left out. Seven tenths of the curve's error and all of the
        current's gain are taken to be the same in every segment.
    polars.DataFrame
        One row a segment, columns `PARTIAL_CHARGES`.
    """
    known = ocv_points(trace, runs) if points is None else points
    table = partial_charges(trace, known, ocv)
    if table.is_empty():
        why = "no two known open-circuit voltages with a tenth of the charge between them"
        return _unknown(why, confidence_frac), table
    change = (table["soc_last_frac"] - table["soc_first_frac"]).to_numpy()
    sd, curve_sd = table["soc_change_sd_frac"].to_numpy(), table["curve_sd_frac"].to_numpy()
    relative = (table["capacity_sd_ah"] / table["capacity_ah"]).to_numpy()
    is_sharp = relative <= _WIDEST_FRAC
    if not is_sharp.any():
        best = int(np.argmin(relative))
        doubt = float(np.hypot(sd[best], curve_sd[best]))
        why = (
            f"of {table.height} segments the best changed the state of charge by"
            f" {abs(change[best]):.0%}, known only to {doubt:.0%}: the open-circuit voltage says"
            " too little there"
        )
        return _unknown(why, confidence_frac), table
    own = np.hypot(sd, np.sqrt(1 - _SHARED_CURVE_FRAC**2) * curve_sd)[is_sharp]
    weight = (change[is_sharp] / own) ** 2
    by_curve = float(np.average(curve_sd[is_sharp] / np.abs(change[is_sharp]), weights=weight))
    shared = np.hypot(_SHARED_CURVE_FRAC * by_curve, trace.instrument.current_gain_sd_frac)
    used = table.filter(is_sharp)
    found = capacity_over_segments(
        change[is_sharp],
        used["charge_ah"].to_numpy(),
        soc_change_sd_frac=own,
        charge_sd_ah=used["charge_sd_ah"].to_numpy(),
        forgetting_frac=_FORGETTING_FRAC,
        shared_sd_frac=float(shared),
        confidence_frac=confidence_frac,
    )
    if (
        found.value is None
        or found.low is None
        or found.low < (1 - _WIDEST_TOTAL_FRAC) * found.value
    ):
        why = f"{used.height} segments together leave the capacity open by more than a half"
        return _unknown(why, confidence_frac), table
    n_rows = int((used["row_last"] - used["row_first"] + 1).sum())
    return replace(found, method=METHOD, n_rows=n_rows), table


def _unknown(reason: str, confidence_frac: float) -> Estimate:
    return Estimate.unknown("capacity_ah", METHOD, reason, confidence_frac=confidence_frac)


def capacity_from_charges(
    frame: pl.DataFrame,
    *,
    ocv: OcvCurve | None = None,
    reference: ChargeCurve | None = None,
    family: Family = "recognised",
    n_cells_series: int = 1,
    confidence_frac: float = 0.9,
) -> tuple[Estimate, pl.DataFrame]:
    """Return one battery's capacity from its partial charges, without a state of charge.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame of one battery, sorted by time. It may carry cell voltages only.
    ocv : OcvCurve, optional
        Open-circuit voltage of one cell.
    reference : ChargeCurve, optional
        An early whole charge of the battery, of one cell's voltage and the battery's current.
    family : ChargeFamily or {"recognised", "none"}
        How such cells' charge curves age, as in `charge_match.capacity_from_partial_charge`.
    n_cells_series : int, default 1
        Cells in series between the terminals. 1 where the frame carries only cell voltages.
    confidence_frac : float, default 0.9
        Of the interval.

    Returns
    -------
    Estimate, polars.DataFrame
        As `capacity_from_rests` with an open-circuit curve, as `capacity_from_charge_windows`
        with a reference; with both, whichever is surer.

    Raises
    ------
    InputWrong
        If neither a curve nor a reference is given, or the frame holds more than one battery.
    ColumnMissing
        If the frame carries no voltage.
    """
    if ocv is None and reference is None:
        raise InputWrong(
            "partial charges",
            "neither an open-circuit curve nor a reference charge",
            "at least one",
            "give ocv=typical_ocv(chemistry), or reference=charge_curve(...) of an early charge",
        )
    trace = trace_of(frame, n_cells_series=n_cells_series)
    runs = runs_of(trace, segments(frame, n_cells_series=n_cells_series))
    found = []
    if ocv is not None:
        found.append(capacity_from_rests(trace, runs, ocv, confidence_frac=confidence_frac))
    if reference is not None:
        found.append(
            capacity_from_charge_windows(
                trace, runs, reference, family=family, confidence_frac=confidence_frac
            )
        )
    return min(found, key=lambda pair: _width(pair[0]))


def _width(estimate: Estimate) -> float:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return float("inf")
    return (estimate.high - estimate.low) / estimate.value


def partial_charges(trace: Trace, points: tuple[OcvPoint, ...], ocv: OcvCurve) -> pl.DataFrame:
    """Return the segments between known open-circuit voltages, one row each, never over a gap.

    From each point to the next that lies a tenth of the charge away; segments do not overlap.
    Points whose state of charge is not known to a tenth are passed over.
    """
    rows = []
    rest_s = _FLAT_REST_S if ocv.is_flat else 0.0
    points = tuple(p for p in points if p.rest_s >= rest_s)
    sds = ocv.soc_sd_at(
        np.array([p.voltage_v for p in points]),
        voltage_sd_v=np.array([p.voltage_sd_v for p in points]),
    )
    points = tuple(p for p, sd in zip(points, sds, strict=True) if sd <= _POINT_SD_FRAC)
    sds = sds[sds <= _POINT_SD_FRAC]
    soc = ocv.soc_at(np.array([p.voltage_v for p in points]))
    start = 0
    for k in range(1, len(points)):
        first, last = points[start], points[k]
        if trace.part[first.index] != trace.part[last.index]:
            start = k
            continue
        change = float(soc[k] - soc[start])
        moved = float(trace.charge_ah[last.index] - trace.charge_ah[first.index])
        if abs(change) < _CHANGE_MIN_FRAC or change * moved <= 0:
            # Of two points at one state of charge, go on from the surer.
            if abs(change) < _CHANGE_MIN_FRAC and last.voltage_sd_v <= first.voltage_sd_v:
                start = k
            continue
        both = sds[[start, k]]
        by_curve = both * np.array([_curve_share(ocv, first), _curve_share(ocv, last)])
        curve_sd = float(np.hypot(*by_curve))
        own_sd = float(np.sqrt(max(np.sum(both**2) - curve_sd**2, 0.0)))
        charge_sd = _charge_sd(trace, first.index, last.index)
        relative = np.sqrt((own_sd**2 + curve_sd**2) / change**2 + (charge_sd / moved) ** 2)
        rows.append(
            {
                "start_at": trace.at(first.index),
                "end_at": trace.at(last.index),
                "charge_ah": moved,
                "charge_sd_ah": charge_sd,
                "soc_first_frac": float(soc[start]),
                "soc_last_frac": float(soc[k]),
                "soc_change_sd_frac": own_sd,
                "curve_sd_frac": curve_sd,
                "capacity_ah": moved / change,
                "capacity_sd_ah": float(relative) * moved / change,
                "evidence_first": first.evidence,
                "evidence_last": last.evidence,
                "row_first": int(trace.row[first.index]),
                "row_last": int(trace.row[last.index]),
            }
        )
        start = k
    return pl.DataFrame(rows, schema=PARTIAL_CHARGES, orient="row")


def _curve_share(ocv: OcvCurve, point: OcvPoint) -> float:
    """Return how much of the point's error is the curve's, the same in every segment."""
    return ocv.error_sd_v / max(float(np.hypot(ocv.error_sd_v, point.voltage_sd_v)), 1e-9)


def _charge_sd(trace: Trace, first: int, last: int) -> float:
    """Return the standard deviation of the charge between two samples, the gain's left out."""
    hours = float(trace.time_us[last] - trace.time_us[first]) / 3.6e9
    offset = trace.instrument.current_offset_sd_frac * trace.current_scale_a * hours
    slack = float(trace.slack_ah[last] - trace.slack_ah[first])
    moved = float(trace.charge_ah[last] - trace.charge_ah[first])
    return float(np.sqrt(offset**2 + slack**2 + (1e-4 * moved) ** 2))
