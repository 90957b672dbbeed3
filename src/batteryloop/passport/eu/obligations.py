"""Which attributes a passport must hold: versioned profiles as data, so a new guideline is a file.

A profile is a CSV with a row for each attribute and a column for each legal category, whose cells
say mandatory, conditional, voluntary or none.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from batteryloop.errors import ColumnMissing, InputWrong, NotKnown, ValueOutOfRange
from batteryloop.passport.catalogue import definition
from batteryloop.record.categories import Category

# Regulation (EU) 2023/1542, Art. 77(1): no other category has a passport.
CATEGORIES = (
    Category.ELECTRIC_VEHICLE,
    Category.LIGHT_TRANSPORT,
    Category.INDUSTRIAL,
    Category.STATIONARY_STORAGE,
)


class Duty(StrEnum):
    """How strongly an attribute is asked for."""

    MANDATORY = "mandatory"
    CONDITIONAL = "conditional"
    VOLUNTARY = "voluntary"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Obligation:
    """What a profile says of one attribute."""

    attribute: str
    duties: Mapping[Category, Duty]
    condition: str
    reference: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A guideline: where it comes from, which version, and what it asks for.

    `reading` says whether its text was opened or known second-hand.
    """

    name: str
    title: str
    version: str
    published_on: str
    reading: str
    note: str
    obligations: tuple[Obligation, ...]


def profile_from_rows(rows: Sequence[Mapping[str, str]], *, head: Mapping[str, str]) -> Profile:
    """Return the profile that rows of a CSV hold.

    Parameters
    ----------
    rows : sequence of mapping
        `attribute`, one column for each of the four categories, `condition`, `reference`.
    head : mapping of str to str
        `profile`, `title`, `version`, `published_on`, `reading`, `note`.

    Raises
    ------
    ColumnMissing
        If a category has no column.
    NotKnown
        If an attribute is none.
    ValueOutOfRange
        If a cell is no duty.

    Examples
    --------
    >>> row = {"attribute": "mass_kg", **dict.fromkeys(CATEGORIES, "mandatory")}
    >>> profile_from_rows([row], head={"profile": "mine"}).obligations[0].attribute
    'mass_kg'
    """
    name = head.get("profile", "profile")
    found = []
    for row in rows:
        missing = [key for key in ("attribute", *CATEGORIES) if row.get(key) is None]
        if missing:
            raise ColumnMissing(f"profile {name}", f"no column {missing[0]}", "one a category")
        attribute = definition(row["attribute"]).name
        duties = {category: _duty(row[category], name, attribute) for category in CATEGORIES}
        found.append(
            Obligation(attribute, duties, row.get("condition", ""), row.get("reference", ""))
        )
    if not found:
        raise InputWrong(f"profile {name}", "no row", "one for each attribute asked for")
    return Profile(
        name,
        head.get("title", ""),
        head.get("version", ""),
        head.get("published_on", ""),
        head.get("reading", ""),
        head.get("note", ""),
        tuple(found),
    )


def _duty(cell: str, profile: str, attribute: str) -> Duty:
    try:
        return Duty(cell.strip())
    except ValueError:
        raise ValueOutOfRange(
            f"profile {profile}, {attribute}", repr(cell), ", ".join(duty.value for duty in Duty)
        ) from None


@cache
def profiles() -> Mapping[str, Profile]:
    """Return the profiles that come with the package, by name.

    Examples
    --------
    >>> sorted(profiles())
    ['din-dke-spec-99100', 'ec-guidance-1.0']
    """
    folder = files("batteryloop.passport.eu")
    heads = csv.DictReader(folder.joinpath("profiles.csv").read_text("utf-8").splitlines())
    return {
        head["profile"]: profile_from_rows(
            list(csv.DictReader(folder.joinpath(head["file"]).read_text("utf-8").splitlines())),
            head=head,
        )
        for head in heads
    }


def profile_called(name: str) -> Profile:
    """Return the profile of that name.

    Raises
    ------
    NotKnown
        If the package brings none; the nearest are offered.
    """
    known = profiles()
    if name not in known:
        raise NotKnown.among("profile of obligations", name, known)
    return known[name]
