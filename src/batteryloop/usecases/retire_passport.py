"""Retire a battery in its passport: it becomes waste, or is recycled and its passport ceases."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from batteryloop.errors import ColumnMissing, NotKnown
from batteryloop.passport.history import History
from batteryloop.passport.issue import attributes_from
from batteryloop.passport.status import declare_waste, recycle

ENDS = ("waste", "recycled")


def retire_passport(
    history: History, to: str, *, now: datetime, operator: Mapping[str, Any] | None = None
) -> History:
    """Return the history with one more version.

    Parameters
    ----------
    history : History
        The versions so far.
    to : str
        `waste`, or `recycled`, which only waste can be.
    now : datetime
        The moment, UTC.
    operator : mapping, optional
        Who answers for the waste; needed for it.

    Raises
    ------
    NotKnown
        If `to` is neither.
    ColumnMissing
        If nobody answers for the waste.
    RecordSaysNo
        If the battery cannot take that step.
    """
    if to not in ENDS:
        raise NotKnown.among("end", to, ENDS)
    if to == "recycled":
        return history.followed_by(recycle(history.latest, now=now))
    if not operator:
        raise ColumnMissing("waste", "no operator", "who answers for it: responsibility moves")
    (who,) = attributes_from({"operator": dict(operator)}, provenance="declared waste")
    return history.followed_by(declare_waste(history.latest, operator=who, now=now))
