"""What the law asks of recyclers, makers and collectors, from `recycling_targets.csv`."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from batteryloop.errors import NotKnown
from batteryloop.reference.rows import rows

RULES = ("recycling_efficiency", "material_recovery", "recycled_content", "collection")


@dataclass(frozen=True, slots=True)
class LegalTarget:
    """One row: what must be reached, of what, from which day, and where it is written.

    `is_opened` says whether the source was opened when the row was made.
    """

    rule: str
    subject: str
    target_frac: float
    from_on: date
    scope: str
    source: str
    is_opened: bool
    dated: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return {
            "rule": self.rule,
            "subject": self.subject,
            "target_frac": self.target_frac,
            "from_on": self.from_on.isoformat(),
            "scope": self.scope,
            "source": self.source,
            "is_opened": self.is_opened,
            "dated": self.dated,
        }


@cache
def legal_targets() -> tuple[LegalTarget, ...]:
    """Return every row, in the table's order."""
    return tuple(
        LegalTarget(
            row["rule"],
            row["subject"],
            float(row["target_frac"]),
            date.fromisoformat(row["from_on"]),
            row["scope"],
            row["source"],
            row["is_opened"] == "true",
            row["dated"],
        )
        for row in rows("batteryloop.reference", "recycling_targets.csv")
    )


def targets_on(rule: str, day: date) -> dict[str, LegalTarget]:
    """Return the targets of a rule that are in force on a day, by subject.

    Raises
    ------
    NotKnown
        If there is no such rule.

    Examples
    --------
    >>> targets_on("material_recovery", date(2031, 12, 31))["Li"].target_frac
    0.8
    >>> targets_on("recycled_content", date(2027, 1, 1))
    {}
    """
    if rule not in RULES:
        raise NotKnown.among("rule", rule, RULES)
    found: dict[str, LegalTarget] = {}
    for target in sorted(legal_targets(), key=lambda t: t.from_on):
        if target.rule == rule and target.from_on <= day:
            found[target.subject] = target
    return found
