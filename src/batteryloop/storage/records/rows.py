"""States, parts and descents as rows of their tables, and back."""

import json
import re
from datetime import datetime
from typing import Any

from batteryloop.record import (
    Application,
    Battery,
    BatteryState,
    Component,
    ComponentKind,
    Descent,
    EventKind,
    LifeStatus,
    Stage,
)
from batteryloop.record.ledger import Line
from batteryloop.record.moments import moment_of, text_of
from batteryloop.storage.records.tables import battery_state, component, descent, ledger

STATE = tuple(column.name for column in battery_state.columns)
LINE = tuple(column.name for column in ledger.columns)
PART = tuple(column.name for column in component.columns)
DESCENT = tuple(column.name for column in descent.columns)
NO_SOH = 9.0

assert Line._fields == LINE

Row = tuple[Any, ...]
_INSIDE = re.compile(r"\w+")


def state_row(state: BatteryState) -> Row:
    """Return a state as a row of `battery_state`."""
    battery = state.battery
    return (
        battery.battery_id,
        battery.application.value,
        battery.chemistry,
        battery.model,
        battery.producer_id,
        battery.rated_capacity_ah,
        battery.rated_energy_wh,
        battery.rated_voltage_v,
        battery.mass_kg,
        battery.n_cells_series,
        battery.n_cells_parallel,
        _text(battery.manufactured_at),
        json.dumps(battery.codes, sort_keys=True) if battery.codes else "{}",
        int(battery.is_simulated),
        state.stage.value,
        state.status.value,
        state.holder_id,
        state.responsible_id,
        state.n_events,
        text_of(state.last_event_at),
        state.last_event_kind.value,
        state.country,
        state.site,
        state.soh_frac,
        state.soh_low_frac,
        state.soh_high_frac,
        state.confidence_frac,
        _text(state.evaluated_at),
        state.severity,
        state.grade,
        state.passport_id,
        int(state.is_ended),
        NO_SOH if state.soh_frac is None else state.soh_frac,
    )


def state_of(row: Row) -> BatteryState:
    """Return a row of `battery_state` as a state."""
    description: list[Any] = [
        row[0],
        Application(row[1]),
        *row[2:11],
        _moment(row[11]),
        json.loads(row[12]),
        bool(row[13]),
    ]
    values: list[Any] = [
        Battery(*description),
        Stage(row[14]),
        LifeStatus(row[15]),
        row[16],
        row[17],
        row[18],
        moment_of(row[19]),
        EventKind(row[20]),
        *row[21:27],
        _moment(row[27]),
        row[28],
        row[29],
        row[30],
        bool(row[31]),
    ]
    return BatteryState(*values)


def part_row(battery_id: str, ordinal: int, part: Component) -> Row:
    """Return a part as a row of `component`."""
    return (
        battery_id,
        part.serial,
        ordinal,
        part.kind.value,
        part.parent_serial,
        part.position,
        part.model,
    )


def part_of(row: Row) -> Component:
    """Return a row of `component` as a part."""
    return Component(row[1], ComponentKind(row[3]), row[4], row[5], row[6])


def descent_row(found: Descent, sequence: int) -> Row:
    """Return a descent as a row of `descent`."""
    return (
        found.child_id,
        found.parent_id,
        sequence,
        text_of(found.happened_at),
        json.dumps(found.serials),
    )


def descent_of(row: Row) -> Descent:
    """Return a row of `descent` as a descent."""
    return Descent(row[1], row[0], moment_of(row[3]), tuple(json.loads(row[4])))


def words_of(battery: Battery) -> set[str]:
    """Return the words by which a battery is found: its name, its codes, its model's words.

    Examples
    --------
    >>> from batteryloop.record import Application
    >>> sorted(words_of(Battery("BAT-7", Application.CAR, model="Leaf ZE0-24", codes={"x": "A1"})))
    ['24', 'a1', 'bat-7', 'leaf', 'ze0', 'ze0-24']
    """
    model = battery.model
    whole = (battery.battery_id, *battery.codes.values(), *model.split(), *_INSIDE.findall(model))
    return {word.casefold() for word in whole if word}


def _text(moment_at: datetime | None) -> str | None:
    return None if moment_at is None else text_of(moment_at)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment_of(text)
