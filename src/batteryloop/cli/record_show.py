"""`batteryloop record show`, `history`: what the record says of a battery."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.cli.record_options import BatteryId, RecordAt, entry_dict
from batteryloop.record import BatteryState, Component, Lineage
from batteryloop.wiring.records import existing_record


def show(battery: BatteryId, record: RecordAt = None, as_json: AsJson = False) -> None:
    """Show where a battery is in the loop, its health, its make-up and where it came from.

    Example: `batteryloop record show BAT-7`
    """
    with existing_record(record) as kept:
        state = kept.battery(battery)
        parts = kept.components(battery)
        lineage = kept.lineage(battery)
    if as_json:
        said: dict[str, Any] = {
            **asdict(state),
            "components": [part.as_dict() for part in parts],
            "descents": [asdict(step) for step in lineage.descents],
        }
        screen.print_json(said)
        return
    _print_state(state)
    _print_parts(parts)
    _print_lineage(lineage)


def history(
    battery: BatteryId,
    most: Annotated[int, typer.Option(help="At most so many, the newest first.", min=1)] = 30,
    before: Annotated[
        int | None, typer.Option(help="Only entries before this number, to go on.")
    ] = None,
    record: RecordAt = None,
    as_json: AsJson = False,
) -> None:
    """List what happened to a battery, the newest first.

    Example: `batteryloop record history BAT-7 --most 10`
    """
    with existing_record(record) as kept:
        kept.battery(battery)
        entries = kept.history(battery, n_most=most, before_sequence=before)
    if as_json:
        screen.print_json({"entries": [entry_dict(entry) for entry in entries]})
        return
    table = Table("entry", "happened (UTC)", "event", "by", "details", box=None, pad_edge=False)
    for entry in entries:
        event = entry.event
        details = ", ".join(
            f"{name}={value}" if not isinstance(value, list | dict) else name
            for name, value in event.details.items()
        )
        other = "" if event.battery_id == battery else f" → {event.battery_id}"
        table.add_row(
            str(entry.sequence),
            f"{event.happened_at:%Y-%m-%d %H:%M}",
            escape(event.kind + other),
            escape(event.party_id),
            escape(details[:60]),
        )
    screen.out.print(table)


def _print_state(state: BatteryState) -> None:
    battery = state.battery
    table = Table(box=None, pad_edge=False, show_header=False)
    title = f"{battery.battery_id}{'  SIMULATED' if battery.is_simulated else ''}"
    screen.out.print(f"[bold]{escape(title)}[/]")
    soh = "not evaluated"
    if state.soh_frac is not None:
        soh = f"{100 * state.soh_frac:.1f} %"
        if state.soh_low_frac is not None and state.soh_high_frac is not None:
            soh += f" ({100 * state.soh_low_frac:.1f}–{100 * state.soh_high_frac:.1f})"
        if state.evaluated_at is not None:
            soh += f" on {state.evaluated_at:%Y-%m-%d}"
    rated = battery.rated_capacity_ah
    for name, value in (
        ("used in", f"{battery.application.value} ({battery.category.value})"),
        ("model", battery.model),
        ("chemistry", battery.chemistry or ""),
        ("rated", "" if rated is None else f"{rated:g} Ah"),
        ("stage", state.stage.value + (", life ended" if state.is_ended else "")),
        ("status", state.status.value),
        ("held by", state.holder_id),
        ("answered for by", state.responsible_id),
        ("where", " ".join(filter(None, (state.site, state.country)))),
        ("state of health", soh),
        ("gravest warning", str(state.severity) if state.severity else ""),
        ("grade", state.grade),
        ("passport", state.passport_id),
        ("last event", f"{state.last_event_kind.value} on {state.last_event_at:%Y-%m-%d}"),
        ("events", str(state.n_events)),
    ):
        if value:
            table.add_row(f"[dim]{name}[/]", escape(value))
    screen.out.print(table)


def _print_parts(parts: list[Component]) -> None:
    if not parts:
        return
    tree = Tree(f"make-up, {len(parts)} parts")
    known: dict[str | None, Tree] = {None: tree}
    waiting = list(parts)
    while waiting:
        left = []
        for part in waiting:
            above = known.get(part.parent_serial)
            if above is None:
                left.append(part)
            else:
                known[part.serial] = above.add(escape(f"{part.kind.value} {part.serial}"))
        if len(left) == len(waiting):
            break
        waiting = left
    screen.out.print(tree)


def _print_lineage(lineage: Lineage) -> None:
    for step in lineage.descents:
        what = f"{len(step.serials)} parts of" if step.serials else "the whole of"
        screen.out.print(
            escape(f"{step.happened_at:%Y-%m-%d}: {what} {step.parent_id} → {step.child_id}")
        )
