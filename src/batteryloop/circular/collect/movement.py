"""May it cross the border: Basel Convention, OECD and EU rules, with codes and papers needed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from batteryloop.circular.collect.goods import is_in_force, table
from batteryloop.errors import InputWrong, NotKnown
from batteryloop.reference.countries import Country, country

_REFUSED = ("banned",)


@dataclass(frozen=True, slots=True)
class Movement:
    """What a movement between two countries needs.

    `control` is `none`, `evidence`, `notification`, `arrangement` or `banned`.
    """

    origin: str
    destination: str
    purpose: str
    control: str
    codes: tuple[str, ...]
    documents: tuple[str, ...]
    reason: str
    confidence: str
    source: str

    @property
    def is_allowed(self) -> bool:
        """Whether it may go at all, once the papers are there."""
        return self.control not in _REFUSED

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "origin": self.origin,
            "destination": self.destination,
            "purpose": self.purpose,
            "control": self.control,
            "is_allowed": self.is_allowed,
            "codes": list(self.codes),
            "documents": list(self.documents),
            "reason": self.reason,
            "confidence": self.confidence,
            "source": self.source,
        }


def movement_needs(origin: str, destination: str, purpose: str, day: date) -> Movement:
    """Return what moving used batteries from one country to another needs on a day.

    Rules are rows of `movement_rules.csv`; the first that fits holds. Batteries that go to be
    recycled or disposed of are waste; those that go to be used again need proof that they work.

    Parameters
    ----------
    origin, destination : str
        ISO 3166 codes of two letters.
    purpose : str
        `reuse`, `recycling` or `disposal`.
    day : datetime.date
        Of the movement.

    Raises
    ------
    NotKnown
        If a country is not in `reference/countries.csv`, or the purpose is none of these.

    Examples
    --------
    >>> movement_needs("FR", "CN", "recycling", date(2026, 11, 25)).control
    'banned'
    >>> movement_needs("FR", "NL", "recycling", date(2026, 11, 25)).control
    'notification'
    """
    if purpose not in ("reuse", "recycling", "disposal"):
        raise NotKnown.among("purpose", purpose, ("reuse", "recycling", "disposal"))
    left, right = country(origin), country(destination)
    is_home = left.code == right.code
    matter = "reuse" if purpose == "reuse" else "waste"
    for row in sorted(table("movement_rules.csv"), key=lambda r: int(r["rank"])):
        if row["purpose"] != matter or not is_in_force(row, day):
            continue
        if row["origin"] not in _groups(left):
            continue
        wanted = row["destination"]
        if not (is_home if wanted == "same" else wanted in _groups(right)):
            continue
        return Movement(
            left.code,
            right.code,
            purpose,
            row["control"],
            _codes(row["codes"]),
            tuple(part.strip() for part in row["documents"].split(";") if part.strip()),
            f"{left.name} to {right.name}: {row['reason']}",
            row["confidence"],
            row["source"],
        )
    raise InputWrong(
        f"{origin} to {destination}", f"no rule holds on {day}", next_step="ask the authorities"
    )


def _groups(country: Country) -> set[str]:
    groups = {"any", "oecd" if country.is_oecd else "outside-oecd"}
    if country.bloc == "EU":
        groups.add("eu")
    if country.has_basel:
        groups.add("basel")
    if country.bans_waste:
        groups.add("closed")
    return groups


def _codes(text: str) -> tuple[str, ...]:
    """Split codes; a code of the EU list of waste has blanks of its own.

    Examples
    --------
    >>> _codes("Y32 A1170 16 06 07*")
    ('Y32', 'A1170', '16 06 07*')
    """
    parts: list[str] = []
    for part in text.split():
        if parts and part[0].isdigit() and parts[-1][0].isdigit():
            parts[-1] += f" {part}"
        else:
            parts.append(part)
    return tuple(parts)
