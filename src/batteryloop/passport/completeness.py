"""What a passport lacks, measured against a profile of obligations."""

from dataclasses import dataclass
from typing import Any, Literal

from batteryloop.errors import RecordSaysNo
from batteryloop.passport.catalogue import definition
from batteryloop.passport.eu.obligations import CATEGORIES, Duty, Obligation, Profile
from batteryloop.passport.types import Passport
from batteryloop.record.categories import Category

State = Literal["known", "unknown", "absent"]


@dataclass(frozen=True, slots=True)
class Line:
    """One attribute: how strongly it is asked for, and whether the passport has it."""

    attribute: str
    duty: Duty
    state: State
    reason: str
    condition: str
    reference: str

    @property
    def is_lacking(self) -> bool:
        """Whether it is asked for and not there."""
        return self.state != "known" and self.duty is Duty.MANDATORY


@dataclass(frozen=True, slots=True)
class Completeness:
    """A passport against a profile, line by line."""

    passport_id: str
    profile: Profile
    category: Category
    lines: tuple[Line, ...]

    @property
    def lacking(self) -> tuple[Line, ...]:
        """Mandatory and not there."""
        return tuple(line for line in self.lines if line.is_lacking)

    @property
    def to_be_settled(self) -> tuple[Line, ...]:
        """Conditional and not there: a person must say whether the condition holds."""
        return tuple(
            line for line in self.lines if line.duty is Duty.CONDITIONAL and line.state != "known"
        )

    @property
    def not_asked_for(self) -> tuple[Line, ...]:
        """There, though the profile says that it is not to be given for this category."""
        return tuple(
            line for line in self.lines if line.duty is Duty.NONE and line.state == "known"
        )

    @property
    def is_complete(self) -> bool:
        """Whether nothing mandatory is lacking."""
        return not self.lacking

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "passport_id": self.passport_id,
            "profile": self.profile.name,
            "version": self.profile.version,
            "reading": self.profile.reading,
            "category": self.category.value,
            "is_complete": self.is_complete,
            "n_mandatory": sum(line.duty is Duty.MANDATORY for line in self.lines),
            "lacking": [_line(line) for line in self.lacking],
            "to_be_settled": [_line(line) for line in self.to_be_settled],
            "not_asked_for": [_line(line) for line in self.not_asked_for],
        }


def check_completeness(passport: Passport, profile: Profile) -> Completeness:
    """Return what a passport lacks of what a profile asks for.

    An attribute that stands in the passport as unknown, with a reason, is lacking all the same;
    the reason is told.

    Raises
    ------
    RecordSaysNo
        If the passport states no category, or one that needs no passport.
    """
    stated = passport.value("category")
    if stated not in set(CATEGORIES):
        raise RecordSaysNo(
            f"passport {passport.passport_id}",
            f"category {stated!r}",
            f"one that has a passport: {', '.join(CATEGORIES)}",
            "no other category needs one (Art. 77(1))",
        )
    category = Category(stated)
    lines = tuple(_checked(passport, item, category) for item in profile.obligations)
    return Completeness(passport.passport_id, profile, category, lines)


def _checked(passport: Passport, item: Obligation, category: Category) -> Line:
    attribute = passport.attributes.get(item.attribute)
    state: State = "absent" if attribute is None else "known" if attribute.is_known else "unknown"
    return Line(
        item.attribute,
        item.duties[category],
        state,
        attribute.reason if attribute else "the passport does not mention it",
        item.condition,
        item.reference,
    )


def _line(line: Line) -> dict[str, str]:
    return {
        "attribute": line.attribute,
        "meaning": definition(line.attribute).meaning,
        "state": line.state,
        "reason": line.reason,
        "condition": line.condition,
        "reference": line.reference,
    }
