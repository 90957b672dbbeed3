"""The commands of `batteryloop telemetry`: what did the battery say."""

from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.options import (
    AsJson,
    CellsInSeries,
    Chemistry,
    Mapping,
    Paths,
    RatedCapacity,
    default_identity,
)
from batteryloop.errors import OptionWrong
from batteryloop.telemetry import Finding, Recording
from batteryloop.usecases.import_telemetry import import_telemetry
from batteryloop.usecases.ports import Refusal
from batteryloop.usecases.read_telemetry import read_telemetry
from batteryloop.usecases.summarise_cycles import summarise_cycles
from batteryloop.wiring.sources import new_lake, telemetry_source

app = typer.Typer(help="Read, check and import what batteries leave behind.", no_args_is_help=True)

OutFile = Annotated[
    Path | None, typer.Option("--out", help="Write the table there: .parquet, .csv or .json.")
]


def _end(n_good: int, refusals: list[Refusal]) -> None:
    screen.print_refusals(refusals)
    if refusals and not n_good:
        raise typer.Exit(2)


def _summary(recording: Recording) -> dict[str, Any]:
    frame = recording.frame
    worst = [f for f in recording.findings if f.severity != "note"]
    voltage = next(
        (
            n
            for n in ("voltage_v", "cell_voltage_mean_v", "cell_voltage_max_v")
            if n in frame.columns
        ),
        None,
    )
    return {
        "battery_id": frame.item(0, "battery_id") if frame.height else "",
        "file": recording.source.name,
        "format": recording.source.format,
        "n_rows": frame.height,
        "started_at": frame.get_column("time").min(),
        "ended_at": frame.get_column("time").max(),
        "is_time_relative": recording.source.is_time_relative,
        "current_min_a": frame.get_column("current_a").min(),
        "current_max_a": frame.get_column("current_a").max(),
        "voltage_min_v": frame.get_column(voltage).min() if voltage else None,
        "voltage_max_v": frame.get_column(voltage).max() if voltage else None,
        "columns": list(frame.columns),
        "n_findings": len(recording.findings),
        "n_warnings": len(worst),
        "is_simulated": recording.source.is_simulated,
        "sha256": recording.source.sha256,
        "metadata": recording.source.metadata,
        "findings": [f.as_dict() for f in recording.findings],
    }


