"""The command `batteryloop health shape`: what the curves tell beyond capacity."""

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
from batteryloop.health.shape import DeeperReport
from batteryloop.quantities import Estimate
from batteryloop.usecases.examine_shape import examine_shape
from batteryloop.wiring.sources import read_ocv, telemetry_source


def shape(
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
    """Examine the curves: dQ/dV peaks, lost lithium and material, resistance in use, SoC checked.

    Example: `batteryloop health shape lake/ --chemistry NMC622 --plots plots/`
    """
    source = telemetry_source(paths, mapping=mapping)
    parts = examine_shape(
        source,
        default_identity(chemistry, rated_capacity_ah, cells_in_series),
        ocv=read_ocv(ocv) if ocv else None,
        confidence_frac=checked_confidence(confidence),
    )

    def entry(report: DeeperReport) -> dict[str, Any]:
        if plots is not None:
            from batteryloop.cli.shape_plots import write_shape_plots

            write_shape_plots(report, plots)
        return report.as_dict()

    batch = batch_of(parts, n_parts=source.n_parts, words="examining", entry=entry)
    if as_json:
        screen.print_json(batch.entries)
    else:
        for report in batch.made:
            _print(report)
        screen.print_findings([f for report in batch.made for f in report.findings])
        if plots is not None and batch.made:
            screen.out.print(f"plots: {plots}")
    batch.end()


_LINES = (
    ("lithium_loss_frac", "lithium lost [%]", 100.0, 1),
    ("negative_loss_frac", "negative electrode lost [%]", 100.0, 1),
    ("positive_loss_frac", "positive electrode lost [%]", 100.0, 1),
    ("resistance_10s_ohm", "R after 10 s, 25 °C [mΩ]", 1e3, 2),
    ("resistance_trend_per_year", "R growth [%/year]", 100.0, 1),
    ("series_resistance_trend_per_year", "series R growth [%/year]", 100.0, 1),
    ("soc_offset_frac", "reported SoC too high by [%]", 100.0, 1),
    ("soc_slope_frac", "reported SoC per true SoC", 1.0, 2),
    ("capacity_by_soc_ah", "capacity by SoC put right [Ah]", 1.0, 2),
)


def _print(report: DeeperReport) -> None:
    sure = round(100 * report.confidence_frac)
    mark = "   SIMULATED" if report.is_simulated else ""
    table = Table(
        title=f"{escape(report.identity.battery_id)}, {sure} % intervals in brackets{mark}",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("figure", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("how, or why not")
    for name, words, factor, decimals in _LINES:
        estimate = report.estimates[name]
        how = estimate.method if estimate.is_known else estimate.reason
        table.add_row(escape(words), _said(estimate, factor, decimals), f"[dim]{escape(how)}[/]")
    screen.out.print(table)
    if report.tracks:
        screen.out.print(_tracks(report))
    else:
        why = report.no_curve_reason or "no peak is seen in a third of the curves"
        screen.out.print(f"[dim]– no dQ/dV peaks followed: {escape(why)}[/]", soft_wrap=True)


def _said(estimate: Estimate, factor: float, decimals: int) -> str:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "–"
    value, low, high = (factor * x for x in (estimate.value, estimate.low, estimate.high))
    return f"{value:.{decimals}f} ({low:.{decimals}f} to {high:.{decimals}f})"


def _tracks(report: DeeperReport) -> Table:
    table = Table(
        title=f"dQ/dV peaks, {report.conditions}, smoothed by {report.smoothing_v * 1e3:.0f} mV",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    for name in (
        "peak",
        "curves",
        "position [V]",
        "moved [mV]",
        "height now/then [%]",
        "area now/then [%]",
    ):
        table.add_column(name, justify="right", no_wrap=True)
    for track in report.tracks:
        table.add_row(
            str(track.peak),
            str(track.n_curves),
            _said(track.position_v, 1.0, 3),
            _said(track.position_change_v, 1e3, 1),
            _said(track.height_ratio_frac, 100.0, 1),
            _said(track.area_ratio_frac, 100.0, 1),
        )
    return table
