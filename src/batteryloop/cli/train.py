"""`batteryloop health train`: learn the state of health from charges or pulses."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson, Plots, RatedCapacity
from batteryloop.storage.models import write_model
from batteryloop.usecases.train_health import train_health
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.sources import read_table


class RecordKind(StrEnum):
    """What the rows of a table are."""

    CHARGE_FEATURES = "charge-features"
    PULSES = "pulses"


def train(
    table: Annotated[
        Path,
        typer.Argument(
            help="CSV or Parquet, one row a record: cell, soh_frac (or capacity), the features.",
            show_default=False,
        ),
    ],
    kind: Annotated[RecordKind, typer.Option(help="What the rows are.", show_default=False)],
    out: Annotated[
        Path, typer.Option(help="The model's file; its card is written beside it.")
    ] = Path("models/health.npz"),
    rated_capacity_ah: RatedCapacity = None,
    seed: Annotated[int, typer.Option(help="Seed of folds and learners.", min=0)] = 0,
    plots: Plots = None,
    as_json: AsJson = False,
) -> None:
    """Learn the state of health from cells whose capacity was measured; write model and card.

    Example: `batteryloop health train pulses.parquet --kind pulses --out models/lmo.npz`
    """
    model, card = train_health(
        read_table(table),
        kind.value,
        seeded(seed),
        data=table.name,
        rated_capacity_ah=rated_capacity_ah,
    )
    arrays, plain = model.as_arrays()
    paths = write_model(out.parent, out.with_suffix("").name, arrays, {**card, "parts": plain})
    if plots is not None:
        from batteryloop.cli.grade_plot import write_errors

        write_errors(card, plots)
    if as_json:
        screen.print_json({"model": str(paths[0]), "card": card})
        return
    _print(card)
    screen.out.print(f"model: {paths[0]}\ncard: {paths[1]}", soft_wrap=True)
    if plots is not None:
        screen.out.print(f"plots: {plots}", soft_wrap=True)


def _print(card: dict[str, Any]) -> None:
    screen.out.print(f"Learned from {card['n_cells']} cells, each judged by what never saw it")
    table = Table(box=None, pad_edge=False)
    table.add_column("group", no_wrap=True)
    for name in ("cells", "error [%]", "within 90 % intervals [%]"):
        table.add_column(name, justify="right")
    groups = {**card["error_by_group"], "together": card}
    for name, group in groups.items() if len(groups) > 2 else [("together", card)]:
        table.add_row(
            escape(name),
            str(group["n_cells"]),
            f"{100 * group['error_mean_frac']:.2f}",
            f"{100 * group['coverage_frac']:.0f}",
        )
    screen.out.print(table)
