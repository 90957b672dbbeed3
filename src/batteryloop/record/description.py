"""A battery and its parts as plain data, and back: what the event `made` carries."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from batteryloop.errors import InputWrong, NotKnown, ValueOutOfRange
from batteryloop.record.battery import Battery, Component, ComponentKind
from batteryloop.record.categories import Application
from batteryloop.record.moments import moment_of, text_of

Choice = TypeVar("Choice", Application, ComponentKind)
_TEXTS = ("chemistry", "model", "producer_id")
_FIGURES = ("rated_capacity_ah", "rated_energy_wh", "rated_voltage_v", "mass_kg")
_COUNTS = ("n_cells_series", "n_cells_parallel")
_KNOWN = frozenset(
    {"battery_id", "application", "manufactured_at", "codes", "is_simulated"}
    | {*_TEXTS, *_FIGURES, *_COUNTS}
)


def description_of(battery: Battery) -> dict[str, Any]:
    """Return a battery as plain data, without what nobody knows of it."""
    made_at = battery.manufactured_at
    data: dict[str, Any] = {"application": battery.application.value}
    for name in (*_TEXTS, *_FIGURES):
        value = getattr(battery, name)
        if value is not None and value != "":
            data[name] = value
    for name in _COUNTS:
        if getattr(battery, name) != 1:
            data[name] = getattr(battery, name)
    if made_at is not None:
        data["manufactured_at"] = text_of(made_at)
    if battery.codes:
        data["codes"] = dict(battery.codes)
    if battery.is_simulated:
        data["is_simulated"] = True
    return data


def battery_of(battery_id: str, data: Mapping[str, Any]) -> Battery:
    """Return the battery that plain data describes.

    Raises
    ------
    InputWrong
        If there is no application or a field is not known.
    NotKnown
        If the application is none.
    ValueOutOfRange
        If a figure is not above 0.
    """
    subject = f"battery {battery_id}"
    if not battery_id or battery_id != battery_id.strip():
        raise ValueOutOfRange(subject, "no name, or blanks around it", "a name", "give one")
    for name in data:
        if name not in _KNOWN:
            unknown = NotKnown.among("field", name, _KNOWN)
            raise InputWrong(subject, f"field {name!r} is not known", next_step=unknown.next_step)
    if not data.get("application"):
        raise InputWrong(
            subject,
            "has no application",
            ", ".join(Application),
            "say what it is used in",
        )
    figures = [_figure(subject, name, data.get(name)) for name in _FIGURES]
    counts = [_count(subject, name, data.get(name, 1)) for name in _COUNTS]
    made_at = data.get("manufactured_at")
    return Battery(
        battery_id,
        _choice(Application, "application", data["application"]),
        _text(subject, "chemistry", data.get("chemistry")) or None,
        _text(subject, "model", data.get("model")),
        _text(subject, "producer_id", data.get("producer_id")),
        figures[0],
        figures[1],
        figures[2],
        figures[3],
        counts[0],
        counts[1],
        None if made_at is None else moment_of(made_at, subject=subject),
        _codes(subject, data.get("codes")),
        data.get("is_simulated") is True,
    )


def components_of(data: Sequence[Any], *, subject: str) -> tuple[Component, ...]:
    """Return the parts that plain data lists.

    Raises
    ------
    InputWrong
        If a part has no serial, is there twice, or sits in a part that is not listed.
    NotKnown
        If the kind of a part is none.
    """
    parts: dict[str, Component] = {}
    for item in data:
        if not isinstance(item, Mapping) or not isinstance(item.get("serial"), str):
            raise InputWrong(
                subject, f"part {item!r} has no serial", "serial, kind, parent_serial", "give it"
            )
        serial = item["serial"]
        if serial in parts or not serial:
            raise InputWrong(subject, f"serial {serial!r} is listed twice", "each part once")
        position = item.get("position")
        parts[serial] = Component(
            serial,
            _choice(ComponentKind, "kind of part", item.get("kind", "other")),
            item.get("parent_serial") or None,
            None if position is None else int(position),
            _text(subject, "model", item.get("model")),
        )
    return tuple(parts.values())


def _choice(kind: type[Choice], word: str, value: object) -> Choice:
    try:
        return kind(str(value))
    except ValueError:
        raise NotKnown.among(word, str(value), list(kind)) from None


def _text(subject: str, name: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueOutOfRange(subject, f"{name} is {value!r}", "a text", "write it in quotes")
    return value


def _figure(subject: str, name: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueOutOfRange(subject, f"{name} is {value!r}", "a number above 0", "give a number")
    if not (math.isfinite(value) and value > 0):
        raise ValueOutOfRange(
            subject, f"{name} is {value}", "above 0", "give what the maker states"
        )
    return float(value)


def _count(subject: str, name: str, value: object) -> int:
    if type(value) is not int or value < 1:
        raise ValueOutOfRange(subject, f"{name} is {value!r}", "a whole number from 1", "count")
    return value


def _codes(subject: str, value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(
        isinstance(k, str) and isinstance(v, str) for k, v in value.items()
    ):
        raise ValueOutOfRange(subject, f"codes are {value!r}", "texts by scheme", "write them so")
    return dict(value)
