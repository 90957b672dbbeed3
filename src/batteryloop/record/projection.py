"""What many events come to: states, parts and descents, folded one event at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from batteryloop.record.battery import Component
from batteryloop.record.descent import parent_after
from batteryloop.record.events import LifeEvent
from batteryloop.record.fleet import BatteryState
from batteryloop.record.life import advance
from batteryloop.record.lineage import Descent
from batteryloop.record.makeup import CHANGING, changed_parts, descents_of


@dataclass(frozen=True, slots=True)
class Folded:
    """What events changed: new states and parts by battery, and each descent with its event."""

    states: dict[str, BatteryState] = field(default_factory=dict)
    parts: dict[str, dict[str, Component]] = field(default_factory=dict)
    descents: list[tuple[LifeEvent, Descent]] = field(default_factory=list)


def batteries_needed(events: Iterable[LifeEvent]) -> tuple[set[str], set[str]]:
    """Return the batteries whose states, and those whose parts, a fold of the events looks at.

    Raises
    ------
    InputWrong
        If an event names its parents wrongly.
    """
    states: set[str] = set()
    parts: set[str] = set()
    for event in events:
        states.add(event.battery_id)
        if event.kind in CHANGING:
            touched = {event.battery_id, *(d.parent_id for d in descents_of(event))}
            states |= touched
            parts |= touched
    return states, parts


def fold(
    events: Iterable[LifeEvent],
    states: Mapping[str, BatteryState],
    parts: Mapping[str, Mapping[str, Component]],
    *,
    recorded_at: datetime | None = None,
) -> Folded:
    """Return what the events change, in their order.

    Parameters
    ----------
    events : iterable of LifeEvent
        In the order in which they are recorded.
    states, parts : mapping
        What the events before came to, of every battery that `batteries_needed` names.
    recorded_at : datetime, optional
        When they are recorded; an event that lies ahead of it is refused.

    Raises
    ------
    InputWrong
        If an event's details are not what its kind asks for.
    RecordSaysNo
        If a life so far does not allow an event.
    """
    found = Folded()
    for event in events:
        name = event.battery_id
        before = found.states.get(name) or states.get(name)
        found.states[name] = advance(before, event, recorded_at=recorded_at)
        if event.kind in CHANGING:
            _fold_parts(event, found, states, parts)
    return found


def _fold_parts(
    event: LifeEvent,
    found: Folded,
    states: Mapping[str, BatteryState],
    parts: Mapping[str, Mapping[str, Component]],
) -> None:
    descents = descents_of(event)
    touched = (event.battery_id, *(d.parent_id for d in descents))
    now = {name: found.parts.get(name, parts.get(name, {})) for name in touched}
    after = changed_parts(event, now).parts
    for descent in descents:
        parent_id = descent.parent_id
        parent = found.states.get(parent_id) or states.get(parent_id)
        found.states[parent_id] = parent_after(event, descent, parent, after[parent_id])
        found.descents.append((event, descent))
    found.parts.update(after)
