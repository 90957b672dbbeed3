"""`batteryloop circular repurpose`: a second-life storage sized, aged and valued for a use."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.markdown import Markdown

from batteryloop.circular.repurpose import Promise, Site, design_sheet
from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.errors import OptionWrong
from batteryloop.usecases.size_second_life import graded_modules, hourly, size_second_life
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.sources import read_table


def repurpose(
    modules: Annotated[
        Path,
        typer.Argument(
            help="CSV: module_id, chemistry, energy_kwh, soh_frac; soh_low_frac, soh_high_frac, "
            "price_eur.",
            show_default=False,
        ),
    ],
    prices: Annotated[
        str,
        typer.Option(
            "--prices",
            help="CSV of hourly prices, EUR/kWh; FILE or FILE:COLUMN.",
            show_default=False,
        ),
    ],
    use: Annotated[
        str,
        typer.Option(
            "--use",
            help="`peak-shaving`, `self-consumption`, `fast-charge-buffer` or `grid-service`.",
        ),
    ] = "self-consumption",
    load: Annotated[
        str, typer.Option("--load", help="Hourly load, kW: FILE, FILE:COLUMN or one number.")
    ] = "0",
    pv: Annotated[
        str, typer.Option("--pv", help="Hourly sun, kW per kWp: FILE or FILE:COLUMN.")
    ] = "",
    sun_kw: Annotated[float, typer.Option("--kwp", help="Panels, kWp.", min=0.0)] = 0.0,
    export_frac: Annotated[
        float,
        typer.Option(
            "--export", help="What feeding in earns, share of the price.", min=0.0, max=1.0
        ),
    ] = 0.5,
    peak_eur_per_kw: Annotated[
        float, typer.Option("--peak", help="Demand charge, EUR per kW and month.", min=0.0)
    ] = 0.0,
    connection_kw: Annotated[
        float | None, typer.Option("--connection", help="What the connection takes, kW.", min=0.0)
    ] = None,
    unserved_eur_per_kwh: Annotated[
        float, typer.Option("--unserved", help="Cost of a kWh not served, EUR.", min=0.0)
    ] = 1.0,
    reserve_eur_per_kw_h: Annotated[
        float, typer.Option("--reserve", help="Pay for a kW held ready an hour, EUR.", min=0.0)
    ] = 0.0,
    term_years: Annotated[int, typer.Option("--term", help="Years of the warranty.", min=1)] = 8,
    promise_frac: Annotated[
        float, typer.Option("--promise", help="Share promised to be left then.", min=0.0, max=1.0)
    ] = 0.7,
    temperature_degc: Annotated[
        float, typer.Option("--temperature", help="Of the cells, degrees Celsius.")
    ] = 25.0,
    sheet: Annotated[
        Path | None, typer.Option("--sheet", help="Write the design sheet there, as Markdown.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed, the same draws.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Size a second-life storage from graded modules: how large, how long, what worth.

    Example: `batteryloop circular repurpose modules.csv --prices prices.csv --load 20`
    """
    price = _series("--prices", prices)
    sun = sun_kw * _series("--pv", pv) if pv else np.zeros(price.size)
    used = _series("--load", load) if not _number(load) else np.full(price.size, float(load))
    n = min(price.size, sun.size, used.size)
    site = Site(
        price[:n],
        used[:n],
        sun[:n],
        export_frac,
        peak_eur_per_kw,
        float("inf") if connection_kw is None else connection_kw,
        unserved_eur_per_kwh,
        reserve_eur_per_kw_h,
    )
    graded, refused = graded_modules(read_table(modules))
    plan = size_second_life(
        use,
        graded,
        site,
        seeded(seed),
        promise=Promise(term_years, promise_frac, temperature_degc),
        refused=refused,
    )
    if sheet and plan.designs:
        sheet.write_text(design_sheet(plan.designs), encoding="utf-8")
    if as_json:
        screen.print_json(plan.as_dict())
    elif plan.designs:
        screen.out.print(Markdown(design_sheet(plan.designs)))
    screen.print_refusals(plan.refused)
    if not plan.designs:
        raise typer.Exit(2)


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _series(option: str, text: str) -> np.ndarray:
    """Return the hours of FILE or FILE:COLUMN."""
    name, _, column = text.rpartition(":")
    path = Path(text) if Path(text).exists() or not name else Path(name)
    found = hourly(read_table(path), column if path != Path(text) else None)
    if not found.size:
        raise OptionWrong(option, f"{text} holds no number", "a number every hour")
    return np.asarray(found, dtype=float)
