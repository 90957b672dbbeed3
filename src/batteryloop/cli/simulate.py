"""`batteryloop simulate`: a fleet whose truth is known."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.errors import OptionWrong
from batteryloop.simulation import FleetSpec, Horizon, Sensing, SimulatedPack, parse_fault
from batteryloop.usecases.simulate_fleet import simulate_fleet
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.sources import new_lake
from batteryloop.wiring.truths import TruthFolder

# A fixed first day, so that the same seed makes the same fleet on any day.
START_AT = datetime(2025, 1, 6, tzinfo=UTC)


def simulate(
    out: Annotated[Path, typer.Option("--out", help="The lake: a folder, made if need be.")],
    packs: Annotated[int, typer.Option("--packs", help="How many packs.", min=1)] = 10,
    days: Annotated[int, typer.Option("--days", help="How many days.", min=1)] = 30,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            help="A kind of fault and the packs that get it: `internal-short`, "
            "`internal-short:0.1` (share), `weak-cell:2:0.2` (packs, strength). May be repeated.",
        ),
    ] = None,
    chemistry: Annotated[
        list[str] | None,
        typer.Option("--chemistry", help="Only these chemistries; may be repeated."),
    ] = None,
    duty: Annotated[
        list[str] | None, typer.Option("--duty", help="Only these duties; may be repeated.")
    ] = None,
    sampling_s: Annotated[
        float, typer.Option("--sampling-s", help="Seconds between samples in use, 1 to 300.")
    ] = 10.0,
    record_days: Annotated[
        int | None,
        typer.Option("--record-days", help="Record only so many days of every thirty.", min=1),
    ] = None,
    soh_frac: Annotated[
        tuple[float, float],
        typer.Option("--soh", help="Health at the start, lowest and highest share."),
    ] = (0.65, 1.0),
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same fleet.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Simulate a fleet of packs that age, drive, charge, rest and fail; the truth is written too.

    Example: `batteryloop simulate --packs 20 --days 14 --fault internal-short:2 --out lake/`
    """
    if out.exists() and any(out.iterdir()):
        raise OptionWrong("--out", f"{out} is not empty", "a new or empty folder", "name another")
    spec = FleetSpec(
        n_packs=packs,
        horizon=Horizon(START_AT, days, record_days=record_days),
        duties=tuple(duty or ()),
        chemistries=tuple(chemistry or ()),
        faults=tuple(parse_fault(text) for text in fault or ()),
        soh_low_frac=soh_frac[0],
        soh_high_frac=soh_frac[1],
        sensing=Sensing(sampling_s=sampling_s),
    )
    made: list[dict[str, Any]] = []
    lake = new_lake(out)
    parts = simulate_fleet(spec, lake, TruthFolder(out), rng=seeded(seed))
    for pack in screen.with_progress(parts, n_parts=packs, words="simulating"):
        made.append(_row(pack))
    lake.compact()
    if as_json:
        screen.print_json({"lake": str(out), "seed": seed, "is_simulated": True, "batteries": made})
        return
    n_rows = sum(row["n_rows"] for row in made)
    n_faulty = sum(bool(row["faults"]) for row in made)
    screen.out.print(
        f"SIMULATED: {packs} packs, {days} days, {n_rows:,} rows, {n_faulty} with a fault; "
        f"telemetry in {out}, truth in {TruthFolder(out).folder}",
        soft_wrap=True,
    )


def _row(pack: SimulatedPack) -> dict[str, Any]:
    return {
        "battery_id": pack.spec.battery_id,
        "chemistry": pack.spec.chemistry,
        "duty": pack.spec.duty,
        "n_rows": pack.recording.frame.height,
        "faults": pack.fault_truth.to_dicts(),
    }
