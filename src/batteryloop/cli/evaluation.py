"""The commands of `batteryloop evaluation`: one report of a battery's whole state."""

from dataclasses import replace
from datetime import UTC, datetime
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
    RatedCapacity,
    checked_confidence,
    default_identity,
)
from batteryloop.errors import OptionWrong
from batteryloop.evaluation import EvaluationReport, Options, passport_values
from batteryloop.evaluation.figures import shown
from batteryloop.health.lifetime.population import shipped_population
from batteryloop.record.categories import Application
from batteryloop.usecases.evaluate_battery import EvaluationOrder, evaluate_batteries
from batteryloop.usecases.recompute_evaluation import Recomputed, recompute_evaluation
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.clock import now
from batteryloop.wiring.evaluations import (
    SOFTWARE,
    About,
    read_about,
    read_evaluation,
    read_profile,
    write_evaluation,
)
from batteryloop.wiring.sources import read_ocv, telemetry_source

app = typer.Typer(
    help="Evaluate batteries whole: usage, health, degradation, recycling responsibility.",
    no_args_is_help=True,
)

_Report = Annotated[
    Path, typer.Argument(metavar="FILE", help="A report's JSON, as `evaluation report` writes it.")
]


@app.command()
def report(
    paths: Paths,
    about: Annotated[
        Path | None,
        typer.Option(help="What is stated of the batteries, and their parties (TOML)."),
    ] = None,
    category: Annotated[
        Application | None,
        typer.Option(help="What the batteries are used in; the legal category follows."),
    ] = None,
    country: Annotated[
        str | None, typer.Option(help="Where they are: two letters of ISO 3166-1.")
    ] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(
            help="A rule to judge by: a shipped name or a TOML file; may be repeated. "
            "Without it all shipped ones that concern the category."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for a JSON and an HTML page of each battery.")
    ] = None,
    rated_capacity_ah: RatedCapacity = None,
    chemistry: Chemistry = None,
    ocv: Annotated[
        Path | None,
        typer.Option("--ocv", help="Open-circuit voltage of a cell: CSV of soc_frac, voltage_v."),
    ] = None,
    mapping: Mapping = None,
    cells_in_series: CellsInSeries = 1,
    confidence: Confidence = 0.9,
    at: Annotated[
        datetime | None, typer.Option(help="The moment of the evaluation, UTC; now, without it.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the forecast's draws.", min=0)] = 0,
    as_json: AsJson = False,
) -> None:
    """Evaluate every battery in the files or the lake: one report with a grade and its reasons.

    Example: `batteryloop evaluation report lake/ --category car --country DE --out reports/`
    """
    source = telemetry_source(paths, mapping=mapping)
    stated = read_about(about) if about else About()
    statement = replace(
        stated.statement,
        application=category or stated.statement.application,
        country=country or stated.statement.country,
    )
    order = EvaluationOrder(
        software=SOFTWARE,
        evaluated_at=at.replace(tzinfo=at.tzinfo or UTC) if at else now(),
        statement=statement,
        parties=stated.parties,
        profiles=tuple(map(read_profile, profile)) if profile else None,
        options=Options(confidence_frac=checked_confidence(confidence), seed=seed),
        ocv=read_ocv(ocv) if ocv else None,
        paths=tuple(map(str, paths)),
        mapping=str(mapping) if mapping else "",
    )
    parts = evaluate_batteries(
        source,
        default_identity(chemistry, rated_capacity_ah, cells_in_series),
        order,
        shipped_population(),
        seeded,
    )

    def entry(made: EvaluationReport) -> dict[str, Any]:
        if out is not None:
            from batteryloop.web.evaluation_page import evaluation_page

            write_evaluation(made, out, evaluation_page(made))
        return made.as_dict()

    batch = batch_of(parts, n_parts=source.n_parts, words="evaluating", entry=entry)
    if as_json:
        screen.print_json(batch.entries)
    else:
        _print_reports(batch.made)
        if out is not None and batch.made:
            screen.out.print(f"reports: {out}")
    batch.end()


_SHOWN = ("soh_energy_frac", "soh_power_frac", "equivalent_full_cycles", "fade_per_year")


