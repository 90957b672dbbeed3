"""`batteryloop circular demo`: a SIMULATED batch from its return to a new battery's passport."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.circular.collect import document_text
from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.passport.credential import Verdict
from batteryloop.passport.document import passport_document
from batteryloop.record import Party, PartyRole
from batteryloop.record.verification import Verification
from batteryloop.usecases.balance_loop import LoopStep
from batteryloop.usecases.close_loop import close_loop
from batteryloop.usecases.closed_loop import ClosedLoop, LoopOrder, LoopParties
from batteryloop.usecases.place_new_battery import PlacedBattery
from batteryloop.usecases.record_scribe import Scribe
from batteryloop.usecases.verify_passport import verify_passport
from batteryloop.usecases.verify_record import verify_record
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.clock import now
from batteryloop.wiring.issuers import issuer_of, sign_in_folder
from batteryloop.wiring.passports import new_passport_id, write_json
from batteryloop.wiring.records import new_event_id, open_record
from batteryloop.wiring.settings import Settings

WHO = "circular demo"
PARTIES = LoopParties(
    producer=Party("sim-vehicle-maker", "Vehicle maker, SIMULATED", "DE", (PartyRole.PRODUCER,)),
    operator=Party("sim-fleet", "Fleet, SIMULATED", "DE", (PartyRole.OPERATOR,)),
    depot=Party("sim-depots", "Depots, SIMULATED", "NL", (PartyRole.SERVICE,)),
    remanufacturer=Party("sim-remanufacturer", "Remanufacturer, SIMULATED", "FR",
                         (PartyRole.PRODUCER, PartyRole.SERVICE)),
    integrator=Party("sim-integrator", "Second-life integrator, SIMULATED", "ES",
                     (PartyRole.PRODUCER,)),
    recycler=Party("sim-recycler", "Recycler, SIMULATED", "FR", (PartyRole.RECYCLER,)),
    cell_maker=Party("sim-cell-maker", "Cell maker, SIMULATED", "DE", (PartyRole.PRODUCER,)),
)  # fmt: skip
# The server's own address where no setting names another, so that it goes on as the same issuer.
_ADDRESS = Settings.read({}).address
_SHOWN = ("Li", "Co", "Ni")


@dataclass(frozen=True, slots=True)
class _Files:
    """What the demo leaves in its folder."""

    record: Path
    keys: Path
    passport: Path
    credential: Path
    transport: Path


def demo(
    n_packs: Annotated[
        int, typer.Option("--n-packs", help="Packs that come back, SIMULATED.", min=1)
    ] = 200,
    n_new: Annotated[
        int, typer.Option("--n-new", help="New batteries that share the recovered metal.", min=1)
    ] = 50,
    seed: Annotated[int, typer.Option(help="The same seed, the same batch.", min=0)] = 1,
    out: Annotated[
        Path, typer.Option("--out", help="Folder for record, keys and passport.")
    ] = Path("demo-circular"),
    as_json: AsJson = False,
) -> None:
    """Take a SIMULATED batch from its return to recycled content in a new battery's passport.

    Example: `batteryloop circular demo --n-packs 200 --out demo-circular`
    """
    out.mkdir(parents=True, exist_ok=True)
    names = ("record.sqlite", "keys", "passport.json", "passport.vc.jwt", "transport")
    files = _Files(*(out / name for name in names))
    for old in (files.record, *out.glob("record.sqlite-*")):
        old.unlink(missing_ok=True)
    with open_record(str(files.record)) as record:
        scribe = Scribe(record, WHO, now(), new_event_id, new_passport_id)
        closed = close_loop(scribe, PARTIES, LoopOrder(n_packs, n_new), rng=seeded(seed))
        checked = verify_record(record, with_projections=True)
        verdict = _signed(closed.placed[0], files)
    _write_papers(closed, files.transport)
    if as_json:
        screen.print_json(_document(closed, checked, verdict, files))
        return
    _print_collection(closed, files)
    _print_plan(closed)
    _print_steps(closed.steps, closed.worst_gap_frac)
    _print_content(closed, checked, verdict, files)
    screen.print_refusals(closed.refused)


def _signed(placed: PlacedBattery, files: _Files) -> Verdict:
    """Sign the new battery's passport, and verify it from the files alone."""
    document = passport_document(placed.passport.latest)
    write_json(document, files.passport)
    place = issuer_of(files.keys, _ADDRESS, now=now())
    signed = sign_in_folder(place, document, now=now())
    files.credential.write_text(signed.token + "\n", encoding="utf-8")
    return verify_passport(
        files.passport.read_bytes(),
        files.credential.read_text(encoding="utf-8").strip(),
        [place.keys()],
        [place.status_list_file.read_text(encoding="utf-8")],
        now=now(),
    )


def _document(
    closed: ClosedLoop, checked: Verification, verdict: Verdict, files: _Files
) -> dict[str, Any]:
    return {
        "is_simulated": True,
        **closed.as_dict(),
        "record": {"n_entries": checked.n_entries, "is_whole": checked.is_whole},
        "verdict": verdict.as_dict(),
        "files": {name: str(getattr(files, name)) for name in files.__slots__},
    }


