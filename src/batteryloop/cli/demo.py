"""`batteryloop demo`: a real cell and a small simulated fleet, judged, on record, with passport."""

import shutil
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.demo_record import print_shown, put_on_record
from batteryloop.cli.health import print_reports
from batteryloop.cli.options import AsJson
from batteryloop.cli.simulate import START_AT
from batteryloop.health import HealthReport
from batteryloop.health.open_circuit.curve import OcvCurve, ocv_from_table
from batteryloop.record import BatteryIdentity
from batteryloop.samples import sample, sample_metadata, sample_paths
from batteryloop.simulation import FleetSpec, Horizon, parse_fault
from batteryloop.storage import Lake, kind_of
from batteryloop.usecases.evaluate_fleet import evaluate_fleet
from batteryloop.usecases.ports import Refusal, TelemetrySource
from batteryloop.usecases.simulate_fleet import simulate_fleet
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.sources import new_lake, telemetry_source
from batteryloop.wiring.truths import TruthFolder

LEAF = BatteryIdentity("leaf cell", "LMO-NCA", rated_capacity_ah=33.1)
FLEET = FleetSpec(
    n_packs=8,
    horizon=Horizon(START_AT, n_days=14),
    faults=(parse_fault("internal-short:1"), parse_fault("weak-cell:1")),
)
SEED = 2026


def demo(
    out: Annotated[
        Path, typer.Option("--out", help="Folder for the plots and the simulated lake.")
    ] = Path("demo-output"),
    as_json: AsJson = False,
) -> None:
    """Judge a real cell of a 2013 Nissan Leaf and a small simulated fleet; sign its passport.

    Example: `batteryloop demo`
    """
    from batteryloop.cli.plots import write_plots

    plots = out / "plots"
    cell = telemetry_source(sample_paths("leaf_cell_2013"))
    ocv = ocv_from_table(sample("leaf_cell_2013_ocv_25degc"))
    leaf = _judged(cell, LEAF, ocv=ocv)
    lake = _simulated(out / "lake")
    nameless = BatteryIdentity("simulated fleet")
    fleet = _judged(lake, nameless)
    drawn = [path for report in (*leaf, *fleet) for path in write_plots(report, plots)]
    compared = against_truth(fleet, lake.root)
    shown = put_on_record(out, cell, LEAF, ocv, lake)
    _add(cell, lake)
    if as_json:
        screen.print_json(
            {
                "real": [report.as_dict() for report in leaf],
                "simulated": [report.as_dict() for report in fleet],
                "against_truth": compared.to_dicts(),
                "plots": [str(path) for path in drawn],
                "on_record": shown.as_dict(),
                "lake": str(lake.root),
            }
        )
        return
    screen.out.print("[bold]A real cell[/]")
    screen.out.print(f"{sample_metadata()['title']}.", soft_wrap=True)
    print_reports(leaf)
    screen.out.print()
    screen.out.print("[bold]A fleet, SIMULATED[/]")
    print_reports(fleet)
    _print_truth(compared)
    screen.out.print(f"\n{len(drawn)} plots in {plots}, the telemetry in {lake.root}")
    print_shown(shown, lake.root)


def _judged(
    source: TelemetrySource, default: BatteryIdentity, *, ocv: OcvCurve | None = None
) -> list[HealthReport]:
    reports = []
    parts = evaluate_fleet(source, default, ocv=ocv)
    for part in screen.with_progress(parts, n_parts=source.n_parts, words="judging"):
        if isinstance(part, Refusal):
            screen.print_refusals([part])
        else:
            reports.append(part)
    return reports


def _simulated(root: Path) -> Lake:
    if kind_of(root):
        shutil.rmtree(root)
    lake = new_lake(root)
    parts = simulate_fleet(FLEET, lake, TruthFolder(root), rng=seeded(SEED))
    for _ in screen.with_progress(parts, n_parts=FLEET.n_packs, words="simulating"):
        pass
    lake.compact()
    return lake


def _add(source: TelemetrySource, lake: Lake) -> None:
    """Put a source's samples into the lake beside the simulated ones."""
    for part in source.recordings():
        if not isinstance(part, Refusal):
            lake.append(part.frame)


def against_truth(reports: list[HealthReport], root: Path) -> pl.DataFrame:
    """Return each pack's estimate beside its truth at the end, and whether the interval holds it.

    Columns: battery_id, soh_truth_frac, soh_frac, soh_low_frac, soh_high_frac, is_inside, faults.
    """
    folder = TruthFolder(root)
    last = folder.read("truth").sort("time").group_by("battery_id").last()
    truth = {row["battery_id"]: row["soh_frac"] for row in last.iter_rows(named=True)}
    faults: dict[str, list[str]] = {}
    for row in folder.read("fault_truth").iter_rows(named=True):
        faults.setdefault(row["battery_id"], []).append(row["kind"])
    rows: list[dict[str, Any]] = []
    for report in reports:
        name, soh = report.identity.battery_id, report.soh_frac
        is_inside = None
        if soh.low is not None and soh.high is not None:
            is_inside = soh.low <= truth[name] <= soh.high
        rows.append(
            {
                "battery_id": name,
                "soh_truth_frac": truth[name],
                "soh_frac": soh.value,
                "soh_low_frac": soh.low,
                "soh_high_frac": soh.high,
                "is_inside": is_inside,
                "faults": ", ".join(faults.get(name, [])),
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def _print_truth(compared: pl.DataFrame) -> None:
    table = Table(
        title="Estimate against the truth", title_justify="left", box=None, pad_edge=False
    )
    for name in ("battery", "SoH truth [%]", "SoH judged [%]", "held", "fault put in"):
        table.add_column(name, justify="right" if "%" in name else "left")
    for row in compared.iter_rows(named=True):
        judged = "–"
        if row["soh_frac"] is not None:
            low, high = 100 * row["soh_low_frac"], 100 * row["soh_high_frac"]
            judged = f"{100 * row['soh_frac']:.1f} ({low:.1f}–{high:.1f})"
        held = {True: "yes", False: "no", None: "–"}[row["is_inside"]]
        table.add_row(
            row["battery_id"], f"{100 * row['soh_truth_frac']:.1f}", judged, held, row["faults"]
        )
    screen.out.print(table)
    known = compared.drop_nulls("is_inside")
    screen.out.print(
        f"{known.get_column('is_inside').sum()} of {known.height} intervals hold the truth"
    )
