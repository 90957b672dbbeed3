"""What a battery's page says, made from its record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from markupsafe import Markup

from batteryloop.evaluation import EvaluationReport
from batteryloop.record import Battery, BatteryState, Component, Entry, EventKind
from batteryloop.usecases.record_passport import recorded_report
from batteryloop.usecases.record_port import Record
from batteryloop.web.drawings.cell_map import Deviation, draw_cells
from batteryloop.web.drawings.health_chart import HealthPoint, Mark, draw_health
from batteryloop.web.drawings.lineage_graph import draw_lineage
from batteryloop.web.event_words import event_words
from batteryloop.web.numbers import interval, moment, percent
from batteryloop.web.rendering import picture

Say = Callable[..., str]
_N_ENTRIES = 200
_MARKED = frozenset(
    {
        EventKind.WARNED,
        EventKind.PART_REPLACED,
        EventKind.FIRMWARE_CHANGED,
        EventKind.REPAIRED,
        EventKind.REMANUFACTURED,
        EventKind.REPURPOSED,
    }
)
_N_MARKS = 6
# A normal spread is so many times the median absolute deviation.
_NORMAL_MAD = 1.4826


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the life so far."""

    sequence: int
    happened_at: datetime
    kind: str
    words: str
    party_id: str
    entry_hash: str


@dataclass(frozen=True, slots=True)
class BatteryView:
    """What the template draws."""

    state: BatteryState
    headline: str
    verdict: str
    provenance: str
    health_chart: Markup
    cells: Markup
    cells_reason: str
    grade: str
    grade_reasons: tuple[str, ...]
    history: tuple[Line, ...]
    facts: tuple[tuple[str, str], ...]
    components: tuple[Component, ...]
    components_words: str
    lineage: Markup
    has_report: bool

    @property
    def battery(self) -> Battery:
        """The battery as it was made."""
        return self.state.battery


def battery_view(record: Record, state: BatteryState, *, now: datetime, say: Say) -> BatteryView:
    """Return what the page of a battery says.

    Parameters
    ----------
    record : Record
        Where its history, parts and lineage are.
    state : BatteryState
        What its events come to.
    now : datetime
        The moment that the chart marks.
    say : callable
        Says a text in the viewer's language.
    """
    battery = state.battery
    history = record.history(battery.battery_id, n_most=_N_ENTRIES)
    report = recorded_report(record, battery.battery_id)
    components = record.components(battery.battery_id)
    descents = record.lineage(battery.battery_id).descents
    hrefs = {name: f"/fleet/{name}" for d in descents for name in (d.parent_id, d.child_id)}
    return BatteryView(
        state=state,
        headline=_headline(battery, say),
        verdict=_verdict(state, report, say),
        provenance=_provenance(state, history, say),
        health_chart=picture(_health_chart(battery, history, _ahead(state, report), now, say)),
        cells=picture(_cells(report, say)),
        cells_reason=report.health.cells.reason if report else "",
        grade=report.grade.short if report and report.grade else "",
        grade_reasons=report.grade.reasons if report and report.grade else (),
        history=tuple(_line(entry, say) for entry in history),
        facts=tuple(_facts(state, say)),
        components=tuple(components),
        components_words=_counted(components, say),
        lineage=picture(
            draw_lineage(battery.battery_id, descents, hrefs=hrefs, title=say("Came from, went to"))
        ),
        has_report=report is not None,
    )


def _headline(battery: Battery, say: Say) -> str:
    parts = [battery.battery_id, battery.chemistry or ""]
    if battery.rated_energy_wh:
        parts.append(f"{battery.rated_energy_wh / 1000:,.3g} kWh")
    elif battery.rated_capacity_ah:
        parts.append(f"{battery.rated_capacity_ah:,.4g} Ah")
    if battery.n_cells_series > 1:
        parts.append(say("{n} cells in series", n=battery.n_cells_series))
    return " · ".join(part for part in parts if part)


def _verdict(state: BatteryState, report: EvaluationReport | None, say: Say) -> str:
    if state.soh_frac is None:
        health = say("How healthy it is has not been judged yet.")
    else:
        health = say(
            "{soh} % of what it had when new, {confidence} % sure.",
            soh=percent(state.soh_frac, state.soh_low_frac, state.soh_high_frac),
            confidence=f"{100 * (state.confidence_frac or 0.9):.0f}",
        )
    warning = (
        say("A warning is open: look at the life below before the next charge.")
        if state.severity >= 2
        else say("No warning is open.")
    )
    return " ".join(part for part in (health, _remaining(report, say), warning) if part)