def _write_papers(closed: ClosedLoop, folder: Path) -> None:
    """Write each truck's transport document."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.txt"):
        old.unlink()
    for name, document in closed.fetched.documents.items():
        (folder / f"{name}.txt").write_text(document_text(document) + "\n", encoding="utf-8")


def _print_collection(closed: ClosedLoop, files: _Files) -> None:
    told = closed.fetched.as_dict()
    left = len(closed.decisions) - told["n_packs"]
    words = f"; {left} that no truck can fetch in a day were sent in" if left else ""
    screen.out.print(
        f"SIMULATED: {told['n_packs']:,} packs collected by {told['n_tours']} trucks of "
        f"{told['n_depots']} depots, {told['distance_km']:,.0f} km, {told['cost_eur']:,.0f} EUR, "
        f"a checked transport document each in {files.transport}{words}",
        soft_wrap=True,
    )


def _print_plan(closed: ClosedLoop) -> None:
    plan = closed.plan
    table = _table(f"SIMULATED: {len(closed.decisions):,} packs came back")
    table.add_column("fate", no_wrap=True)
    for name in ("packs", r"value \[EUR]"):
        table.add_column(name, justify="right", no_wrap=True)
    for fate, n in sorted(closed.fates().items(), key=lambda pair: -pair[1]):
        value = sum(d.value_eur for d in closed.decisions.values() if d.fate == fate)
        table.add_row(fate, f"{n:,}", f"{value:,.0f}")
    screen.out.print(table)
    screen.out.print(
        f"planned worth {plan.solved.value_eur:,.0f} EUR ({plan.value_low_eur:,.0f} to "
        f"{plan.value_high_eur:,.0f} over the range of prices), proven within "
        f"{plan.gap_frac:.4%} of the best",
        soft_wrap=True,
    )
    value, low, high = closed.value_eur()
    screen.out.print(
        f"after {closed.n_tested} tests, decided again: {value:,.0f} EUR ({low:,.0f} to "
        f"{high:,.0f}), the tests' own cost left out",
        soft_wrap=True,
    )
    lives = ", ".join(f"{n} {status}" for status, n in sorted(closed.second_lives().items()))
    plants = ", ".join(f"{name} {len(trace.batch_of)}" for name, trace in closed.traces.items())
    screen.out.print(f"new batteries from old: {lives or 'none'}", soft_wrap=True)
    screen.out.print(f"packs recycled by plant: {plants or 'none'}", soft_wrap=True)


def _print_steps(steps: Sequence[LoopStep], worst_frac: float) -> None:
    table = _table("Masses, read back from the record", is_spaced=True)
    table.add_column("step", no_wrap=True)
    names = (r"in \[kg]", r"out \[kg]", *(rf"{e} in \[kg]" for e in _SHOWN), "worst gap")
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for step in steps:
        into, out = sum(step.in_kg.values()), sum(step.out_kg.values())
        metals = [f"{step.in_kg.get(e, 0.0):,.1f}" for e in _SHOWN]
        row = (step.name, f"{into:,.1f}", f"{out:,.1f}", *metals, f"{step.gap_frac:.0e}")
        table.add_row(*row)
    screen.out.print(table)
    screen.out.print(
        f"in = out for every element at every step, plants included; worst relative gap "
        f"{worst_frac:.1e}",
        soft_wrap=True,
    )


def _print_content(
    closed: ClosedLoop, checked: Verification, verdict: Verdict, files: _Files
) -> None:
    name = closed.placed[0].content.battery_id
    table = _table(f"Recycled content of {name}, one of {len(closed.placed)}", is_spaced=True)
    table.add_column("element", no_wrap=True)
    table.add_column(r"recycled \[%]", justify="right", no_wrap=True)
    table.add_column("Article 8", no_wrap=True)
    for row in closed.content():
        targets = "; ".join(
            f"{100 * t['target_frac']:.0f} % from {t['from_on'][:4]} "
            f"{'kept' if t['passes'] else 'missed'}"
            for t in row["targets"]
        )
        table.add_row(row["element"], f"{100 * row['share_frac']:.1f}", targets)
    screen.out.print(table)
    said = "valid" if verdict.is_valid else f"NOT valid: {verdict.reason}"
    screen.out.print(
        f"passport {files.passport}, signed {files.credential}, verified offline: {said}",
        soft_wrap=True,
    )
    whole = "whole" if checked.is_whole else f"{len(checked.breaches)} breaches"
    screen.out.print(f"{checked.n_entries:,} entries in {files.record}: {whole}", soft_wrap=True)
    packs = list(closed.placed[0].from_packs_kg)
    ways = [name, *(life.battery_id for life in closed.lives[:1]), *packs[:1]]
    screen.out.print(f"\nEach battery's page shows its way, such as {', '.join(ways)}:")
    screen.out.print(
        escape(f"batteryloop serve --record {files.record} --keys {files.keys}"),
        soft_wrap=True,
        style="bold",
    )


def _table(title: str, *, is_spaced: bool = False) -> Table:
    lead = "\n" if is_spaced else ""
    return Table(title=f"{lead}{title}", title_justify="left", box=None, pad_edge=False)
