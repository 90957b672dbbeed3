"""The attributes of a passport as rows of tables: title, value, unit, interval, as of, by whom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from batteryloop.passport.catalogue import Definition, definitions
from batteryloop.passport.types import Attribute, Passport
from batteryloop.web.numbers import bounds, figure

Say = Callable[..., str]
_SCREEN_UNITS = {
    "1": "",
    "1/month": "1/month",
    "1/h": "1/h",
    "degC": "°C",
    "ohm": "Ω",
    "kgCO2e": "kg CO₂e",
    "kgCO2e/kWh": "kg CO₂e/kWh",
}
# An interval is drawn on a line from nothing to so many times its upper end.
_ROOM = 1.2


@dataclass(frozen=True, slots=True)
class Row:
    """One attribute on the page.

    `value` is text, or the value itself where `form` is none of plain text; `low`, `middle` and
    `high` place the interval on a line [1].
    """

    attribute: Attribute
    definition: Definition
    title: str
    form: str
    value: Any
    unit: str
    interval: str = ""
    low: float | None = None
    middle: float | None = None
    high: float | None = None

    @property
    def confidence(self) -> str:
        """How sure the interval is, in percent; empty where that is not said."""
        sure = self.attribute.confidence_frac
        return "" if sure is None else f"{100 * sure:.0f}"

    @property
    def how(self) -> str:
        """Who says so, and how it was determined."""
        said = (self.attribute.originator, self.attribute.method, self.attribute.provenance)
        return " · ".join(dict.fromkeys(part for part in said if part))


@dataclass(frozen=True, slots=True)
class Group:
    """The attributes of one kind: what is known, and what is not, with the reason."""

    key: str
    known: tuple[Row, ...]
    unknown: tuple[Row, ...]


def groups_of(passport: Passport, say: Say) -> tuple[Group, ...]:
    """Return all that a passport says, in the order of `attributes.csv`, by group."""
    order = [d for d in definitions().values() if d.name in passport.attributes]
    by_group = sorted(order, key=lambda d: _GROUPS.index(d.group))
    found = []
    for key, members in groupby(by_group, key=lambda d: d.group):
        rows = [_row(d, passport.attributes[d.name], say) for d in members]
        known = tuple(row for row in rows if row.attribute.is_known)
        unknown = tuple(row for row in rows if not row.attribute.is_known)
        found.append(Group(key, known, unknown))
    return tuple(found)


_GROUPS = tuple(dict.fromkeys(d.group for d in definitions().values()))


def _row(d: Definition, attribute: Attribute, say: Say) -> Row:
    title, value = say(f"attribute-{d.name}"), attribute.value
    if d.kind not in ("number", "integer") or value is None:
        return Row(attribute, d, title, d.kind, _plain(d, value, say), "")
    is_share = "_frac" in d.name
    scale = 100.0 if is_share else 1.0
    low, high = (None if v is None else scale * v for v in (attribute.low, attribute.high))
    if low == high:  # counted, not estimated
        low = high = None
    shown = scale * value
    unit = _SCREEN_UNITS.get(d.unit, d.unit)
    if is_share:
        unit = "%" if d.unit == "1" else f"% {unit.removeprefix('1')}"
    row = Row(attribute, d, title, "text", figure(shown, low, high), unit, bounds(shown, low, high))
    if low is None or high is None or high <= 0 or low < 0:
        return row
    end = 100.0 if is_share and high <= 100.0 else _ROOM * high
    return Row(
        attribute, d, title, "text", row.value, unit, row.interval,
        low / end, shown / end, high / end,
    )  # fmt: skip


def _plain(d: Definition, value: Any, say: Say) -> Any:  # noqa: ANN401
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and d.name in ("status", "category"):
        return say(f"{d.name}-{value}")
    if d.kind == "party" and isinstance(value, Mapping):
        said = (value.get(key) for key in ("name", "identifier", "bpnl", "country"))
        return " · ".join(dict.fromkeys(str(part) for part in said if part))
    if d.kind == "links" and isinstance(value, tuple):
        return tuple(_link(item) for item in value)
    if d.kind == "link" and value is not None:
        return (_link(value),)
    return value


def _link(value: Any) -> tuple[str, str]:  # noqa: ANN401
    """Return the words of a link and its address; only what opens in a browser has an address."""
    url = str(value["url"] if isinstance(value, Mapping) else value)
    words = value.get("title") if isinstance(value, Mapping) else None
    return str(words or url), url if url.startswith(("https://", "http://")) else ""