def _print_reports(reports: list[EvaluationReport]) -> None:
    if not reports:
        return
    sure = round(100 * reports[0].inputs.options.confidence_frac)
    table = Table(
        title=f"Unified evaluation, {sure} % intervals in brackets",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("battery", no_wrap=True)
    table.add_column("grade", no_wrap=True)
    for name in ("energy left", "power left", "full cycles", "fade"):
        table.add_column(name, justify="right", no_wrap=True)
    for made in reports:
        grade = "–" if made.grade is None else made.grade.short
        figures = [shown(name, made.figure(name).estimate) for name in _SHOWN]
        table.add_row(escape(made.battery_id), grade, *figures)
    screen.out.print(table)
    for made in reports:
        for line in _said(made):
            screen.out.print(f"[dim]{escape(made.battery_id)}: {escape(line)}[/]", soft_wrap=True)
    n_simulated = sum(made.is_simulated for made in reports)
    if n_simulated:
        screen.out.print(f"[bold]SIMULATED[/]: {n_simulated} of {len(reports)} batteries")


def _said(made: EvaluationReport) -> list[str]:
    """Return what a person asks next: why this grade, which bounds, who takes it back."""
    grade = [] if made.grade is None else [f"grade {reason}" for reason in made.grade.reasons]
    bounds = [
        f"{v.name} ({v.profile}): {v.decision}" for v in made.verdicts if v.decision in _DECIDED
    ]
    open_ = sum(p.availability == "unknown" for p in made.parameters if p.obligation == "mandatory")
    asked = sum(p.obligation == "mandatory" for p in made.parameters)
    missing = [f"{open_} of {asked} parameters that law asks for are not known"] if asked else []
    back = [made.responsibility.take_back] if made.responsibility.take_back else []
    return [*grade, *bounds, *missing, *back, *made.notes]


_DECIDED = ("met", "missed", "cannot tell")


@app.command()
def verify(
    file: _Report,
    telemetry: Annotated[
        list[Path] | None,
        typer.Option(help="Where its telemetry is now, if not where the report says."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a report again from the inputs it records, and compare every byte.

    Ends with 2 where it comes out otherwise.

    Example: `batteryloop evaluation verify reports/P001-evaluation.json --telemetry lake/`
    """
    then = read_evaluation(file)
    recorded = then.inputs.telemetry
    paths = telemetry or [Path(path) for path in recorded.paths]
    if not paths:
        raise OptionWrong("--telemetry", "not given", "where the telemetry is", "name the file")
    mapping = Path(recorded.mapping) if recorded.mapping else None
    source = telemetry_source(paths, mapping=mapping)
    again = recompute_evaluation(then, source, SOFTWARE, shipped_population(), seeded)
    if as_json:
        screen.print_json(again.as_dict())
    else:
        _print_recomputed(again)
    if not again.is_same:
        raise typer.Exit(2)


_MOST = 12


def _print_recomputed(again: Recomputed) -> None:
    name = escape(again.report.battery_id)
    if again.is_same:
        screen.out.print(f"{name}: the same, byte for byte")
        return
    what = "the telemetry is the same" if again.is_telemetry_same else "the telemetry is another"
    screen.out.print(f"{name}: [bold]not the same[/]; {what}")
    for odd in again.differences[:_MOST]:
        screen.out.print(escape(f"  {odd.place}: {odd.then} → {odd.now}"), soft_wrap=True)
    if len(again.differences) > _MOST:
        screen.out.print(f"  and {len(again.differences) - _MOST} more; --json has them")


@app.command()
def passport(file: _Report, as_json: AsJson = False) -> None:
    """Say what a report gives for a passport: each attribute with interval, method, or why not.

    Example: `batteryloop evaluation passport reports/P001-evaluation.json`
    """
    values = passport_values(read_evaluation(file))
    if as_json:
        screen.print_json({name: value.as_dict() for name, value in values.items()})
        return
    table = Table(title="For the passport", title_justify="left", box=None, pad_edge=False)
    table.add_column("attribute", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("how, or why not")
    for name, value in values.items():
        how = value.reason if value.value is None else value.method
        table.add_row(name, _figure(value.value, value.low, value.high), value.unit, escape(how))
    screen.out.print(table)


def _figure(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "–"
    bounds = "" if low is None or high is None or low == high else f" ({low:.4g} to {high:.4g})"
    return f"{value:.4g}{bounds}"
