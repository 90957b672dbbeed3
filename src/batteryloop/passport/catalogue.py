"""Reads `attributes.csv`: what a passport may say, in which unit, and which point of law it is."""

import csv
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from batteryloop.errors import NotKnown, ValueOutOfRange

Kind = Literal[
    "number", "integer", "text", "texts", "date", "link", "links", "party", "address", "record",
    "records",
]  # fmt: skip
_NAMES = ("name", "identifier", "bpnl")
_LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


@dataclass(frozen=True, slots=True)
class Definition:
    """One row of `attributes.csv`.

    `point` is the point of Annex XIII of Regulation (EU) 2023/1542 that the attribute falls
    under, from which access follows: 1 public, 2 legitimate interest and the Commission,
    3 authorities, 4 legitimate interest, of the individual battery.
    """

    name: str
    unit: str
    kind: Kind
    group: str
    point: int
    is_dynamic: bool
    is_of_battery: bool
    meaning: str
    legal_reference: str
    row: str
    source: str


@cache
def definitions() -> Mapping[str, Definition]:
    """Return every attribute that a passport may hold, by name.

    Examples
    --------
    >>> definitions()["rated_capacity_ah"].unit
    'Ah'
    >>> len({d.row for d in definitions().values() if d.row})
    92
    """
    text = files("batteryloop.passport").joinpath("attributes.csv").read_text(encoding="utf-8")
    return {
        row["attribute"]: Definition(
            name=row["attribute"],
            unit=row["unit"],
            kind=row["kind"],  # type: ignore[arg-type]
            group=row["group"],
            point=int(row["point"]),
            is_dynamic=row["change"] == "dynamic",
            is_of_battery=row["level"] == "battery",
            meaning=row["meaning"],
            legal_reference=row["legal_reference"],
            row=row["row"],
            source=row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def definition(name: str) -> Definition:
    """Return the definition of the attribute called `name`.

    Raises
    ------
    NotKnown
        If there is none; the nearest three are offered.
    """
    known = definitions()
    if name not in known:
        raise NotKnown.among("passport attribute", name, known)
    return known[name]


def checked_value(name: str, value: Any) -> Any:  # noqa: ANN401
    """Return the value as its attribute's kind wants it: dates as dates, lists as tuples.

    Raises
    ------
    NotKnown
        If there is no such attribute.
    ValueOutOfRange
        If the value is of another kind.

    Examples
    --------
    >>> checked_value("manufactured_on", "2013-02-01")
    datetime.date(2013, 2, 1)
    >>> checked_value("extinguishing_agents", ["water"])
    ('water',)
    >>> checked_value("mass_kg", "heavy")
    Traceback (most recent call last):
    ...
    batteryloop.errors.ValueOutOfRange: passport attribute mass_kg: 'heavy'; allowed: a number, ...
    """
    kind = definition(name).kind
    found = _AS[kind](value)
    if found is None:
        raise ValueOutOfRange(
            f"passport attribute {name}", repr(value), _WANTED[kind], "correct the description"
        )
    return found


def _number(value: Any) -> float | None:  # noqa: ANN401
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and math.isfinite(value) else None


def _integer(value: Any) -> int | None:  # noqa: ANN401
    number = _number(value)
    return int(number) if number is not None and number == int(number) and number >= 0 else None


def _text(value: Any) -> str | None:  # noqa: ANN401
    return value.strip() if isinstance(value, str) and value.strip() else None


def _date(value: Any) -> date | None:  # noqa: ANN401
    if isinstance(value, date):
        return value if type(value) is date else None
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _link(value: Any) -> Any:  # noqa: ANN401
    """Take a link alone, or a table with `url` beside what else is known of the document."""
    if isinstance(value, Mapping):
        return dict(value) if _link(value.get("url")) else None
    text = _text(value)
    return text if text and _LINK.fullmatch(text) else None


def _record(value: Any) -> dict[str, Any] | None:  # noqa: ANN401
    return dict(value) if isinstance(value, Mapping) and value else None


def _party(value: Any) -> dict[str, Any] | None:  # noqa: ANN401
    is_named = isinstance(value, Mapping) and any(_text(value.get(key)) for key in _NAMES)
    return dict(value) if is_named else None


def _many(one: Any) -> Any:  # noqa: ANN401
    def each(value: Any) -> tuple[Any, ...] | None:  # noqa: ANN401
        if not isinstance(value, list | tuple):
            return None
        found = tuple(one(item) for item in value)
        return None if None in found else found

    return each


_AS = {
    "number": _number,
    "integer": _integer,
    "text": _text,
    "texts": _many(_text),
    "date": _date,
    "link": _link,
    "links": _many(_link),
    "party": _party,
    "address": _record,
    "record": _record,
    "records": _many(_record),
}
_WANTED = {
    "number": "a number, finite",
    "integer": "a whole number, not below 0",
    "text": "text",
    "texts": "a list of texts",
    "date": "a date such as 2026-11-25",
    "link": "a link such as https://… or urn:…, or a table with `url`",
    "links": "a list of links",
    "party": "a table with at least `name`, `identifier` or `bpnl`",
    "address": "a table with country, postal_code, street",
    "record": "a table",
    "records": "a list of tables",
}
