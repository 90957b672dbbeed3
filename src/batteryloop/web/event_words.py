"""What an event says, in one line: its details with names and units a person reads."""

from collections.abc import Callable, Mapping
from typing import Any

from batteryloop.web.numbers import percent

# Details that say nothing in a line: hashes, addresses, and what the battery's way tells at length.
_SILENT = frozenset(
    {"document", "sha256", "signatures", "battery", "components", "confidence_frac", "version"}
)
_MOST_WORDS = 160


def event_words(details: Mapping[str, Any], say: Callable[..., str]) -> str:
    """Return the line; numbers with their unit, shares in percent with their interval.

    Examples
    --------
    >>> event_words({"soh_frac": 0.921, "soh_low_frac": 0.907, "soh_high_frac": 0.935}, str)
    'SoH 92.1 (90.7–93.5) %'
    >>> event_words({"serial_out": "CS-41077", "serial_in": "CS-88213"}, str)
    'serial out CS-41077 · serial in CS-88213'
    >>> event_words({"parents": [{"battery_id": "BAT-1"}, {"battery_id": "BAT-2"}]}, str)
    'parents BAT-1, BAT-2'
    """
    parts = []
    if isinstance(details.get("soh_frac"), float):
        bounds = details.get("soh_low_frac"), details.get("soh_high_frac")
        parts.append(f"SoH {percent(details['soh_frac'], *bounds)} %")
    for name, value in details.items():
        if name in _SILENT or name.startswith("soh_") or value in (None, "", [], {}):
            continue
        parts.append(_part(name, value, say))
    line = " · ".join(parts)
    return line if len(line) <= _MOST_WORDS else line[: _MOST_WORDS - 1].rstrip() + "…"


def _part(name: str, value: object, say: Callable[..., str]) -> str:
    if name in {"words", "note", "text", "what", "reason"}:
        return str(value)
    words, unit = name, ""
    for suffix, symbol in _UNITS.items():
        if name.endswith(suffix):
            words, unit = name.removesuffix(suffix), f" {symbol}"
            break
    words = say(words.replace("_", " "))
    if isinstance(value, bool):
        return words if value else f"{say('not')} {words}"
    if isinstance(value, float):
        shown = 100 * value if unit == " %" else value
        return f"{words} {shown:,.4g}{unit}"
    if isinstance(value, Mapping):
        return f"{words} {len(value)}"
    if isinstance(value, list | tuple):
        listed = ", ".join(map(_name, value[:3]))
        return f"{words} {listed}" + (f" +{len(value) - 3}" if len(value) > 3 else "")
    return f"{words} {value}{unit}"


def _name(thing: object) -> str:
    """Return what a listed thing is called: a battery or a part by its name, words as they are."""
    if isinstance(thing, Mapping):
        return str(thing.get("battery_id") or thing.get("serial") or len(thing))
    return str(thing)


_UNITS = {
    "_frac": "%",
    "_ah": "Ah",
    "_wh": "Wh",
    "_kwh": "kWh",
    "_ohm": "Ω",
    "_a": "A",
    "_v": "V",
    "_kg": "kg",
    "_km": "km",
    "_degc": "°C",
    "_days": "d",
    "_eur": "EUR",
}
