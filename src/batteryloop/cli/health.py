"""The commands of `batteryloop health`: how is it, and how sure is that."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import early_life, screen
from batteryloop.cli.batch import batch_of
from batteryloop.cli.features import features
from batteryloop.cli.forecast import forecast
from batteryloop.cli.grade import grade
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
from batteryloop.cli.shape import shape
from batteryloop.cli.train import train
from batteryloop.cli.watch import watch
from batteryloop.health import HealthReport
from batteryloop.quantities import QUANTITIES, label
from batteryloop.usecases.evaluate_fleet import evaluate_fleet
from batteryloop.wiring.sources import read_ocv, telemetry_source

app = typer.Typer(help="Judge how healthy batteries are, with intervals.", no_args_is_help=True)
app.command("forecast")(forecast)
app.command("shape")(shape)
app.command("watch")(watch)
app.command("features")(features)
app.command("train")(train)
app.command("grade")(grade)
app.command("train-early")(early_life.train)
app.command("forecast-early")(early_life.forecast)


@app.command()
def evaluate(
    paths: Paths,
    rated_capacity_ah: RatedCapacity = None,
    chemistry: Chemistry = None,
    ocv: Annotated[
        Path | None,
        typer.Option("--ocv", help="Open-circuit voltage of a cell: CSV of soc_frac, voltage_v."),
    ] = None,
    mapping: Mapping = None,
    cells_in_series: CellsInSeries = 1,
    confidence: Confidence = 0.9,
    plots: Plots = None,
    as_json: AsJson = False,
) -> None:
    """Judge the health of every battery in the files or the lake.

    Example: `batteryloop health evaluate lake/ --rated-capacity-ah 66.2 --plots plots/`
    """
    source = telemetry_source(paths, mapping=mapping)
    parts = evaluate_fleet(
        source,
        default_identity(chemistry, rated_capacity_ah, cells_in_series),
        ocv=read_ocv(ocv) if ocv else None,
        confidence_frac=checked_confidence(confidence),
    )

    def entry(report: HealthReport) -> dict[str, Any]:
        if plots is not None:
            from batteryloop.cli.plots import write_plots

            write_plots(report, plots)
        return report.as_dict()

    batch = batch_of(parts, n_parts=source.n_parts, words="judging", entry=entry, empty=_EMPTY)
    if as_json:
        screen.print_json(batch.entries)
    else:
        print_reports(batch.made)
        if plots is not None and batch.made:
            screen.out.print(f"plots: {plots}")
    batch.end()


_EMPTY: dict[str, Any] = {
    "soh_frac": None,
    "soh_low_frac": None,
    "soh_high_frac": None,
    "capacity_ah": None,
    "method": "",
    "n_rows": 0,
    "findings": [],
}


def print_reports(reports: list[HealthReport]) -> None:
    """Print one row a battery, how each was judged, why a figure is not given, the findings."""
    if not reports:
        return
    sure = round(100 * reports[0].confidence_frac)
    table = Table(
        title=f"Health, {sure} % intervals in brackets",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("battery", no_wrap=True)
    for name in ("SoH [%]", "capacity [Ah]", escape("R at 25 °C [mΩ]"), "full cycles"):
        table.add_column(name, justify="right", no_wrap=True)
    for report in reports:
        table.add_row(
            report.identity.battery_id,
            screen.interval(report.soh_frac, decimals=1, is_percent=True),
            screen.interval(report.capacity_ah, decimals=2),
            screen.interval(report.resistance_ohm.scaled(1e3, "resistance_ohm"), decimals=2),
            screen.value(report.equivalent_full_cycles, decimals=1),
        )
    screen.out.print(table)
    _print_methods(reports)
    _print_reasons(reports)
    screen.print_findings([f for report in reports for f in report.findings])


def _print_methods(reports: list[HealthReport]) -> None:
    methods = Counter(r.capacity_ah.method for r in reports if r.capacity_ah.is_known)
    for method, n in methods.most_common():
        screen.out.print(f"[dim]capacity by {escape(method)}: {_batteries(n)}[/]", soft_wrap=True)
    n_simulated = sum(report.is_simulated for report in reports)
    if n_simulated:
        screen.out.print(f"[bold]SIMULATED[/]: {_batteries(n_simulated)}")


def _print_reasons(reports: list[HealthReport]) -> None:
    shown = ["soh_frac", "capacity_ah", "resistance_ohm"]
    if len(reports) == 1:
        shown.append("self_discharge_per_day")
    why = Counter(
        (name, report.reasons[name])
        for report in reports
        for name in shown
        if name in report.reasons
    )
    for (name, reason), n in why.most_common(6):
        words = label(name) if name in QUANTITIES else name.replace("_", " ")
        screen.out.print(
            f"[dim]– no {escape(words)} for {_batteries(n)}: {escape(reason)}[/]", soft_wrap=True
        )
    if len(why) > 6:
        screen.out.print(f"[dim]– and {len(why) - 6} more reasons; --json has them all[/]")


def _batteries(n: int) -> str:
    return "1 battery" if n == 1 else f"{n} batteries"
