"""What the home page says: the loop with its counts, and what needs a person today."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from batteryloop.record import (
    BatteryState,
    Entry,
    EventKind,
    FleetOrder,
    FleetOverview,
    FleetQuery,
    Stage,
)
from batteryloop.usecases.record_port import Record
from batteryloop.web.drawings.histogram import draw_histogram
from batteryloop.web.drawings.loop import STAGE_HUES, LoopStage, draw_loop
from batteryloop.web.event_words import event_words
from batteryloop.web.numbers import percent, since
from batteryloop.web.rendering import picture

Say = Callable[..., str]
_N_TASKS, _N_LATEST = 8, 6
_SEVERITY_OF_A_TASK = 2
_END_OF_FIRST_LIFE_FRAC = 0.8


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that waits for a person."""

    severity: int
    who: str
    href: str
    what: str
    waiting: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Latest:
    """One of the last entries of the record."""

    when: str
    battery_id: str
    href: str
    kind: str


@dataclass(frozen=True, slots=True)
class HomeView:
    """What the template draws."""

    overview: FleetOverview
    loop: Markup
    tasks: tuple[Task, ...]
    histogram: Markup
    share_below: str
    latest: tuple[Latest, ...]


def home_view(
    record: Record, organisation_ids: frozenset[str] | None, *, now: datetime, say: Say
) -> HomeView:
    """Return what the home page says of the batteries that the viewer may see."""
    overview = record.overview(organisation_ids)
    waiting = record.batteries(
        FleetQuery(
            organisation_ids=organisation_ids,
            severity_min=_SEVERITY_OF_A_TASK,
            order=FleetOrder.SEVERITY,
            is_descending=True,
            n_most=_N_TASKS,
        )
    )
    tasks = [_task(record, state, now, say) for state in waiting.batteries]
    worn = _worn(record, organisation_ids, n_most=_N_TASKS - len(tasks))
    return HomeView(
        overview=overview,
        loop=picture(_loop(overview.stage_counts, say)),
        tasks=(*tasks, *(_worn_task(state, now, say) for state in worn)),
        histogram=picture(_histogram(overview, say)),
        share_below=_share_below(overview),
        latest=tuple(
            _latest(entry, now) for entry in record.latest(organisation_ids, n_most=_N_LATEST)
        ),
    )


def _loop(counts: Mapping[Stage, int], say: Say) -> str:
    n_all = sum(counts.values())
    stages = [
        LoopStage(
            stage.value,
            say(f"stage-{stage}"),
            f"{counts.get(stage, 0):,}",
            STAGE_HUES[stage.value],
            weight=counts.get(stage, 0),
            is_faint=not counts.get(stage, 0),
            href=f"/fleet?stage={stage}",
        )
        for stage in Stage
    ]
    said = ", ".join(f"{stage.name} {stage.note}" for stage in stages)
    return draw_loop(
        stages,
        centre=f"{n_all:,}",
        centre_note=say("batteries on record"),
        title=say("The loop"),
        description=said,
    )


def _task(record: Record, state: BatteryState, now: datetime, say: Say) -> Task:
    battery_id = state.battery.battery_id
    entries = record.history(battery_id, n_most=20)
    last = next((e for e in entries if e.event.kind is EventKind.WARNED), None)
    details = last.event.details if last else {}
    at = last.event.happened_at if last else state.last_event_at
    step = details.get("next_step") or say("Look at the battery")
    shown = {k: v for k, v in details.items() if k not in {"next_step", "severity"}}
    return Task(
        severity=state.severity,
        who=battery_id,
        href=f"/fleet/{battery_id}",
        what=event_words(shown, say) or say("A warning is open"),
        waiting=since(at, now),
        next_step=str(step),
    )


def _worn(
    record: Record, organisation_ids: frozenset[str] | None, *, n_most: int
) -> list[BatteryState]:
    """Return batteries in use of which it is sure that they are past their first life."""
    found = record.batteries(
        FleetQuery(
            organisation_ids=organisation_ids,
            stage=Stage.USE,
            soh_below_frac=_END_OF_FIRST_LIFE_FRAC,
            order=FleetOrder.SOH,
            n_most=_N_TASKS,
        )
    )
    sure = [
        state
        for state in found.batteries
        if state.severity < _SEVERITY_OF_A_TASK
        and state.soh_high_frac is not None
        and state.soh_high_frac < _END_OF_FIRST_LIFE_FRAC
    ]
    return sure[: max(n_most, 0)]


def _worn_task(state: BatteryState, now: datetime, say: Say) -> Task:
    left = percent(state.soh_frac, state.soh_low_frac, state.soh_high_frac)
    name = state.battery.battery_id
    return Task(
        severity=1,
        who=name,
        href=f"/fleet/{name}",
        what=say("{soh} % left, surely below 80 %", soh=left),
        waiting=since(state.evaluated_at or state.last_event_at, now),
        next_step=say("Decide what comes next"),
    )


def _histogram(overview: FleetOverview, say: Say) -> str:
    low, high = overview.soh_low_frac, overview.soh_high_frac
    level = (_END_OF_FIRST_LIFE_FRAC - low) / (high - low)
    return draw_histogram(
        overview.soh_counts, level_frac=level, title=say("State of health, share of fleet")
    )


def _share_below(overview: FleetOverview) -> str:
    n_known = sum(overview.soh_counts)
    if not n_known:
        return "–"
    width = (overview.soh_high_frac - overview.soh_low_frac) / len(overview.soh_counts)
    n_bins = round((_END_OF_FIRST_LIFE_FRAC - overview.soh_low_frac) / width)
    return f"{100 * sum(overview.soh_counts[:n_bins]) / n_known:.1f}"


def _latest(entry: Entry, now: datetime) -> Latest:
    event = entry.event
    href = f"/fleet/{event.battery_id}"
    return Latest(since(entry.recorded_at, now), event.battery_id, href, event.kind.value)
