"""The command `batteryloop health watch`: warnings before a plain limit trips."""

from datetime import datetime
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
    Mapping,
    Paths,
    Plots,
    RatedCapacity,
    default_identity,
)
from batteryloop.health.warning import DEFAULT_BUDGET_PER_YEAR, HealthWarning
from batteryloop.quantities import Estimate
from batteryloop.storage.watch_states import WatchStates
from batteryloop.usecases.watch_fleet import Watched, watch_fleet
from batteryloop.wiring.sources import telemetry_source

# Shape beside colour, so that neither has to be seen.
_MARK = ("·", "○", "▲", "◆", "●")
_HUE = ("dim", "dim", "yellow", "dark_orange", "red")


def watch(
    paths: Paths,
    rated_capacity_ah: RatedCapacity = None,
    chemistry: Chemistry = None,
    mapping: Mapping = None,
    cells_in_series: CellsInSeries = 1,
    false_alarms_per_year: Annotated[
        float,
        typer.Option(
            "--false-alarms-per-pack-year",
            help="How many false alarms you accept, per pack and year, of all kinds together.",
        ),
    ] = DEFAULT_BUDGET_PER_YEAR,
    severity: Annotated[
        int, typer.Option("--severity", help="Show this severity and above, 0 to 4.", min=0, max=4)
    ] = 0,
    state: Annotated[
        Path | None,
        typer.Option(
            help="Folder that remembers each battery from one watch to the next: only rows not "
            "seen before are watched, only what is new is said."
        ),
    ] = None,
    plots: Plots = None,
    as_json: AsJson = False,
) -> None:
    """Warn of failing cells: leaks, weak cells, loose connections, wrong sensors, heat.

    Wants every cell's voltage. Example: `batteryloop health watch lake/ --state watched/`
    """
    source = telemetry_source(paths, mapping=mapping)
    parts = watch_fleet(
        source,
        default_identity(chemistry, rated_capacity_ah, cells_in_series),
        budget_per_year=false_alarms_per_year,
        memory=WatchStates(state) if state is not None else None,
    )

    def entry(part: Watched) -> dict[str, Any]:
        if plots is not None:
            from batteryloop.cli.watch_plot import write_evidence

            write_evidence(part, plots, severity=severity)
        return {
            "battery_id": part.identity.battery_id,
            "n_rows": part.n_rows,
            "is_simulated": part.is_simulated,
            "warnings": [w.as_dict() for w in part.warnings if w.severity >= severity],
        }

    batch = batch_of(parts, n_parts=source.n_parts, words="watching", entry=entry)
    if as_json:
        screen.print_json(batch.entries)
    else:
        print_warnings(batch.made, severity)
        if plots is not None and batch.made:
            screen.out.print(f"plots: {plots}", soft_wrap=True)
    batch.end()


def print_warnings(watched: list[Watched], severity: int) -> None:
    """Print one row a warning, the gravest first, then what to do about each kind."""
    if not watched:
        return
    warnings = sorted(
        (w for part in watched for w in part.warnings if w.severity >= severity),
        key=lambda w: (-w.severity, w.battery_id, w.raised_at),
    )
    rows = sum(part.n_rows for part in watched)
    if warnings:
        screen.out.print(_table(warnings))
        said: dict[str, HealthWarning] = {}
        for warning in warnings:
            said.setdefault(warning.kind, warning)
        for kind, warning in said.items():
            screen.out.print(f"[dim]{kind} → {escape(warning.next_step)}[/]", soft_wrap=True)
    else:
        screen.out.print("no warnings")
    n_warned = len({w.battery_id for w in warnings})
    screen.out.print(
        f"[dim]{n_warned} of {len(watched)} batteries with warnings, {rows:,} rows watched[/]"
    )
    n_simulated = sum(part.is_simulated for part in watched)
    if n_simulated:
        screen.out.print(f"[bold]SIMULATED[/]: {n_simulated} of {len(watched)} batteries")


def _table(warnings: list[HealthWarning]) -> Table:
    table = Table(title="Early warnings", title_justify="left", box=None, pad_edge=False)
    for name in ("", "battery", "kind", "cell", "raised"):
        table.add_column(name, no_wrap=True)
    for name in ("how large", "sure [%]", "plain limit in [days]"):
        table.add_column(name, justify="right", no_wrap=True)
    for w in warnings[:_MOST]:
        hue = _HUE[w.severity]
        lead = w.lead_time_h.scaled(1 / 24, "lead_time_days")
        table.add_row(
            f"[{hue}]{_MARK[w.severity]} {w.severity}[/]",
            escape(w.battery_id),
            w.kind,
            w.cell_label,
            _day(w.raised_at),
            _size(w.estimate),
            f"{100 * w.confidence_frac:.0f}",
            screen.interval(lead, decimals=0),
        )
    if len(warnings) > _MOST:
        table.add_row(*["…"] * len(table.columns))
    return table


_MOST = 40
_SCALES = {
    "leak_a": (1e3, "mA"),
    "contact_ohm": (1e3, "mΩ"),
    "voltage_offset_v": (1e3, "mV"),
    "capacity_loss_frac": (1e2, "%"),
    "soc_jump_frac": (1e2, "%"),
    "stuck_frac": (1e2, "%"),
    "temperature_rise_k": (1.0, "K"),
    "insulation_kohm": (1.0, "kΩ"),
    "current_offset_a": (1.0, "A"),
}


def _size(estimate: Estimate) -> str:
    if estimate.value is None:
        return "–"
    factor, unit = _SCALES.get(estimate.quantity, (1.0, ""))
    return f"{estimate.value * factor:.3g} {unit}".strip()


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