def _overview(summaries: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("battery", overflow="ellipsis", no_wrap=True, max_width=26)
    table.add_column("format", no_wrap=True)
    for name in ("rows", "hours", "voltage [V]", "current [A]", "findings"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in summaries:
        hours = (one["ended_at"] - one["started_at"]).total_seconds() / 3600
        grave = f"▲ {one['n_warnings']} of " if one["n_warnings"] else ""
        table.add_row(
            one["battery_id"] + (" SIMULATED" if one["is_simulated"] else ""),
            one["format"],
            f"{one['n_rows']:,}",
            f"{hours:,.2f}" if hours < 100 else f"{hours:,.0f}",
            _range(one["voltage_min_v"], one["voltage_max_v"]),
            _range(one["current_min_a"], one["current_max_a"]),
            f"{grave}{one['n_findings']}",
        )
    return table


def _range(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{low:.3g} … {high:.3g}"


@app.command()
def read(
    paths: Paths,
    mapping: Mapping = None,
    chemistry: Chemistry = None,
    cells_in_series: CellsInSeries = 1,
    out: OutFile = None,
    as_json: AsJson = False,
) -> None:
    """Read files of any known format, check them, and show what was found.

    Example: `batteryloop telemetry read exports/ --chemistry NMC622`
    """
    source = telemetry_source(paths, mapping=mapping)
    default = default_identity(chemistry, None, cells_in_series)
    summaries: list[dict[str, Any]] = []
    refusals: list[Refusal] = []
    frames: list[pl.DataFrame] = []
    findings: list[Finding] = []
    parts = read_telemetry(source, default)
    for part in screen.with_progress(parts, n_parts=source.n_parts, words="reading"):
        if isinstance(part, Refusal):
            refusals.append(part)
            continue
        recording = part[1]
        summaries.append(_summary(recording))
        findings.extend(recording.findings)
        if out is not None:
            frames.append(recording.frame)
    if out is not None and frames:
        write_table(pl.concat(frames, how="diagonal"), out)
    if as_json:
        screen.print_json(
            {"recordings": summaries, "refused": [refusal.as_dict() for refusal in refusals]}
        )
    elif summaries:
        screen.out.print(_overview(summaries))
        screen.print_findings(findings)
    _end(len(summaries), refusals)


@app.command("cycles")
def cycles_command(
    paths: Paths,
    mapping: Mapping = None,
    cells_in_series: CellsInSeries = 1,
    end_voltage_v: Annotated[
        float | None,
        typer.Option(
            "--end-voltage-v", help="Count a discharge only down to this voltage of the battery."
        ),
    ] = None,
    out: OutFile = None,
    as_json: AsJson = False,
) -> None:
    """Show capacity, energy, efficiency and resistance of each cycle.

    Example: `batteryloop telemetry cycles lake/ --out cycles.csv`
    """
    source = telemetry_source(paths, mapping=mapping)
    default = default_identity(None, None, cells_in_series)
    tables: list[pl.DataFrame] = []
    findings: list[Finding] = []
    refusals: list[Refusal] = []
    parts = summarise_cycles(source, default, end_voltage_v=end_voltage_v)
    for part in screen.with_progress(parts, n_parts=source.n_parts, words="counting cycles"):
        if isinstance(part, Refusal):
            refusals.append(part)
        else:
            tables.append(part[0])
            findings.extend(part[1])
    whole = pl.concat(tables, how="diagonal") if tables else pl.DataFrame()
    if out is not None and tables:
        write_table(whole, out)
    if as_json:
        screen.print_json(
            {
                "cycles": whole.to_dicts(),
                "findings": [f.as_dict() for f in findings],
                "refused": [refusal.as_dict() for refusal in refusals],
            }
        )
    elif tables:
        screen.out.print(screen.table_of(_readable(whole)))
        methods = whole.get_column("capacity_method").value_counts(sort=True)
        for method, n in methods.iter_rows():
            screen.out.print(f"[dim]capacity by {method}: {n} cycles; --out has every column[/]")
        screen.print_findings(findings)
    _end(len(tables), refusals)


def _readable(cycles: pl.DataFrame) -> pl.DataFrame:
    table = cycles.select(
        pl.col("battery_id").alias("battery"),
        pl.col("cycle_count").alias("cycle"),
        pl.col("charge_capacity_ah").alias("in [Ah]"),
        pl.col("discharge_capacity_ah").alias("out [Ah]"),
        pl.col("discharge_energy_wh").alias("out [Wh]"),
        (pl.col("coulombic_efficiency_frac") * 100).alias("charge eff. [%]"),
        (pl.col("energy_efficiency_frac") * 100).alias("energy eff. [%]"),
        (pl.col("resistance_ohm") * 1e3).alias("R [mΩ]"),
        pl.col("temperature_mean_degc").alias("T [°C]"),
    )
    return table[[s.name for s in table if s.null_count() < s.len() or s.name == "battery"]]


@app.command("import")
def import_command(
    paths: Paths,
    out: Annotated[Path, typer.Option("--out", help="The lake: a folder, made if need be.")],
    mapping: Mapping = None,
    chemistry: Chemistry = None,
    rated_capacity_ah: RatedCapacity = None,
    cells_in_series: CellsInSeries = 1,
    delta: Annotated[
        bool, typer.Option("--delta", help="A Delta lake, for writers at the same time.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import files into a lake of whole batteries, sorted, checked.

    Example: `batteryloop telemetry import exports/ --out lake/ --chemistry LFP`
    """
    source = telemetry_source(paths, mapping=mapping)
    default = default_identity(chemistry, rated_capacity_ah, cells_in_series)
    taken: list[dict[str, Any]] = []
    refusals: list[Refusal] = []
    lake = new_lake(out, is_delta=delta)
    parts = import_telemetry(source, lake, default)
    for part in screen.with_progress(parts, n_parts=source.n_parts, words="importing"):
        if isinstance(part, Refusal):
            refusals.append(part)
        else:
            taken.append(_summary(part[1]))
    lake.compact()
    if as_json:
        screen.print_json(
            {"lake": str(out), "imported": taken, "refused": [r.as_dict() for r in refusals]}
        )
    else:
        n_rows = sum(int(summary["n_rows"]) for summary in taken)
        screen.out.print(f"{len(taken)} batteries, {n_rows:,} rows in {out}")
    _end(len(taken), refusals)


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write a table as the kind of file its name says.

    Raises
    ------
    OptionWrong
        If the name ends in none of .parquet, .csv, .json.
    """
    flat = table.drop([n for n, dtype in table.schema.items() if isinstance(dtype, pl.List)])
    if path.suffix == ".parquet":
        table.write_parquet(path)
    elif path.suffix == ".csv":
        flat.write_csv(path)
    elif path.suffix == ".json":
        flat.write_json(path)
    else:
        raise OptionWrong("--out", str(path), "a name ending in .parquet, .csv or .json")
