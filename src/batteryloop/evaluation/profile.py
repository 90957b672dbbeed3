"""What a rule asks of a report: parameters, requirements and grades, as dated data."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec

from batteryloop.errors import InputWrong, NotKnown
from batteryloop.record.categories import Category

Obligation = Literal["mandatory", "conditional", "voluntary"]


@dataclass(frozen=True, slots=True)
class AskedParameter:
    """A parameter that a rule wants reported: which figure gives it, for which categories.

    A category that is not named is one to which the parameter does not apply.
    """

    name: str
    figure: str
    reference: str = ""
    mandatory: tuple[Category, ...] = ()
    conditional: tuple[Category, ...] = ()
    voluntary: tuple[Category, ...] = ()
    statement: str = ""

    def obligation(self, category: Category | None) -> Obligation | None:
        """Return how strongly it is asked of a category; None where it is not."""
        if category in self.mandatory:
            return "mandatory"
        if category in self.conditional:
            return "conditional"
        return "voluntary" if category in self.voluntary else None


@dataclass(frozen=True, slots=True)
class Requirement:
    """A bound on a figure, for whom and up to which age and distance, whichever comes first."""

    name: str
    figure: str
    source: str
    dated: str
    trust: str
    at_least: float | None = None
    at_most: float | None = None
    categories: tuple[Category, ...] = ()
    vehicle_classes: tuple[str, ...] = ()
    age_max_years: float | None = None
    distance_max_km: float | None = None


@dataclass(frozen=True, slots=True)
class GradeRule:
    """What a grade asks of one figure; the best grade comes first in a profile.

    `is_needed` says whether the grade is withheld where the figure is not known.
    """

    grade: str
    figure: str
    at_least: float | None = None
    at_most: float | None = None
    is_needed: bool = True
    source: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A rule as data: name, version, source, and what it asks."""

    name: str
    version: str
    title: str
    source: str
    dated: str
    trust: str
    categories: tuple[Category, ...] = ()
    parameters: tuple[AskedParameter, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    grades: tuple[GradeRule, ...] = ()
    lowest_grade: str = ""
    note: str = ""

    def is_for(self, category: Category | None) -> bool:
        """Whether it concerns a category; one that names none concerns all."""
        return not self.categories or category in self.categories


def profile_from_toml(text: str, subject: str) -> Profile:
    """Return the profile that a TOML text describes.

    Raises
    ------
    InputWrong
        If it is no TOML, or not a profile; the place is named.
    """
    try:
        document: dict[str, Any] = tomllib.loads(text)
        return msgspec.convert(document, Profile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as exc:
        raise InputWrong(
            f"profile {subject}", str(exc), "a profile", "see docs/methods/evaluation-profiles"
        ) from exc


@cache
def shipped_profiles() -> dict[str, Profile]:
    """Return every profile that comes with the package, by name.

    Examples
    --------
    >>> shipped_profiles()["eu-annex-vii"].version
    '2023-07-28'
    """
    folder = files("batteryloop.evaluation").joinpath("profiles")
    found = [
        profile_from_toml(entry.read_text("utf-8"), entry.name)
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    ]
    return {profile.name: profile for profile in found}


def shipped_profile(name: str) -> Profile:
    """Return the shipped profile called `name`.

    Raises
    ------
    NotKnown
        If there is none of that name; the nearest three are offered.
    """
    if name not in shipped_profiles():
        raise NotKnown.among("profile", name, shipped_profiles())
    return shipped_profiles()[name]


def profiles_for(category: Category | None) -> tuple[Profile, ...]:
    """Return the shipped profiles that concern a category, by name.

    Examples
    --------
    >>> [profile.name for profile in profiles_for(Category.STARTER)]
    ['batteryloop-grade']
    """
    return tuple(p for p in shipped_profiles().values() if p.is_for(category))
