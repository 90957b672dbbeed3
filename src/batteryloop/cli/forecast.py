"""`batteryloop health forecast`: how long will it last, and how sure is that."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.batch import batch_of
from batteryloop.cli.options import (
    AsJson,
    CellsInSeries,
    Chemistry,
    Confidence,
    Mapping,
    Paths,
    Plots,
    RatedCapacity,
    checked_confidence,
    default_identity,
)
from batteryloop.errors import OptionWrong
from batteryloop.health.lifetime.population import shipped_population
from batteryloop.health.lifetime.types import Forecast
from batteryloop.usecases.forecast_health import forecast_health, known_siblings
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.sources import telemetry_source

_MOST_NOTES = 8


def forecast(
    paths: Paths,
    threshold_frac: Annotated[
        float,
        typer.Option("--threshold", help="State of health that ends the life, between 0 and 1."),
    ] = 0.8,
    duty: Annotated[
        str | None,
        typer.Option(
            help="What will be otherwise from now on: temperature_degc, soc_frac, dod_frac, "
            "c_rate_per_h, efc_per_day, as name=value with commas; needs a chemistry."
        ),
    ] = None,
    siblings: Annotated[
        list[Path] | None,
        typer.Option(
            "--siblings",
            help="Telemetry of batteries of the same kind that are further on; may be repeated.",
        ),
    ] = None,
    age_at_start_efc: Annotated[
        float, typer.Option(help="Equivalent full cycles before the first sample.", min=0.0)
    ] = 0.0,
    rated_capacity_ah: RatedCapacity = None,
    chemistry: Chemistry = None,
    mapping: Mapping = None,
    cells_in_series: CellsInSeries = 1,
    confidence: Confidence = 0.9,
    plots: Plots = None,
    seed: Annotated[int, typer.Option(help="Seed of the draws.", min=0)] = 0,
    as_json: AsJson = False,
) -> None:
    """Forecast the state of health of every battery, with intervals, down to a threshold.

    Example: `batteryloop health forecast lake/ --threshold 0.8 --duty temperature_degc=35`
    """
    if not 0.0 < threshold_frac < 1.0:
        raise OptionWrong("--threshold", f"{threshold_frac:g}", "above 0, below 1", "80 % is 0.8")
    source = telemetry_source(paths, mapping=mapping)
    default = default_identity(chemistry, rated_capacity_ah, cells_in_series)
    population = shipped_population()
    if siblings:
        further = telemetry_source(siblings, mapping=mapping)
        population = known_siblings(population, further, default)
    parts = forecast_health(
        source,
        default,
        population,
        lambda: seeded(seed),
        threshold_frac=threshold_frac,
        duty=duty,
        age_at_start_efc=age_at_start_efc,
        confidence_frac=checked_confidence(confidence),
    )

    def entry(ahead: Forecast) -> dict[str, Any]:
        if plots is not None:
            from batteryloop.cli.forecast_plot import write_forecast

            write_forecast(ahead, plots)
        return ahead.as_dict()

    batch = batch_of(parts, n_parts=source.n_parts, words="forecasting", entry=entry, empty=_EMPTY)
    if as_json:
        screen.print_json(batch.entries)
    else:
        print_forecasts(batch.made)
        if plots is not None and batch.made:
            screen.out.print(f"plots: {plots}")
    batch.end()


_EMPTY: dict[str, Any] = {
    "end_of_life_efc": None,
    "remaining_efc": None,
    "remaining_days": None,
    "path": [],
}


def print_forecasts(forecasts: list[Forecast]) -> None:
    """Print one row a battery, then on what the forecasts rest and why any is missing."""
    if not forecasts:
        return
    first = forecasts[0]
    table = Table(
        title=f"Forecast to {first.threshold_frac:.0%} state of health, "
        f"{round(100 * first.confidence_frac)} % intervals in brackets",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("battery", no_wrap=True)
    for name in ("SoH now [%]", "full cycles so far", "full cycles left", "days left"):
        table.add_column(name, justify="right", no_wrap=True)
    for ahead in forecasts:
        table.add_row(
            ahead.battery_id,
            screen.interval(ahead.soh_frac, decimals=1, is_percent=True),
            "–" if ahead.age_efc is None else f"{ahead.age_efc:.0f}",
            screen.interval(ahead.remaining_efc, decimals=0),
            screen.interval(ahead.remaining_days, decimals=0),
        )
    screen.out.print(table)
    known = [ahead for ahead in forecasts if ahead.end_of_life_efc.is_known]
    for words in dict.fromkeys(f"{a.end_of_life_efc.method}; {a.population}" for a in known):
        screen.out.print(f"[dim]by {escape(words)}[/]", soft_wrap=True)
    if any(ahead.is_simulated for ahead in forecasts):
        screen.out.print("[bold]SIMULATED[/]")
    said = [f"{a.battery_id}: {why}" for a in forecasts for why in _said(a)]
    for line in said[:_MOST_NOTES]:
        screen.out.print(f"[dim]– {escape(line)}[/]", soft_wrap=True)
    if len(said) > _MOST_NOTES:
        more = f"– and {len(said) - _MOST_NOTES} more; --json has them all"
        screen.out.print(f"[dim]{more}[/]")


def _said(ahead: Forecast) -> list[str]:
    life, knee = ahead.end_of_life_efc, ahead.knee_efc
    said = [] if life.is_known else [f"no forecast: {life.reason}"]
    if knee.is_known:
        said.append(f"bent downwards at {screen.interval(knee, decimals=0)} full cycles")
    if ahead.duty_ratio_frac != 1.0:
        said.append(f"a full cycle ages {ahead.duty_ratio_frac:.2f} times what it did")
    return [*said, *ahead.notes]
