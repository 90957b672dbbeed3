"""`batteryloop circular returns`: what comes back when, and which plants to open for it."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer
from rich.console import JustifyMethod
from rich.markup import escape
from rich.table import Table

from batteryloop.circular.returns.market import simulated_market
from batteryloop.cli import screen
from batteryloop.cli.options import AsJson, Confidence, checked_confidence
from batteryloop.errors import OptionWrong
from batteryloop.usecases.forecast_returns import (
    ReturnsReport,
    lives_from,
    report_returns,
    sales_of,
    sites_of,
)
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.clock import now
from batteryloop.wiring.sources import read_table


def returns(
    sales: Annotated[
        Path | None,
        typer.Argument(
            help="CSV: region, application, chemistry, year, mass_t, and its bounds if known.",
            show_default=False,
        ),
    ] = None,
    lives: Annotated[
        Path | None,
        typer.Option("--lives", help="CSV: application, chemistry, age_years, is_ended."),
    ] = None,
    sites: Annotated[
        Path | None,
        typer.Option("--sites", help="CSV of open and possible plants: plan which to open when."),
    ] = None,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="A made-up market and sites instead of tables.")
    ] = False,
    first: Annotated[
        int | None, typer.Option("--from", help="First year; this one, if not given.")
    ] = None,
    until: Annotated[int, typer.Option("--until", help="Last year.")] = 2040,
    collected_frac: Annotated[
        float, typer.Option("--collected", help="Share of ended batteries that is collected.")
    ] = 1.0,
    reused_frac: Annotated[
        float, typer.Option("--reused", help="Share of it that first gets a second life.")
    ] = 0.0,
    unserved_usd_per_t: Annotated[
        float, typer.Option("--unserved", help="Cost of a tonne that no plant takes, USD/t.")
    ] = 2500.0,
    draws: Annotated[int, typer.Option("--draws", help="How many draws.", min=20)] = 400,
    confidence: Confidence = 0.9,
    seed: Annotated[int, typer.Option("--seed", help="The same seed, the same bands.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Forecast returns by year, region and chemistry with bands, and when to open which plant.

    Example: `batteryloop circular returns sales.csv --lives lives.csv --sites sites.csv`
    """
    rng = seeded(seed)
    begin = first or now().year
    if until < begin:
        raise OptionWrong("--until", f"{until}", f"{begin} or later")
    refused = []
    if simulated:
        market = simulated_market(rng, last_year=max(until, 2042))
        sold, lived = list(market.sales), list(market.lives)
        table = files("batteryloop.circular.returns").joinpath("example_sites.csv")
        with as_file(table) as path:
            places = sites_of(read_table(path))
    elif sales is None or lives is None:
        raise OptionWrong("SALES and --lives", "not both given", "two tables", "or try --simulated")
    else:
        sold, wrong_sales = sales_of(read_table(sales), now())
        lived, wrong_lives = lives_from(read_table(lives))
        refused = [*wrong_sales, *wrong_lives]
        places = sites_of(read_table(sites)) if sites else []
    report = report_returns(
        sold,
        lived,
        range(begin, until + 1),
        rng,
        sites=places,
        unserved_usd_per_t=unserved_usd_per_t,
        n_draws=draws,
        collected_frac=collected_frac,
        reused_frac=reused_frac,
        confidence_frac=checked_confidence(confidence),
        refused=refused,
        is_simulated=simulated,
    )
    if as_json:
        screen.print_json(report.as_dict())
    else:
        _print(report)
    screen.print_refusals(report.refused)


def _print(report: ReturnsReport) -> None:
    forecast = report.forecast
    sure = round(100 * forecast.confidence_frac)
    table = Table(
        title=f"Returns [t], {sure} % bands in brackets".replace("[", "\\["),
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    columns = ("year", "all", *(f"{name} [%]" for name in forecast.chemistries), *forecast.regions)
    for number, name in enumerate(columns):
        justify: JustifyMethod = "left" if number == 0 else "right"
        table.add_column(escape(name), justify=justify)
    shares = [forecast.share(chemistry) for chemistry in forecast.chemistries]
    by_region = [forecast.by_region(region) for region in forecast.regions]
    for place, (year, total) in enumerate(zip(forecast.years, forecast.total(), strict=True)):
        table.add_row(
            str(year),
            screen.interval(total, decimals=0),
            *(screen.interval(s[place], decimals=0, is_percent=True) for s in shares),
            *(screen.value(r[place], decimals=0) for r in by_region),
        )
    screen.out.print(table)
    if report.is_simulated:
        screen.out.print("[bold]SIMULATED[/]: market, lives and sites are made up")
    for (application, chemistry), curve in forecast.curves.items():
        why = f" ({curve.reason})" if curve.reason else ""
        screen.out.print(
            f"[dim]{escape(f'{application} {chemistry}')}: Weibull of {curve.scale_years:.1f} "
            f"years, shape {curve.shape:.1f}, from {curve.n_ended} ended of {curve.n_lives} lives "
            f"of {escape(curve.group + why)}[/]",
            soft_wrap=True,
        )
    if report.plan:
        for sentence in report.plan.sentences:
            screen.out.print(f"→ {escape(sentence)}", soft_wrap=True)
        screen.out.print(
            f"[dim]one plan for {report.plan.n_scenarios} scenarios, within "
            f"{100 * report.plan.gap_frac:.2f} % of the best one can prove; "
            f"{sum(report.plan.unserved_t):,.0f} t find no place[/]"
        )
