"""Countries: whose law holds there, and what they have signed on moving waste."""

from dataclasses import dataclass
from functools import cache

from batteryloop.errors import NotKnown
from batteryloop.reference.rows import rows


@dataclass(frozen=True, slots=True)
class Country:
    """One row of `countries.csv`; `bloc` is whose law holds: `EU`, or the country's own code."""

    code: str
    name: str
    region: str
    bloc: str
    is_oecd: bool
    has_basel: bool
    bans_waste: bool
    confidence: str
    source: str


@cache
def countries() -> dict[str, Country]:
    """Return the countries by their ISO 3166 code of two letters.

    Examples
    --------
    >>> countries()["FR"].bloc, countries()["CH"].bloc
    ('EU', 'CH')
    """
    return {
        row["country"]: Country(
            row["country"],
            row["name"],
            row["region"],
            row["bloc"],
            row["is_oecd"] == "yes",
            row["has_basel"] == "yes",
            row["waste_imports"] == "banned",
            row["confidence"],
            row["source"],
        )
        for row in rows("batteryloop.reference", "countries.csv")
    }


def country(code: str) -> Country:
    """Return a country by its code; blanks around it and small letters are read as meant.

    Raises
    ------
    NotKnown
        If the table does not have it.

    Examples
    --------
    >>> country("nl ").name
    'Netherlands'
    """
    name = code.strip().upper()
    if name not in countries():
        raise NotKnown.among("country", code, countries())
    return countries()[name]


def is_under(code: str, jurisdiction: str) -> bool:
    """Return whether a jurisdiction (a country, or `EU`) rules in a country.

    Examples
    --------
    >>> is_under("FR", "EU"), is_under("FR", "FR"), is_under("CH", "EU")
    (True, True, False)
    """
    known = countries().get(code)
    return jurisdiction in (code, known.bloc if known else code)
