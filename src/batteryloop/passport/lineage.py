"""A second life gets a new passport, linked to all its originals; responsibility moves with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from batteryloop.errors import RecordSaysNo
from batteryloop.passport.eu.remanufacture import RemanufactureTest, Verdict
from batteryloop.passport.history import next_version
from batteryloop.passport.status import Status, refuse_ceased, rule_between, status_of
from batteryloop.passport.types import Attribute, Passport, PassportLink


@dataclass(frozen=True, slots=True)
class ResponsibilityMove:
    """Responsibility for parts of one battery, from one operator to another, at one moment."""

    passport_id: str
    from_operator: Mapping[str, Any] | None
    to_operator: Mapping[str, Any]
    successor_id: str
    moved_at: datetime
    serials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecondLife:
    """One event with all that it changes: the new passport, the originals', responsibility."""

    passport: Passport
    originals: tuple[Passport, ...]
    moves: tuple[ResponsibilityMove, ...]


def begin_second_life(
    originals: Sequence[tuple[Passport, Sequence[str]]],
    attributes: Iterable[Attribute],
    *,
    passport_id: str,
    status: Status,
    operator: Attribute,
    now: datetime,
    test: RemanufactureTest | None = None,
) -> SecondLife:
    """Return the new passport of a battery made from others, and what changes with it.

    Parameters
    ----------
    originals : sequence of (Passport, sequence of str)
        Each battery that it is made from, with the serials of the parts taken; none: all of it.
    attributes : iterable of Attribute
        What the new passport says, `battery_id` among it. Nothing is inherited: the new battery
        is another one.
    passport_id : str
        Its name, never used before.
    status : Status
        Repurposed, re-used or remanufactured.
    operator : Attribute
        Who places it on the market again and answers for it from `now` on.
    now : datetime
        The moment, UTC.
    test : RemanufactureTest, optional
        Must be met where the status is remanufactured.

    Raises
    ------
    RecordSaysNo
        If an original has ceased, cannot take that step, has its name used again, a part has gone
        elsewhere already, or the test of remanufacturing is not met.
    """
    if not originals:
        raise RecordSaysNo(f"passport {passport_id}", "no original", "at least one")
    if status is Status.REMANUFACTURED:
        _refuse_unless_met(passport_id, test)
    links: list[PassportLink] = []
    updated: list[Passport] = []
    moves: list[ResponsibilityMove] = []
    taken: set[str] = set()
    for original, serials in originals:
        refuse_ceased(original)
        _refuse_same_name(passport_id, original, [link.passport_id for link in links])
        rule = rule_between(status_of(original), status)
        if not rule.is_new_passport:
            raise RecordSaysNo(f"battery {original.battery_id}", rule.deed, "no new passport")
        parts = tuple(serials)
        _refuse_taken(original, parts, taken)
        taken.update(parts)
        links.append(PassportLink(original.passport_id, parts))
        there = PassportLink(passport_id, parts)
        updated.append(
            next_version(replace(original, successors=(*original.successors, there)), now=now)
        )
        moves.append(
            ResponsibilityMove(
                original.passport_id, original.value("operator"), operator.value,
                passport_id, now, parts,
            )
        )  # fmt: skip
    said = (
        *attributes,
        Attribute("passport_id", passport_id),
        Attribute("status", status.value, determined_at=now, provenance="second life"),
        operator,
    )
    passport = Passport(
        1,
        now,
        {attribute.name: attribute for attribute in said},
        tuple(links),
        is_simulated=any(original.is_simulated for original, _ in originals),
    )
    return SecondLife(passport, tuple(updated), tuple(moves))


def _refuse_unless_met(passport_id: str, test: RemanufactureTest | None) -> None:
    if test is None or test.verdict is not Verdict.MET:
        found = "was not tested" if test is None else "; ".join(test.reasons)
        raise RecordSaysNo(
            f"passport {passport_id}",
            f"may not say remanufactured: {found}",
            "all criteria of the definition met",
            "call it repurposed or re-used, or settle what is open",
        )


def _refuse_same_name(passport_id: str, original: Passport, before: Sequence[str]) -> None:
    if original.passport_id == passport_id:
        raise RecordSaysNo(f"passport {passport_id}", "the name of an original", "a new name")
    if original.passport_id in before:
        raise RecordSaysNo(
            f"passport {original.passport_id}", "named twice", "each original once, with all parts"
        )


def _refuse_taken(original: Passport, parts: tuple[str, ...], taken: set[str]) -> None:
    subject = f"passport {original.passport_id}"
    for link in original.successors:
        gone = set(link.serials) & set(parts)
        if gone or not link.serials or not parts:
            what = ", ".join(sorted(gone)) if gone else "the whole battery or part of it"
            raise RecordSaysNo(
                subject,
                f"{what} went into {link.passport_id} already",
                "parts that are still there",
            )
    twice = taken & set(parts)
    if twice or len(set(parts)) < len(parts):
        raise RecordSaysNo(subject, f"a part named twice: {sorted(twice or parts)}", "each once")
