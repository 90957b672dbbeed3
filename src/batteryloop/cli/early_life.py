"""`batteryloop health train-early` and `forecast-early`: life from the first hundred cycles."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.errors import FileDamaged
from batteryloop.health.lifetime.early_life import EarlyLifeModel
from batteryloop.storage.models import read_model, write_model
from batteryloop.usecases.forecast_early import EarlyForecast, forecast_early, train_early
from batteryloop.usecases.ports import Refusal
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.sources import read_table

NAME = "early-life"
ChargeTable = Annotated[
    Path,
    typer.Argument(
        help="CSV or Parquet, one row a cycle: cell, capacity, charge features.",
        show_default=False,
    ),
]


def train(
    table: ChargeTable,
    threshold_ah: Annotated[
        float,
        typer.Option(help="Capacity that ends a life, in Ah.", show_default=False),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder for the model and its card, made if need be.")
    ] = Path("models"),
    seed: Annotated[int, typer.Option(help="Seed of folds and trees.", min=0)] = 0,
    as_json: AsJson = False,
) -> None:
    """Learn to tell lives from the first 100 charges, on cells that were run to their end.

    Example: `batteryloop health train-early cells.parquet --threshold-ah 0.935 --out models/`
    """
    model, card = train_early(read_table(table), threshold_ah, seeded(seed), data=table.name)
    paths = write_model(out, NAME, model.as_arrays(), card)
    if as_json:
        screen.print_json({"model": str(paths[0]), "card": card})
        return
    screen.out.print(
        f"{card['n_cells']} cells: error {card['error_mean_frac']:.1%} of the life on cells left "
        f"out, {card['coverage_frac']:.0%} within 90 % intervals",
        soft_wrap=True,
    )
    screen.out.print(f"model: {paths[0]}\ncard: {paths[1]}", soft_wrap=True)


def forecast(
    table: ChargeTable,
    model: Annotated[
        Path, typer.Option("--model", help="Folder that `train-early` wrote into.")
    ] = Path("models"),
    as_json: AsJson = False,
) -> None:
    """Tell the life of each cell of a table from its first 100 charges.

    Example: `batteryloop health forecast-early new-cells.parquet --model models/`
    """
    arrays, card = read_model(model, NAME)
    try:
        trained = EarlyLifeModel.from_arrays(arrays)
    except KeyError as exc:
        raise FileDamaged(str(model), f"lacks {exc}", next_step="train it anew") from exc
    parts = list(forecast_early(read_table(table), trained))
    told = [part for part in parts if isinstance(part, EarlyForecast)]
    refusals = [part for part in parts if isinstance(part, Refusal)]
    if as_json:
        refused: list[dict[str, Any]] = [refusal.as_dict() for refusal in refusals]
        cells = [part.as_dict() for part in told]
        screen.print_json({"cells": cells, "refused": refused, "card": card})
    elif told:
        _print(told, card)
    screen.print_refusals(refusals)
    if refusals and not told:
        raise typer.Exit(2)


def _print(told: list[EarlyForecast], card: dict[str, Any]) -> None:
    table = Table(
        title=f"Life to {card['threshold_ah']:g} Ah, 90 % intervals in brackets",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("cell", no_wrap=True)
    table.add_column("full cycles", justify="right", no_wrap=True)
    table.add_column("why not")
    for cell in told:
        life = cell.end_of_life_efc
        table.add_row(cell.battery_id, screen.interval(life, decimals=0), escape(life.reason))
    screen.out.print(table)
