"""`batteryloop circular blend`: which packs to take so that the year's targets are met."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from batteryloop.circular.recycle.blend import Blend
from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.cli.recycle import Opening, Route, Steps, day_of, price_rows, quantities_of
from batteryloop.reference.material_prices import prices_of
from batteryloop.usecases.blend_feed import blend_feed


def blend(
    supply: Annotated[
        str, typer.Argument(help="Tonnes on offer of each chemistry: NMC622=60000,LFP=60000.")
    ],
    capacity_t: Annotated[
        float, typer.Option("--capacity", help="What the plant takes in a year, t.")
    ] = 50_000.0,
    must_take: Annotated[
        str, typer.Option("--must-take", help="Tonnes that have to be taken: LFP=10000.")
    ] = "",
    on: Annotated[str, typer.Option("--on", help="Day whose targets hold.")] = "2027-12-31",
    opening: Opening = "thermal",
    route: Route = "hydro",
    step: Steps = None,
    prices: Annotated[
        Path | None,
        typer.Option(help="CSV of item, kind, price_usd_per_kg, dated; else prices of 2022."),
    ] = None,
    improve: Annotated[bool, typer.Option(help="Try every set of added steps as well.")] = True,
    as_json: AsJson = False,
) -> None:
    """Choose the blend of most net value that meets every Annex XII target of a day.

    Example: `batteryloop circular blend NMC622=60000,LFP=60000 --must-take LFP=10000`
    """
    report = blend_feed(
        quantities_of("SUPPLY", supply, "NMC622=60000,LFP=60000"),
        capacity_t,
        day_of("--on", on),
        must_take_t=quantities_of("--must-take", must_take, "LFP=10000") if must_take else None,
        opening=opening,
        route=route,
        steps=tuple(step or ()),
        prices=prices_of(price_rows(prices)) if prices else None,
        is_improved=improve,
    )
    if as_json:
        screen.print_json(report.as_dict())
        return
    screen.out.print(f"targets on {report.day}")
    _print("the plant as it is", report.as_it_is)
    if report.improved:
        plan = report.improved
        _print("with the fewest added steps", plan.fewest)
        _print("with the added steps of most value", plan.best)
        screen.out.print(f"[dim]{plan.n_passing} of {plan.n_tried} sets of added steps pass[/]")


def _print(words: str, made: Blend) -> None:
    if not made.is_feasible:
        screen.out.print(f"✗ {words}: {escape(made.reason)}", soft_wrap=True)
        return
    feed = ", ".join(f"{name} {mass:,.0f} t" for name, mass in made.feed_t.items())
    steps = f"; steps {', '.join(made.steps)}" if made.steps else ""
    screen.out.print(
        f"✓ {words}: {feed}{steps}; net {made.net_usd / 1e6:,.1f} million USD", soft_wrap=True
    )
    worth = {name: value for name, value in made.shadow_usd_per_t.items() if value > 0.5}
    if worth:
        said = ", ".join(f"{name} {value:,.0f}" for name, value in worth.items())
        screen.out.print(f"[dim]  one tonne more would be worth, USD: {escape(said)}[/]")
