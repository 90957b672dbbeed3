"""Forecast a fleet: how long each battery lasts, and a reason for each that cannot be told."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from batteryloop.health.lifetime.forecast import forecast
from batteryloop.health.lifetime.history import capacity_record_of, pace_of
from batteryloop.health.lifetime.population import Population, with_siblings
from batteryloop.health.lifetime.types import Forecast
from batteryloop.health.types import HealthReport
from batteryloop.record import BatteryIdentity
from batteryloop.usecases.evaluate_fleet import evaluate_fleet
from batteryloop.usecases.ports import Refusal, TelemetrySource
from batteryloop.usecases.read_telemetry import attempted


def forecast_health(
    source: TelemetrySource,
    default: BatteryIdentity,
    population: Population,
    chance: Callable[[], np.random.Generator],
    *,
    threshold_frac: float = 0.8,
    duty: str | None = None,
    age_at_start_efc: float = 0.0,
    confidence_frac: float = 0.9,
) -> Iterator[Forecast | Refusal]:
    """Yield a forecast for each battery, or the reason why there is none.

    Parameters
    ----------
    source : TelemetrySource
        Files, a lake, a simulation.
    default : BatteryIdentity
        What to take for batteries of which the source knows nothing.
    population : Population
        What other cells say; `known_siblings` adds those of the same kind.
    chance : callable
        Gives a generator; called anew for each battery, so that its forecast does not hang on
        which others are judged with it.
    threshold_frac : float, default 0.8
        State of health that ends the life [1].
    duty : str, optional
        The future duty, as `lifetime.history.stated_duty` takes it.
    age_at_start_efc : float, default 0.0
        Equivalent full cycles before the first sample.
    confidence_frac : float, default 0.9
        How sure the intervals are.

    Yields
    ------
    Forecast or Refusal
        One bad battery never stops the rest.
    """

    def ahead_of(report: HealthReport) -> Forecast:
        record = capacity_record_of(report, age_at_start_efc=age_at_start_efc)
        ahead = forecast(
            record,
            population,
            chance(),
            threshold_frac=threshold_frac,
            rated_capacity_ah=report.identity.rated_capacity_ah,
            pace=pace_of(report, record, duty),
            confidence_frac=confidence_frac,
            battery_id=report.identity.battery_id,
        )
        notes = (*ahead.notes, *_why(report, ahead))
        return replace(ahead, is_simulated=report.is_simulated, notes=notes)

    for report in evaluate_fleet(source, default, confidence_frac=confidence_frac):
        if isinstance(report, Refusal):
            yield report
        else:
            yield attempted(report.identity.battery_id, partial(ahead_of, report))


def _why(report: HealthReport, ahead: Forecast) -> tuple[str, ...]:
    """Return why no capacity was measured, where that is why nothing can be told."""
    if ahead.end_of_life_efc.is_known or report.capacity_history.height:
        return ()
    return (report.capacity_ah.reason or "no full charge or discharge in the data",)


def known_siblings(
    population: Population, source: TelemetrySource, default: BatteryIdentity
) -> Population:
    """Return the population with the batteries of `source`, whose histories are longer.

    Parameters
    ----------
    population : Population
        As shipped.
    source : TelemetrySource
        Telemetry of batteries of the same kind, from when they were new.
    default : BatteryIdentity
        What to take for batteries of which the source knows nothing.
    """
    reports = evaluate_fleet(source, default)
    records = [capacity_record_of(r) for r in reports if isinstance(r, HealthReport)]
    return with_siblings(population, records)
