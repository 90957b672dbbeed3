"""What a health report says of the past: capacities over age, and the duty behind them."""

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.errors import NotKnown, OptionWrong
from batteryloop.health.lifetime.capacity_record import CapacityRecord
from batteryloop.health.lifetime.duty import Duty, duty_ratio, outside_range
from batteryloop.health.lifetime.forecast import Pace
from batteryloop.health.types import HealthReport
from batteryloop.reference.ageing import ageing_law

Array = NDArray[np.float64]

_SAME_RATE = 1.5
_SAME_TEMPERATURE_K = 5.0
_N_FIRST = 5
_DUTY_NAMES = tuple(Duty.__dataclass_fields__)
_LIMITS = {
    "temperature_degc": (-40.0, 90.0),
    "soc_frac": (0.0, 1.0),
    "dod_frac": (0.0, 1.0),
    "c_rate_per_h": (0.0, 20.0),
    "efc_per_day": (0.001, 100.0),
}


def capacity_record_of(report: HealthReport, *, age_at_start_efc: float = 0.0) -> CapacityRecord:
    """Return the capacities of a report over equivalent full cycles.

    Parameters
    ----------
    report : HealthReport
        Of one battery.
    age_at_start_efc : float, default 0.0
        Equivalent full cycles before the first sample.

    Returns
    -------
    CapacityRecord
        Full swings at about the usual current (within half as much again) and temperature (within
        5 K); the age is the charge taken out until then over the rated capacity, else over the
        first measured.
    """
    history = _usual(report.capacity_history.drop_nulls("capacity_ah").sort("row_last"))
    capacity = history.get_column("capacity_ah").to_numpy()
    if not capacity.size:
        return CapacityRecord(np.empty(0), np.empty(0))
    one = report.identity.rated_capacity_ah or float(np.median(capacity[:_N_FIRST]))
    taken = report.cycles.get_column("discharge_capacity_ah").fill_null(0.0).to_numpy().cumsum()
    rows = report.cycles.get_column("row_last").to_numpy()
    ages = (
        age_at_start_efc + np.interp(history.get_column("row_last").to_numpy(), rows, taken) / one
    )
    is_later = np.diff(ages, prepend=0.0) > 0.0
    return CapacityRecord(ages[is_later], capacity[is_later])


def _usual(history: pl.DataFrame) -> pl.DataFrame:
    """Return the swings under the conditions of most of them."""
    rate, temperature = (
        history.get_column(name).drop_nulls().to_numpy()
        for name in ("c_rate_per_h", "temperature_degc")
    )
    kept = history
    if rate.size:
        middle = float(np.median(rate))
        near = pl.col("c_rate_per_h").is_between(middle / _SAME_RATE, middle * _SAME_RATE)
        kept = kept.filter(near | pl.col("c_rate_per_h").is_null())
    if temperature.size:
        off = (pl.col("temperature_degc") - float(np.median(temperature))).abs()
        kept = kept.filter((off <= _SAME_TEMPERATURE_K) | pl.col("temperature_degc").is_null())
    return kept


def past_duty(report: HealthReport, n_efc: float) -> tuple[Duty, tuple[str, ...]]:
    """Return the duty that a report saw, and what of it had to be assumed.

    Parameters
    ----------
    report : HealthReport
        Of one battery.
    n_efc : float
        Equivalent full cycles within the report's span.

    Returns
    -------
    Duty, tuple of str
        Means over the report; what no sample tells is that of `Duty()`, and said.
    """
    found: dict[str, float] = {}
    cycles = report.cycles
    if not cycles.is_empty():
        known = cycles.drop_nulls("temperature_mean_degc")
        hours = known.get_column("duration_s").to_numpy()
        if hours.sum() > 0:
            temperature = known.get_column("temperature_mean_degc").to_numpy()
            found["temperature_degc"] = float(np.average(temperature, weights=hours))
        capacity = report.capacity_ah.value
        taken = cycles.get_column("discharge_capacity_ah").drop_nulls().to_numpy()
        if capacity and taken.size:
            found["dod_frac"] = float(min(np.median(taken) / capacity, 1.0))
        rate = cycles.get_column("discharge_c_rate_per_h").drop_nulls().to_numpy()
        if rate.size:
            found["c_rate_per_h"] = float(np.median(np.abs(rate)))
    soc = _mean_soc(report.time_in_bands)
    if soc is not None:
        found["soc_frac"] = soc
    if report.time_span_days > 0 and n_efc > 0:
        found["efc_per_day"] = n_efc / report.time_span_days
    assumed = [
        f"past {name} is not recorded: {getattr(Duty(), name):g} assumed"
        for name in _DUTY_NAMES
        if name not in found
    ]
    return Duty(**found), tuple(assumed)


def _mean_soc(bands: pl.DataFrame) -> float | None:
    if bands.is_empty():
        return None
    rows = bands.filter(pl.col("quantity") == "soc_frac")
    hours = rows.get_column("hours").to_numpy()
    if hours.sum() <= 0:
        return None
    middles = (rows.get_column("low") + rows.get_column("high")).to_numpy() / 2
    return float(np.average(middles, weights=hours))


def stated_duty(text: str, past: Duty) -> Duty:
    """Return the past duty with what a person says will be otherwise.

    Parameters
    ----------
    text : str
        ``name=value`` with commas between; names as of `Duty`.
    past : Duty
        What holds where nothing is said.

    Raises
    ------
    NotKnown
        If a name is none of a duty's; the nearest are offered.
    OptionWrong
        If a value is no number or cannot be.

    Examples
    --------
    >>> stated_duty("temperature_degc=35, efc_per_day=0.5", Duty()).temperature_degc
    35.0
    """
    changed: dict[str, float] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, number = (piece.strip() for piece in part.partition("="))
        if name not in _DUTY_NAMES:
            raise NotKnown.among("duty", name, _DUTY_NAMES)
        low, high = _LIMITS[name]
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise OptionWrong("duty", part, f"{name}={low:g} to {high:g}", f"say {name}=number")
        changed[name] = value
    return replace(past, **changed)


def pace_of(report: HealthReport, record: CapacityRecord, duty: str | None) -> Pace:
    """Return how fast the battery is used and ages from now on, against the past.

    Parameters
    ----------
    report : HealthReport
        Of one battery.
    record : CapacityRecord
        From `capacity_record_of`.
    duty : str, optional
        As `stated_duty` takes it; without it the future is like the past.

    Raises
    ------
    OptionWrong
        If a duty is stated and the chemistry, which says what a duty does, is not known.
    """
    span = float(record.ages_efc[-1] - record.ages_efc[0]) if record.ages_efc.size else 0.0
    past, assumed = past_duty(report, span)
    per_day = span / report.time_span_days if report.time_span_days > 0 and span > 0 else None
    if duty is None:
        return Pace(per_day, per_day)
    future = stated_duty(duty, past)
    if report.identity.chemistry is None:
        raise OptionWrong(
            "duty", "stated for a battery of unknown chemistry", "a chemistry", "--chemistry LFP …"
        )
    law = ageing_law(report.identity.chemistry)
    days = max(report.time_span_days, 1.0)
    a_day = duty_ratio(law, past, future, past_days=days, horizon_days=days)
    # Per full cycle: the same days hold more cycles, or fewer.
    ratio = a_day * past.efc_per_day / future.efc_per_day
    notes = dict.fromkeys((*assumed, *outside_range(law, past), *outside_range(law, future)))
    return Pace(per_day, future.efc_per_day, ratio, tuple(notes))
