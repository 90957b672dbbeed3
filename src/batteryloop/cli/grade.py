"""`batteryloop health grade`: grades of cells by a model from `health train`, or abstaining."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson, Confidence, Plots, checked_confidence
from batteryloop.health.learned.grade import USUAL, thresholds_of
from batteryloop.usecases.grade_cells import GradedCell, grade_cells
from batteryloop.usecases.ports import Refusal
from batteryloop.wiring.health_models import read_health_model
from batteryloop.wiring.sources import read_table


def grade(
    table: Annotated[
        Path,
        typer.Argument(
            help="CSV or Parquet, one row a record: cell and the features.", show_default=False
        ),
    ],
    model: Annotated[
        Path, typer.Option("--model", help="The model's file that `train` wrote.")
    ] = Path("models/health.npz"),
    thresholds: Annotated[
        str, typer.Option(help="For each grade the least state of health.")
    ] = USUAL,
    abstain_above_frac: Annotated[
        float | None,
        typer.Option(
            "--abstain-above",
            help="Abstain where half of the interval is wider than this share of the value; "
            "if not given, as wide as 90 % of the training cells had it.",
            min=0.0,
        ),
    ] = None,
    confidence: Confidence = 0.9,
    plots: Plots = None,
    as_json: AsJson = False,
) -> None:
    """Grade each cell of a table by its state of health, or abstain and say why.

    Example: `batteryloop health grade returns.parquet --model models/lmo.npz --thresholds A=0.8`
    """
    trained, card = read_health_model(model.parent, model.with_suffix("").name)
    bounds = thresholds_of(thresholds)
    graded: list[GradedCell] = []
    refusals: list[Refusal] = []
    for part in grade_cells(
        read_table(table),
        trained,
        bounds,
        halfwidth_max_frac=abstain_above_frac,
        confidence_frac=checked_confidence(confidence),
    ):
        if isinstance(part, Refusal):
            refusals.append(part)
        else:
            graded.append(part)
    if plots is not None and graded:
        from batteryloop.cli.grade_plot import write_grades

        write_grades(graded, bounds, table.stem, plots)
    if as_json:
        refused = [refusal.as_dict() for refusal in refusals]
        cells = [cell.as_dict() for cell in graded]
        screen.print_json({"cells": cells, "refused": refused, "card": card})
    elif graded:
        _print(graded)
        if plots is not None:
            screen.out.print(f"plots: {plots}", soft_wrap=True)
    screen.print_refusals(refusals)
    if refusals and not graded:
        raise typer.Exit(2)


def _print(graded: list[GradedCell]) -> None:
    sure = round(100 * graded[0].soh_frac.confidence_frac)
    table = Table(
        title=f"Grades, {sure} % intervals in brackets",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("cell", no_wrap=True)
    table.add_column("grade", no_wrap=True)
    table.add_column("SoH [%]", justify="right", no_wrap=True)
    table.add_column("remark")
    for cell in graded:
        remark = cell.grade.reason
        if not remark and not cell.grade.is_sure:
            remark = "the interval reaches into another grade"
        soh = screen.interval(cell.soh_frac, decimals=1, is_percent=True)
        table.add_row(escape(cell.battery_id), escape(cell.grade.name), soh, escape(remark))
    screen.out.print(table)
    counts = Counter(cell.grade.name for cell in graded)
    said = ", ".join(f"{name} {n}" for name, n in sorted(counts.items()))
    screen.out.print(f"[dim]{len(graded)} cells: {escape(said)}[/]", soft_wrap=True)
