"""`batteryloop circular recycle` and `trace`: a plant's balance, and packs' way into new ones."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import JustifyMethod
from rich.markup import escape
from rich.table import Table

from batteryloop.circular.recycle import new_battery, simulate_throughput
from batteryloop.circular.recycle.targets import TargetResult
from batteryloop.circular.recycle.throughput import Throughput
from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.errors import OptionWrong
from batteryloop.reference.material_prices import prices_of
from batteryloop.usecases.balance_plant import PlantReport, report_plant
from batteryloop.usecases.trace_recycling import TracedLoop, trace_recycling
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.sources import read_table

# The days from which Annex XII asks for recovery by material.
_DAYS = ("2027-12-31", "2031-12-31")
Opening = Annotated[
    str,
    typer.Option(
        "--opening",
        help="`thermal`: discharge, shred, burn the electrolyte; `electrified`: shred live under "
        "inert gas, condense the electrolyte, catch the dust.",
    ),
]
Route = Annotated[str, typer.Option("--route", help="`hydro`, `direct` or `pyro`.")]
Steps = Annotated[
    list[str] | None,
    typer.Option("--step", help="An added recovery step, such as iron_phosphate; repeat it."),
]


def recycle(
    feed: Annotated[
        str,
        typer.Argument(help="Tonnes a year of each chemistry: NMC622=50000,LFP=10000."),
    ],
    opening: Opening = "thermal",
    route: Route = "hydro",
    step: Steps = None,
    on: Annotated[
        list[str] | None,
        typer.Option("--on", help="Day whose Annex XII targets are checked; may be repeated."),
    ] = None,
    counting: Annotated[
        str,
        typer.Option(
            help="What counts as recycled: `whole`, `without_graphite` or "
            "`carbon_and_phosphorus_out`."
        ),
    ] = "whole",
    prices: Annotated[
        Path | None,
        typer.Option(
            help="Prices: CSV of item, kind, price_usd_per_kg, dated; else those of 2022."
        ),
    ] = None,
    grid_kgco2e_per_kwh: Annotated[
        float, typer.Option("--grid", help="Carbon of the electricity, kg CO2e/kWh.", min=0.0)
    ] = 0.25,
    improve: Annotated[
        bool, typer.Option(help="Where a target is missed, look for added steps that pass.")
    ] = True,
    lines: Annotated[
        bool, typer.Option("--lines", help="Also run the lines through a year, event by event.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="The same seed, the same year.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Balance a recycling plant: masses, energy, value, and Annex XII with what to change.

    Example: `batteryloop circular recycle NMC622=50000`
    """
    feed_t = quantities_of("FEED", feed, "NMC622=50000,LFP=10000")
    report = report_plant(
        feed_t,
        [day_of("--on", text) for text in on or _DAYS],
        opening=opening,
        route=route,
        steps=tuple(step or ()),
        counting=counting,
        prices=prices_of(price_rows(prices)) if prices else None,
        grid_kgco2e_per_kwh=grid_kgco2e_per_kwh,
        is_improved=improve,
        rng=seeded(seed),
    )
    worked = simulate_throughput(sum(feed_t.values()), seeded(seed)) if lines else None
    if as_json:
        document = {**report.as_dict(), "lines": worked.as_dict() if worked else None}
        screen.print_json(document)
        return
    _print_balance(report)
    for day, results in report.targets.items():
        _print_targets(day, results)
        _print_improvement(report, day)
    if worked:
        _print_lines(worked)


