"""How does it age, and how long will it last? Fades, trends, models, life to each threshold."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl

from batteryloop.evaluation.age import YEAR_DAYS, age_of
from batteryloop.evaluation.inputs import Inputs
from batteryloop.evaluation.limits import limit
from batteryloop.evaluation.provenance import Provenance, complement, exact, ratio
from batteryloop.evaluation.trend import trend
from batteryloop.evaluation.types import (
    AheadPoint,
    CapacityPoint,
    Degradation,
    HealthStatus,
    RemainingLife,
)
from batteryloop.health.lifetime.capacity_record import CapacityRecord
from batteryloop.health.lifetime.forecast import KNEE_METHOD, forecast, trajectory_of
from batteryloop.health.lifetime.history import capacity_record_of, pace_of
from batteryloop.health.lifetime.population import Population
from batteryloop.health.lifetime.types import Forecast
from batteryloop.health.shape import DeeperReport
from batteryloop.health.types import HealthReport
from batteryloop.quantities import Estimate

_MOST_POINTS = 240
_LOSSES = ("lithium_loss_frac", "negative_loss_frac", "positive_loss_frac")


def degradation(
    report: HealthReport,
    shape: DeeperReport | None,
    status: HealthStatus,
    inputs: Inputs,
    population: Population,
    chance: Callable[[int], np.random.Generator],
    provenance: Provenance,
) -> Degradation:
    """Return how one battery ages.

    Parameters
    ----------
    report : HealthReport
        Its health.
    shape : DeeperReport, optional
        What its curves tell; None where they tell nothing.
    status : HealthStatus
        The health dimension.
    inputs : Inputs
        What was stated and chosen.
    population : Population
        What other cells say of life.
    chance : callable
        Gives a generator for a seed.
    provenance : Provenance
        Of the figures.
    """
    left = {figure.name: figure.estimate for figure in status.figures}
    record = capacity_record_of(report, age_at_start_efc=inputs.options.age_at_start_efc)
    forecasts = _forecasts(report, record, inputs, population, chance)
    figures = {
        "capacity_fade_frac": complement(left["soh_frac"], "capacity_fade_frac"),
        "energy_fade_frac": complement(left["soh_energy_frac"], "energy_fade_frac"),
        "power_fade_frac": complement(left["soh_power_frac"], "power_fade_frac"),
        **_against_new(left, inputs),
        "fade_per_year": _a_year(left["soh_frac"], report, inputs),
        "fade_per_100_efc_frac": _per_100(record, report),
        **_of_shape(shape, report.confidence_frac),
        "knee_efc": forecasts[0].knee_efc if forecasts else _no_knee(report),
    }
    first = forecasts[0] if forecasts else None
    models = [f"{a.end_of_life_efc.method}; {a.population}" for a in forecasts if a.population]
    return Degradation(
        provenance.figures(figures),
        _history(report),
        () if first is None else _past(first.history),
        () if first is None else _ahead(first.path),
        tuple(
            RemainingLife(a.threshold_frac, telling(a.remaining_efc), telling(a.remaining_days))
            for a in forecasts
        ),
        tuple(dict.fromkeys(models)),
        tuple(dict.fromkeys(note for a in forecasts for note in a.notes)),
    )


def _forecasts(
    report: HealthReport,
    record: CapacityRecord,
    inputs: Inputs,
    population: Population,
    chance: Callable[[int], np.random.Generator],
) -> list[Forecast]:
    """Return the forecast to each threshold, all from the same trajectories."""
    rng, pace = chance(inputs.options.seed), pace_of(report, record, None)
    posterior = trajectory_of(record, population, rng)
    return [
        forecast(
            record,
            population,
            rng,
            threshold_frac=threshold_frac,
            rated_capacity_ah=report.identity.rated_capacity_ah,
            pace=pace,
            confidence_frac=report.confidence_frac,
            battery_id=report.identity.battery_id,
            posterior=posterior,
        )
        for threshold_frac in inputs.options.thresholds_frac
    ]


def telling(left: Estimate) -> Estimate:
    """Return a remaining life, or "unknown" where its interval is too wide to tell anything.

    Examples
    --------
    >>> wide = Estimate("remaining_efc", 19.0, 0.3, 31811.0, 0.9, "m")
    >>> telling(wide).reason
    'the interval reaches from 0.3 to 31811: it tells nothing'
    """
    low, high = left.low, left.high
    if low is None or high is None or not high > limit("remaining_widest_ratio") * max(low, 1e-9):
        return left
    if not left.value:
        return left
    return Estimate.unknown(
        left.quantity,
        left.method,
        f"the interval reaches from {low:.3g} to {high:.0f}: it tells nothing",
        confidence_frac=left.confidence_frac,
    )


def _no_knee(report: HealthReport) -> Estimate:
    return Estimate.unknown(
        "knee_efc", KNEE_METHOD, "no threshold asked for", confidence_frac=report.confidence_frac
    )


def _against_new(left: dict[str, Estimate], inputs: Inputs) -> dict[str, Estimate]:
    """Return what changed against the figures stated of the new battery."""
    stated = inputs.statement
    told = {}
    name = "efficiency_fade_frac"
    new = stated.initial_energy_efficiency_frac
    now = left["energy_efficiency_frac"]
    told[name] = (
        _unstated(name, now, "the round-trip efficiency when new is not stated")
        if new is None
        else complement(ratio(now, exact(name, new, "stated"), name, "over stated"), name)
    )
    told["resistance_increase_frac"] = _grown(left, stated.initial_resistance_ohm)
    name = "self_discharge_growth_frac"
    told[name] = _growth(
        name, left["self_discharge_per_day"], stated.initial_self_discharge_per_day,
        "the self-discharge when new is not stated",
    )  # fmt: skip
    return told


def _grown(left: dict[str, Estimate], initial_ohm: float | None) -> Estimate:
    """Return the growth of the resistance since new, else since the record began."""
    name, now = "resistance_increase_frac", left["resistance_ohm"]
    if initial_ohm is not None and now.is_known:
        return _growth(name, now, initial_ohm, "")
    return _less_one(left["resistance_ratio_frac"], name)


def _growth(name: str, now: Estimate, new: float | None, why: str) -> Estimate:
    if new is None or not new > 0:
        return _unstated(name, now, why)
    return _less_one(ratio(now, exact(name, new, "stated"), name, "over stated"), name)


def _less_one(share: Estimate, name: str) -> Estimate:
    if share.value is None or share.low is None or share.high is None:
        return _unstated(name, share, share.reason)
    return replace(
        share, quantity=name, value=share.value - 1, low=share.low - 1, high=share.high - 1
    )


def _unstated(name: str, like: Estimate, why: str) -> Estimate:
    return Estimate.unknown(
        name, like.method, why if like.is_known else like.reason or why,
        confidence_frac=like.confidence_frac,
    )  # fmt: skip


def _a_year(left: Estimate, report: HealthReport, inputs: Inputs) -> Estimate:
    """Return the fade a year: since new where the age is known, else the trend in the record."""
    name = "fade_per_year"
    years, unaged = age_of(inputs)
    if years is not None and left.is_known:
        fade = complement(left, name)
        return replace(
            fade.scaled(1 / years, name), method=f"{left.method}, over {years:.2f} years since new"
        )
    history = report.capacity_history.drop_nulls("capacity_ah")
    whole = report.identity.rated_capacity_ah
    if history.height and whole is None:
        whole = float(np.median(history.get_column("capacity_ah").head(5).to_numpy()))
    time = history.get_column("time").dt.epoch("ms").to_numpy() / 86_400_000
    ages = (time - time[0]) / YEAR_DAYS if time.size else time
    soh = history.get_column("capacity_ah").to_numpy() / (whole or 1.0)
    least = limit("trend_least_days")
    is_short = not ages.size or float(np.ptp(ages)) * YEAR_DAYS < least
    why = f"the record spans less than the {least:.0f} days that a trend needs" if is_short else ""
    fall = trend(ages, soh, name, too_short=why, confidence_frac=report.confidence_frac)
    if fall.is_known:
        return fall
    return replace(fall, reason="; ".join(filter(None, (unaged, fall.reason))))


def _per_100(record: CapacityRecord, report: HealthReport) -> Estimate:
    whole = report.identity.rated_capacity_ah or (
        record.initial_capacity_ah() if record.capacity_ah.size else 1.0
    )
    least, ages = limit("trend_least_efc"), record.ages_efc
    is_short = not ages.size or float(np.ptp(ages)) < least
    why = f"the record spans less than the {least:.0f} full cycles that a trend needs"
    return trend(
        ages / 100,
        record.capacity_ah / whole,
        "fade_per_100_efc_frac",
        too_short=why if is_short else "",
        confidence_frac=report.confidence_frac,
    )


def _of_shape(shape: DeeperReport | None, confidence_frac: float) -> dict[str, Estimate]:
    names = ("resistance_trend_per_year", *_LOSSES)
    if shape is None:
        why = "the curves could not be examined"
        return {
            n: Estimate.unknown(n, "shape", why, confidence_frac=confidence_frac) for n in names
        }
    return {name: shape.estimates[name] for name in names}


def _history(report: HealthReport) -> tuple[CapacityPoint, ...]:
    table = report.capacity_history.drop_nulls("capacity_ah").sort("time")
    if table.height > _MOST_POINTS:
        at = np.unique(np.linspace(0, table.height - 1, _MOST_POINTS).round().astype(int))
        table = table[at.tolist()]
    rows = table.select(
        "time", "capacity_ah", "capacity_low_ah", "capacity_high_ah", "is_reference"
    )
    return tuple(
        CapacityPoint(
            at, value, value if low is None else low, value if high is None else high, bool(r)
        )
        for at, value, low, high, r in rows.iter_rows()
    )


def _past(history: pl.DataFrame) -> tuple[tuple[float, float], ...]:
    step = max(history.height // _MOST_POINTS, 1)
    return tuple((float(age), float(soh)) for age, soh in history.gather_every(step).iter_rows())


def _ahead(path: pl.DataFrame) -> tuple[AheadPoint, ...]:
    return tuple(
        AheadPoint(
            row["age_efc"],
            row["soh_frac"],
            row["soh_low_frac"],
            row["soh_high_frac"],
            row["age_days"],
        )
        for row in path.iter_rows(named=True)
    )
