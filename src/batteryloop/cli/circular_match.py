"""`batteryloop circular match`: which modules make a pack together."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.circular.remanufacture.types import PackDesign
from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.errors import OptionWrong
from batteryloop.usecases.match_modules import Matched, match_modules
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.clock import now
from batteryloop.wiring.sources import read_table

_MOST = 20


def match(
    modules: Annotated[
        Path,
        typer.Argument(help="CSV or Parquet, one row a module; see the guide.", show_default=False),
    ],
    pack: Annotated[
        str, typer.Option(help="Modules in series, or in series and in parallel: 8 or 12x2.")
    ] = "8",
    rated_capacity_ah: Annotated[
        float,
        typer.Option(help="Rated capacity of the pack in Ah; asks the legal gate.", min=0.0),
    ] = 0.0,
    objective: Annotated[str, typer.Option(help="spread, capacity or resistance.")] = "spread",
    on: Annotated[
        datetime | None,
        typer.Option(help="Day whose gates hold; today if not given.", formats=["%Y-%m-%d"]),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the search.", min=0)] = 0,
    as_json: AsJson = False,
) -> None:
    """Match modules into packs by capacity, resistance, self-discharge and temperature.

    Example: `batteryloop circular match modules.csv --pack 8 --rated-capacity-ah 35`
    """
    found = match_modules(
        read_table(modules),
        _design(pack, rated_capacity_ah),
        on=(on or now()).date(),
        rng=seeded(seed),
        objective=objective,
    )
    if as_json:
        screen.print_json(found.as_dict())
        return
    _print(found)
    screen.print_refusals(found.refusals)


def _design(text: str, rated_capacity_ah: float) -> PackDesign:
    series, _, parallel = text.lower().partition("x")
    try:
        return PackDesign(int(series), int(parallel or 1), rated_capacity_ah)
    except ValueError:
        raise OptionWrong("--pack", repr(text), "such as 8 or 12x2") from None


def _print(found: Matched) -> None:
    result = found.matching
    table = Table(title="Matched packs", title_justify="left", box=None, pad_edge=False)
    table.add_column("pack", no_wrap=True)
    for name in (r"capacity \[Ah]", r"used \[%]", r"spread \[%]", "from packs"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("remanufactured?")
    for row in result.packs[:_MOST]:
        table.add_row(
            row.pack_id,
            f"{row.capacity_ah:.2f}",
            f"{row.usable_frac:.1%}".rstrip("%"),
            f"{row.spread_frac:.1%}".rstrip("%"),
            str(len(row.origins)),
            escape("; ".join(row.gate)) or "as far as asked",
        )
    screen.out.print(table)
    if len(result.packs) > _MOST:
        screen.out.print(f"[dim]… and {len(result.packs) - _MOST} more; --json has them all[/]")
    proof = "proven least" if result.is_exact else f"none can be below {result.bound:.2f}"
    screen.out.print(
        f"{len(result.packs)} packs use {result.usable_frac:.1%} of the capacity, as they came "
        f"{result.usable_random_frac:.1%}; squared spread {result.spread:.2f} in "
        f"{', '.join(result.features)} ({proof}); {len(result.left_over)} modules left over",
        soft_wrap=True,
    )
    screen.out.print(f"hands: {found.work.hours_h:,.0f} h", soft_wrap=True)