def trace(
    returns: Annotated[
        Path,
        typer.Argument(
            help="CSV or Parquet: battery_id, chemistry, mass_kg or rated_energy_kwh.",
            show_default=False,
        ),
    ],
    new: Annotated[
        str, typer.Option("--new", help="New batteries by chemistry and kWh each: NMC622=100.")
    ] = "NMC622=100",
    n_new: Annotated[int, typer.Option("--count", help="How many new batteries.", min=1)] = 1,
    share: Annotated[
        str,
        typer.Option(help="Recycled shares wanted, Co=0.26,Li=0.12,Ni=0.15; else all there is."),
    ] = "",
    on: Annotated[
        str, typer.Option("--on", help="Day on which the new batteries are placed on the market.")
    ] = "2031-08-18",
    opening: Opening = "electrified",
    route: Route = "hydro",
    step: Steps = None,
    as_json: AsJson = False,
) -> None:
    """Follow packs into batches, black mass, salts and the recycled content of new batteries.

    Example: `batteryloop circular trace returns.csv --new NMC622=100 --count 20`
    """
    wanted = quantities_of("--new", new, "NMC622=100")
    batteries = [
        new_battery(f"NEW-{chemistry}-{number:04d}", chemistry, energy_kwh)
        for chemistry, energy_kwh in wanted.items()
        for number in range(1, n_new + 1)
    ]
    loop = trace_recycling(
        read_table(returns),
        batteries,
        day_of("--on", on),
        wanted_frac=quantities_of("--share", share, "Co=0.26") if share else None,
        opening=opening,
        route=route,
        steps=tuple(step or ()),
    )
    if as_json:
        screen.print_json(loop.as_dict())
    else:
        _print_loop(loop)
    screen.print_refusals(loop.refused)


def quantities_of(option: str, text: str, such_as: str) -> dict[str, float]:
    """Return named numbers of an option such as `NMC622=50000,LFP=10000`.

    Raises
    ------
    OptionWrong
        If a part is not a name and a number.

    Examples
    --------
    >>> quantities_of("FEED", "NMC622=5,LFP=1", "NMC622=5")
    {'NMC622': 5.0, 'LFP': 1.0}
    """
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = part.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            raise OptionWrong(option, repr(part), f"such as {such_as}") from None
    return found


def day_of(option: str, text: str) -> date:
    """Return a day written as 2031-12-31.

    Raises
    ------
    OptionWrong
        If it is no day.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise OptionWrong(option, repr(text), "a day such as 2031-12-31") from None


def price_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table of prices, as text."""
    return [
        {key: "" if cell is None else str(cell) for key, cell in row.items()}
        for row in read_table(path).iter_rows(named=True)
    ]


def _table(title: str, *columns: str) -> Table:
    table = Table(title=escape(title), title_justify="left", box=None, pad_edge=False)
    for number, name in enumerate(columns):
        justify: JustifyMethod = "left" if number == 0 else "right"
        table.add_column(escape(name), justify=justify, no_wrap=number == 0)
    return table


def _print_balance(report: PlantReport) -> None:
    balance, value = report.balance, report.value
    table = _table(
        f"{balance.opening} opening, {balance.route} route: {balance.mass_in_t:,.0f} t of packs",
        "leaves as",
        "kind",
        "mass [t]",
        "of it counted [t]",
        "value [million USD]",
    )
    order = ("product", "byproduct", "residue", "water", "emission")
    for flow in sorted(balance.leaving().values(), key=lambda f: order.index(f.kind)):
        counted = sum(balance.counted_t.get(flow.target, {}).values())
        worth = value.products_usd.get(flow.target)
        table.add_row(
            escape(flow.title),
            flow.kind,
            f"{flow.mass_t:,.0f}",
            f"{counted:,.0f}" if counted else "",
            "" if worth is None else f"{worth / 1e6:,.2f}",
        )
    screen.out.print(table)
    black = balance.black_mass
    parts = ", ".join(f"{e} {100 * s:.1f} %" for e, s in black.shares_frac.items() if s >= 5e-4)
    screen.out.print(f"black mass {black.mass_t:,.0f} t: {parts}", soft_wrap=True)
    reagents = ", ".join(
        f"{name} {mass / 1000:,.1f} kt" for name, mass in balance.reagents_t().items()
    )
    screen.out.print(f"reagents: {reagents}", soft_wrap=True)
    energy = ", ".join(f"{name} {mj / 1e6:,.1f} TJ" for name, mj in balance.energy_mj().items())
    screen.out.print(f"energy bought: {energy}", soft_wrap=True)
    screen.out.print(
        f"emissions: {report.process_kgco2 / 1e6:,.1f} kt CO2 of the process, "
        f"{report.energy_kgco2e / 1e6:,.1f} kt CO2e of energy"
    )
    screen.out.print(
        f"value: {value.gross_usd_per_kg:.2f} USD/kg of packs gross, "
        f"{value.net_usd / value.feed_t / 1000:.2f}{_spread(report)} net of reagents, energy and "
        f"packs (prices of {escape(value.dated)}, not current)",
        soft_wrap=True,
    )
    screen.out.print(
        f"[dim]closes for every element within {balance.worst_closure_frac:.0e} of what came in[/]"
    )