def _remaining(report: EvaluationReport | None, say: Say) -> str:
    """Return when the first threshold ahead is reached, where the report can tell."""
    for life in report.degradation.remaining if report else ():
        days = life.remaining_days
        if days.value is not None and days.value > 0:
            years = [None if d is None else d / 365.25 for d in (days.value, days.low, days.high)]
            return say(
                "Reaches {threshold} % in {years} years at the duty so far.",
                threshold=f"{100 * life.threshold_frac:.0f}",
                years=interval(*years),
            )
    return ""


def _ahead(state: BatteryState, report: EvaluationReport | None) -> list[HealthPoint]:
    """Return the forecast as points in time.

    None where it counts cycles alone, and none where it is of another capacity than the one that
    was judged: a forecast follows the usual current, a judgement the reference's.
    """
    points = report.degradation.ahead if report else ()
    if not report or not points or points[0].age_days is None:
        return []
    low, high = state.soh_low_frac, state.soh_high_frac
    if low is None or high is None or not low <= points[0].soh_frac <= high:
        return []
    begun, zero = report.inputs.evaluated_at, points[0].age_days
    dated = [(point, point.age_days) for point in points if point.age_days is not None]
    return [
        HealthPoint(
            begun + timedelta(days=days - zero),
            point.soh_frac,
            point.soh_low_frac,
            point.soh_high_frac,
        )
        for point, days in dated
    ]


def _cells(report: EvaluationReport | None, say: Say) -> str:
    standing = report.health.cells.deviations_v if report else ()
    if len(standing) < 3:
        return ""
    middle = median(standing)
    spread = _NORMAL_MAD * median(abs(v - middle) for v in standing)
    scores: list[Deviation] = [(v - middle) / spread if spread else 0.0 for v in standing]
    return draw_cells(scores, title=say("Cells against their pack at rest, robust z"))


def _provenance(state: BatteryState, history: Sequence[Entry], say: Say) -> str:
    last = next((e for e in history if e.event.kind is EventKind.EVALUATED), None)
    if last is None:
        return say("{n} events on record", n=state.n_events)
    method = last.event.details.get("method", "")
    judged = say("judged {day}", day=moment(last.event.happened_at))
    return " · ".join(
        part for part in (judged, method, say("{n} events on record", n=state.n_events)) if part
    )


def _health_chart(
    battery: Battery,
    history: Sequence[Entry],
    forecast: Sequence[HealthPoint],
    now: datetime,
    say: Say,
) -> str:
    points, marks = [], []
    for entry in reversed(history):
        event = entry.event
        soh = event.details.get("soh_frac")
        if event.kind is EventKind.EVALUATED and isinstance(soh, float):
            bounds = (event.details.get(f"soh_{side}_frac") for side in ("low", "high"))
            points.append(HealthPoint(event.happened_at, soh, *bounds))
        elif event.kind in _MARKED:
            marks.append(Mark(event.happened_at, say(f"event-{event.kind}")))
    return draw_health(
        points,
        forecast=forecast,
        marks=marks[-_N_MARKS:] if points else (),
        now=now,
        title=say("State of health over time"),
        is_simulated=battery.is_simulated,
    )


def _line(entry: Entry, say: Say) -> Line:
    event = entry.event
    return Line(
        entry.sequence,
        event.happened_at,
        event.kind.value,
        event_words(event.details, say),
        event.party_id,
        entry.entry_hash,
    )


def _facts(state: BatteryState, say: Say) -> list[tuple[str, str]]:
    battery = state.battery
    known: list[tuple[str, Any]] = [
        ("Used in", say(f"use-{battery.application}")),
        ("Legal category", say(f"category-{battery.category}")),
        ("Maker", battery.producer_id),
        ("Model", battery.model),
        ("Made on", moment(battery.manufactured_at) if battery.manufactured_at else ""),
        ("Rated capacity [Ah]", battery.rated_capacity_ah),
        ("Rated energy [kWh]", battery.rated_energy_wh and battery.rated_energy_wh / 1000),
        ("Mass [kg]", battery.mass_kg),
        ("Holder", state.holder_id),
        ("Answers for it", state.responsible_id),
        ("Country", state.country),
        ("Site", state.site),
        *battery.codes.items(),
    ]
    return [
        (say(name), f"{value:,.5g}" if isinstance(value, float) else str(value))
        for name, value in known
        if value
    ]


def _counted(components: Sequence[Component], say: Say) -> str:
    counts: dict[str, int] = {}
    for part in components:
        counts[part.kind] = counts.get(part.kind, 0) + 1
    return ", ".join(f"{n} × {say(f'part-{kind}')}" for kind, n in counts.items())
