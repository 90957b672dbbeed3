"""The status of a battery as the law spells it, and which step leads from one to the next."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files

from batteryloop.errors import NotKnown, RecordSaysNo
from batteryloop.passport.history import next_version
from batteryloop.passport.types import Attribute, Passport


class Status(StrEnum):
    """Annex XIII, point 4(c) of Regulation (EU) 2023/1542.

    There is no "repaired": a repaired battery is the same battery with a note in its record.
    """

    ORIGINAL = "original"
    REPURPOSED = "repurposed"
    RE_USED = "re-used"
    REMANUFACTURED = "remanufactured"
    WASTE = "waste"


@dataclass(frozen=True, slots=True)
class StatusRule:
    """One row of `status_rules.csv`; `after` is None where the passport ends."""

    before: Status
    after: Status | None
    deed: str
    is_new_passport: bool
    does_responsibility_move: bool
    legal_reference: str


@cache
def status_rules() -> Sequence[StatusRule]:
    """Return every step that there is.

    Examples
    --------
    >>> [r.deed for r in status_rules() if r.before == "waste" and r.after is None]
    ['recycled']
    """
    text = files("batteryloop.passport").joinpath("status_rules.csv").read_text(encoding="utf-8")
    return tuple(
        StatusRule(
            Status(row["from"]),
            Status(row["to"]) if row["to"] else None,
            row["deed"],
            row["is_new_passport"] == "yes",
            row["does_responsibility_move"] == "yes",
            row["legal_reference"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def status_called(name: str) -> Status:
    """Return the status of that name.

    Raises
    ------
    NotKnown
        If the law has no such status; the nearest three are offered.

    Examples
    --------
    >>> status_called("re-used").value
    're-used'
    """
    try:
        return Status(name)
    except ValueError:
        raise NotKnown.among("battery status", name, [s.value for s in Status]) from None


def status_of(passport: Passport) -> Status:
    """Return the status that a passport states.

    Raises
    ------
    RecordSaysNo
        If it states none.
    """
    stated = passport.value("status")
    if stated is None:
        raise RecordSaysNo(f"passport {passport.passport_id}", "no status", "one of the law's")
    return status_called(stated)


def rule_between(before: Status, after: Status | None) -> StatusRule:
    """Return the rule for a step.

    Raises
    ------
    RecordSaysNo
        If there is no such step; those that there are, are named.

    Examples
    --------
    >>> rule_between(Status.ORIGINAL, Status.REPURPOSED).is_new_passport
    True
    """
    steps = [rule for rule in status_rules() if rule.before is before]
    for rule in steps:
        if rule.after is after:
            return rule
    allowed = ", ".join(rule.after.value if rule.after else "recycled" for rule in steps)
    wanted = after.value if after else "recycled"
    raise RecordSaysNo(
        f"battery of status {before.value}", f"cannot become {wanted}", allowed,
        "discard it first" if after is None else "",
    )  # fmt: skip


def declare_waste(passport: Passport, *, operator: Attribute, now: datetime) -> Passport:
    """Return the next version: waste, and `operator` answers for it from the same moment.

    Raises
    ------
    RecordSaysNo
        If the battery cannot become waste or its passport has ceased.
    """
    refuse_ceased(passport)
    rule_between(status_of(passport), Status.WASTE)
    status = Attribute("status", Status.WASTE.value, determined_at=now, provenance="discarded")
    return next_version(passport.with_attributes(status, operator), now=now)


def recycle(passport: Passport, *, now: datetime) -> Passport:
    """Return the last version: the battery is recycled and its passport ceases to exist.

    Raises
    ------
    RecordSaysNo
        If the battery is not waste or its passport has ceased before.
    """
    refuse_ceased(passport)
    rule_between(status_of(passport), None)
    return next_version(passport, now=now, is_ceased=True)


def refuse_ceased(passport: Passport) -> None:
    """Refuse to go on with a passport that is no more.

    Raises
    ------
    RecordSaysNo
        If it has ceased.
    """
    if passport.ceased_at is not None:
        raise RecordSaysNo(
            f"passport {passport.passport_id}",
            f"ceased on {passport.ceased_at:%Y-%m-%d}: the battery was recycled",
            "a passport that is alive",
        )