def _spread(report: PlantReport) -> str:
    worth = report.net_usd
    if worth is None or worth.low is None or worth.high is None:
        return ""
    kg = report.value.feed_t * 1000.0
    return f" ({worth.low / kg:.2f}–{worth.high / kg:.2f} as prices may be)"


def _print_targets(day: date, results: tuple[TargetResult, ...]) -> None:
    table = _table(
        f"\nAnnex XII on {day}", "target", "", "reached [%]", "wanted [%]", "margin [points]"
    )
    for result in results:
        table.add_row(
            escape(result.target.subject),
            "✓ passes" if result.passes else "✗ fails",
            f"{100 * result.reached_frac:.1f}",
            f"{100 * result.target.target_frac:.0f}",
            f"{100 * result.margin_frac + 0.0:+.1f}",
        )
    screen.out.print(table)
    for result in results:
        if not result.passes:
            screen.out.print(f"[dim]– {escape(result.sentence)}[/]", soft_wrap=True)


def _print_improvement(report: PlantReport, day: date) -> None:
    plan = report.improvements.get(day)
    if plan is None:
        return
    if not plan.best.is_feasible:
        screen.out.print(f"no added step passes: {escape(plan.best.reason)}", soft_wrap=True)
        return
    for words, blend in (("fewest steps", plan.fewest), ("most value", plan.best)):
        screen.out.print(
            f"→ {words}: add {', '.join(blend.steps)} (net {blend.net_usd / 1e6:,.1f} million USD)",
            soft_wrap=True,
        )
    screen.out.print(f"[dim]{plan.n_passing} of {plan.n_tried} sets of added steps pass[/]")


def _print_lines(worked: Throughput) -> None:
    table = _table(
        f"\nLines over {worked.days:g} days: {worked.worked_t:,.0f} t worked off, "
        f"{worked.refused_t:,.0f} t turned away",
        *("line", "load [%]", "blocked [%]", "starved [%]", "down [%]", "shift 1 [t]"),
        *("shift 2 [t]", "shift 3 [t]", "buffer mean [t]"),
    )
    for line in worked.lines:
        spent = line.shares_frac
        table.add_row(
            escape(line.title),
            f"{100 * line.load_frac:.0f}",
            *(f"{100 * spent[state]:.0f}" for state in ("blocked", "starved", "down")),
            *(f"{mass:,.0f}" for mass in line.by_shift_t),
            f"{line.buffer_mean_t:,.0f}",
        )
    screen.out.print(table)
    screen.out.print(f"bottleneck: {worked.bottleneck}; the lines are project defaults")


def _print_loop(loop: TracedLoop) -> None:
    traced = loop.traced
    screen.out.print(
        f"{len(traced.batch_of)} packs in {len(traced.balances)} batches, "
        f"{len(traced.lots)} lots of products"
    )
    table = _table("\nLots", "lot", "mass [kg]", "recovered [kg]")
    for lot in traced.lots:
        got: dict[str, Any] = lot.recovered_kg
        table.add_row(
            escape(lot.name),
            f"{lot.mass_kg:,.1f}",
            ", ".join(f"{element} {mass:,.1f}" for element, mass in got.items()),
        )
    screen.out.print(table)
    table = _table(
        "\nRecycled content", "battery", "element", "needed [kg]", "recycled [%]", "target [%]", ""
    )
    for content in loop.made.contents:
        for share in content.shares:
            wanted = share.target
            said = {True: "✓ passes", False: "✗ fails", None: "no target"}[share.passes]
            table.add_row(
                escape(content.battery_id),
                share.element,
                f"{share.need_kg:,.2f}",
                f"{100 * share.share_frac:.1f}",
                f"{100 * wanted.target_frac:.0f}" if wanted else "–",
                said,
            )
    screen.out.print(table)
    left = ", ".join(f"{element} {mass:,.1f} kg" for element, mass in loop.made.left_kg.items())
    screen.out.print(f"left in stock: {left}")
    screen.out.print(f"[dim]masses close all the way within {loop.worst_gap_frac:.0e}[/]")
