"""Dangerous goods: the entry of a UN number on a day, and the limits that go with it."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from batteryloop.errors import InputWrong, NotKnown
from batteryloop.reference.rows import rows


@dataclass(frozen=True, slots=True)
class GoodsEntry:
    """A row of the list of dangerous goods, with how far its figures were looked up."""

    un_number: str
    family: str
    packed: str
    shipping_name: str
    goods_class: str
    label: str
    packing_group: str
    tunnel_code: str
    transport_category: str
    points_per_kg: float
    confidence: str
    source: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return {name: getattr(self, name) for name in self.__slots__}


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a table of this room, read once.

    Examples
    --------
    >>> table("goods.csv")[0]["un_number"]
    'UN3480'
    """
    return tuple(rows(__package__, name))


def is_in_force(row: dict[str, str], day: date) -> bool:
    """Whether a dated row holds on a day.

    Examples
    --------
    >>> is_in_force({"from_on": "2025-01-01", "until_on": "2025-06-30"}, date(2025, 7, 1))
    False
    """
    until = row.get("until_on", "")
    return date.fromisoformat(row["from_on"]) <= day and (
        not until or day <= date.fromisoformat(until)
    )


def goods_entry(un_number: str, packed: str, day: date) -> GoodsEntry:
    """Return the entry of a UN number, as it holds on a day.

    Parameters
    ----------
    un_number : str
        With or without `UN`.
    packed : str
        `alone`, `with-equipment`, `in-equipment`, `vehicle` or `transport-unit`.
    day : datetime.date
        Of the transport.

    Raises
    ------
    NotKnown
        If the number is not in the list.
    InputWrong
        If it does not hold on that day or not for goods packed so.

    Examples
    --------
    >>> entry = goods_entry("3481", "in-equipment", date(2026, 11, 25))
    >>> entry.shipping_name, entry.tunnel_code
    ('LITHIUM ION BATTERIES CONTAINED IN EQUIPMENT', 'E')
    """
    name = f"UN{un_number.strip().upper().removeprefix('UN').strip()}"
    known = table("goods.csv")
    own = [row for row in known if row["un_number"] == name]
    if not own:
        raise NotKnown.among("UN number", name, {row["un_number"] for row in known})
    held = [row for row in own if is_in_force(row, day)]
    if not held:
        spans = ", ".join(f"{row['from_on']} to {row['until_on'] or 'today'}" for row in own)
        family = own[0]["family"]
        instead = sorted(
            row["un_number"]
            for row in known
            if is_in_force(row, day) and (row["family"], row["packed"]) == (family, packed)
        )
        raise InputWrong(
            name, f"not in force on {day}", spans, f"use {' or '.join(instead)}" if instead else ""
        )
    for row in held:
        if row["packed"] == packed:
            return GoodsEntry(
                **{key: row[key] for key in GoodsEntry.__slots__ if key not in ("points_per_kg",)},
                points_per_kg=float(row["points_per_kg"]),
            )
    raise InputWrong(
        name,
        f"is not for goods packed {packed!r}",
        " or ".join(row["packed"] for row in held),
        "choose the UN number by what is packed, not by habit",
    )


def limit(name: str) -> float:
    """Return a figure of `limits.csv`.

    Raises
    ------
    NotKnown
        If there is no such figure.

    Examples
    --------
    >>> limit("exempt_points")
    1000.0
    """
    known = {row["name"]: row["value"] for row in table("limits.csv")}
    if name not in known:
        raise NotKnown.among("limit", name, known)
    return float(known[name])
