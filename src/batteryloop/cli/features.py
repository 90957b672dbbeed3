"""`batteryloop health features`: from raw samples to the table that `train` and `grade` take."""

from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.batch import batch_of
from batteryloop.cli.options import (
    AsJson,
    CellsInSeries,
    Chemistry,
    Mapping,
    Paths,
    RatedCapacity,
    default_identity,
)
from batteryloop.cli.telemetry import write_table
from batteryloop.cli.train import RecordKind
from batteryloop.health.learned.charge_features import ChargeWindow
from batteryloop.usecases.measure_features import Features, measure_charges, measure_pulses
from batteryloop.wiring.sources import telemetry_source

_WINDOW = ChargeWindow()


def features(
    paths: Paths,
    kind: Annotated[
        RecordKind, typer.Option(help="What to look for in the samples.")
    ] = RecordKind.CHARGE_FEATURES,
    out: Annotated[
        Path, typer.Option("--out", help="Write the table there: .parquet, .csv or .json.")
    ] = Path("features.parquet"),
    window_v: Annotated[
        float,
        typer.Option(
            help="How far below the highest voltage of a charge to begin, per cell.", min=0.01
        ),
    ] = _WINDOW.window_v,
    current_high_a: Annotated[
        float,
        typer.Option(help="The tail at constant voltage is read from this current on …", min=0.0),
    ] = _WINDOW.current_high_a,
    current_low_a: Annotated[
        float, typer.Option(help="… down to this one.", min=0.0)
    ] = _WINDOW.current_low_a,
    with_capacity: Annotated[
        bool,
        typer.Option(
            "--with-capacity",
            help="Keep only charges within a day of a full discharge, and write its charge.",
        ),
    ] = False,
    pulse_s: Annotated[float, typer.Option(help="How long a pulse is.", min=0.1)] = 5.0,
    rated_capacity_ah: RatedCapacity = None,
    chemistry: Chemistry = None,
    mapping: Mapping = None,
    cells_in_series: CellsInSeries = 1,
    as_json: AsJson = False,
) -> None:
    """Measure the features of charges, or the voltages of pulses, in raw samples.

    Example: `batteryloop health features cycling/ --with-capacity --out charges.parquet`
    """
    source = telemetry_source(paths, mapping=mapping)
    default = default_identity(chemistry, rated_capacity_ah, cells_in_series)
    if kind is RecordKind.PULSES:
        parts = measure_pulses(source, default, pulse_s=pulse_s)
    else:
        window = ChargeWindow(window_v, current_high_a, current_low_a)
        parts = measure_charges(source, default, window=window, with_capacity=with_capacity)

    def entry(part: Features) -> dict[str, Any]:
        return {
            "battery_id": part.battery_id,
            "n_records": part.table.height,
            "left_out": part.left_out,
        }

    batch = batch_of(parts, n_parts=source.n_parts, words="measuring", entry=entry)
    if batch.made:
        write_table(pl.concat([part.table for part in batch.made]), out)
    if as_json:
        screen.print_json(batch.entries)
    elif batch.made:
        _print(batch.made)
        screen.out.print(f"table: {out}", soft_wrap=True)
    batch.end()


def _print(measured: list[Features]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("battery", no_wrap=True)
    table.add_column("records", justify="right")
    table.add_column("left out", justify="right")
    table.add_column("most often because")
    for part in measured:
        reasons = sorted(part.left_out.items(), key=lambda item: -item[1])
        table.add_row(
            escape(part.battery_id),
            f"{part.table.height:,}",
            f"{sum(part.left_out.values()):,}",
            escape(reasons[0][0]) if reasons else "",
        )
    screen.out.print(table)
