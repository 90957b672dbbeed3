"""What harmed the battery: voltages beyond the limits, time and charging in heat and cold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batteryloop.evaluation.inputs import Statement
from batteryloop.evaluation.limits import limit
from batteryloop.health.interval import normal_quantile
from batteryloop.health.trace import Array, Trace
from batteryloop.quantities import Estimate
from batteryloop.reference.chemistries import Chemistry

EVENT_METHOD = "voltage-event count v1"
HOURS_METHOD = "hours beyond a limit v1"


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit and where it comes from; None where there is none."""

    value: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of a battery's cells: as stated, else as is typical of the chemistry."""

    cell_voltage_min_v: Bound
    cell_voltage_max_v: Bound
    temperature_min_degc: Bound
    temperature_max_degc: Bound
    charge_temperature_min_degc: Bound
    charge_temperature_max_degc: Bound


def bounds_of(statement: Statement, known: Chemistry | None) -> Bounds:
    """Return the limits that hold for a battery.

    Examples
    --------
    >>> from batteryloop.reference.chemistries import chemistry
    >>> bounds = bounds_of(Statement(cell_voltage_max_v=4.15), chemistry("NMC622"))
    >>> bounds.cell_voltage_max_v.value, bounds.cell_voltage_min_v.source
    (4.15, 'typical of NMC622')
    """

    def _bound(stated: float | None, column: str) -> Bound:
        if stated is not None:
            return Bound(stated, "as stated")
        return Bound(getattr(known, column, None), f"typical of {known.name}" if known else "")

    low, high = statement.temperature_min_degc, statement.temperature_max_degc
    return Bounds(
        _bound(statement.cell_voltage_min_v, "cell_voltage_min_v"),
        _bound(statement.cell_voltage_max_v, "cell_voltage_max_v"),
        _bound(low, "discharge_temperature_min_degc"),
        _bound(high, "discharge_temperature_max_degc"),
        _bound(low, "charge_temperature_min_degc"),
        _bound(high, "charge_temperature_max_degc"),
    )


def harmful_events(trace: Trace, bounds: Bounds, *, confidence_frac: float) -> dict[str, Estimate]:
    """Return deep discharges, overcharges, and hours in heat and cold.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    bounds : Bounds
        From `bounds_of`.
    confidence_frac : float
        In (0, 1).

    Notes
    -----
    An event lasts `event_hold_s` or more and ends when the cell is back by `event_reset_v`. The
    interval counts again with the limit moved by what the sensor may err, to either side.
    """
    reach = normal_quantile(confidence_frac)
    off_v = reach * trace.instrument.cell_voltage_sd_v
    off_k = reach * limit("temperature_sd_k")
    hours = interval_hours(trace)
    warmth, is_charging = trace.temperature_degc, trace.current_a > 0.01 * trace.current_scale_a
    told: dict[str, Estimate] = {}
    for name, level, bound, sign in (
        ("n_deep_discharges", trace.lowest_cell_v, bounds.cell_voltage_min_v, -1.0),
        ("n_overcharges", trace.highest_cell_v, bounds.cell_voltage_max_v, 1.0),
    ):
        told[name] = _counted(name, trace, level, bound, sign, off_v, confidence_frac)
    for name, bound, sign, counts in (
        ("time_hot_h", bounds.temperature_max_degc, 1.0, None),
        ("time_cold_h", bounds.temperature_min_degc, -1.0, None),
        ("charging_hot_h", bounds.charge_temperature_max_degc, 1.0, is_charging),
        ("charging_cold_h", bounds.charge_temperature_min_degc, -1.0, is_charging),
    ):
        weights = hours if counts is None else np.where(counts, hours, 0.0)
        told[name] = _beyond(name, warmth, weights, bound, sign, off_k, confidence_frac)
    return told


def interval_hours(trace: Trace) -> Array:
    """Return for each sample the hours up to the next one, 0 before a gap [h]."""
    if len(trace) < 2:
        return np.zeros(len(trace))
    hours = np.diff(trace.time_us) / 3.6e9
    return np.append(np.where(np.diff(trace.part) == 0, hours, 0.0), 0.0)


def _counted(
    name: str,
    trace: Trace,
    level: Array,
    bound: Bound,
    sign: float,
    off_v: float,
    confidence_frac: float,
) -> Estimate:
    is_known = np.isfinite(level)
    if bound.value is None or not is_known.any():
        why = "no voltage limit: give the chemistry or state one"
        return Estimate.unknown(
            name,
            EVENT_METHOD,
            why if bound.value is None else "no cell voltage in the data",
            confidence_frac=confidence_frac,
        )
    beyond = sign * (level[is_known] - bound.value)
    time_s = trace.time_us[is_known] / 1e6
    few, middle, many = (count_events(beyond - off, time_s) for off in (off_v, 0.0, -off_v))
    return Estimate(
        name,
        float(middle),
        float(min(few, middle)),
        float(max(many, middle)),
        confidence_frac,
        f"{EVENT_METHOD} (limit {bound.value:g} V a cell, {bound.source})",
        n_rows=int(is_known.sum()),
    )


def count_events(beyond_v: Array, time_s: Array) -> int:
    """Return how often a level stayed beyond its limit.

    Parameters
    ----------
    beyond_v : array of float, shape (n,)
        How far beyond; negative within [V].
    time_s : array of float, shape (n,)
        Rising [s].

    Examples
    --------
    >>> count_events(np.array([-1.0, 0.1, 0.1, -0.01, 0.1, -1, 0.1]), np.arange(7.0) * 10)
    1
    """
    hold_s, reset_v = limit("event_hold_s"), limit("event_reset_v")
    is_out = beyond_v > 0
    starts = np.flatnonzero(is_out & ~np.concatenate([[False], is_out[:-1]]))
    ends = np.flatnonzero(is_out & ~np.concatenate([is_out[1:], [False]]))
    n, last = 0, -1
    for first, final in zip(starts, ends, strict=True):
        if time_s[final] - time_s[first] < hold_s:
            continue
        # Between two stretches it must have come back far enough to be another event.
        if last < 0 or float(np.min(beyond_v[last : first + 1])) <= -reset_v:
            n += 1
        last = int(final)
    return n


def _beyond(
    name: str,
    warmth_degc: Array,
    hours: Array,
    bound: Bound,
    sign: float,
    off_k: float,
    confidence_frac: float,
) -> Estimate:
    is_known: NDArray[np.bool_] = np.isfinite(warmth_degc)
    if bound.value is None or not is_known.any():
        why = "no temperature limit: give the chemistry or state one"
        return Estimate.unknown(
            name,
            HOURS_METHOD,
            why if bound.value is None else "no temperature in the data",
            confidence_frac=confidence_frac,
        )
    beyond = sign * (warmth_degc[is_known] - bound.value)
    spent = hours[is_known]
    few, middle, many = (float(spent[beyond > off].sum()) for off in (off_k, 0.0, -off_k))
    return Estimate(
        name,
        middle,
        few,
        many,
        confidence_frac,
        f"{HOURS_METHOD} (limit {bound.value:g} °C, {bound.source})",
        n_rows=int(is_known.sum()),
    )
