"""Begin a battery's second life: a new passport, its originals' next versions, responsibility."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batteryloop.errors import ColumnMissing
from batteryloop.passport.history import History
from batteryloop.passport.issue import attributes_from, new_passport
from batteryloop.passport.lineage import ResponsibilityMove, begin_second_life
from batteryloop.passport.status import Status, status_called
from batteryloop.usecases.judge_remanufacture import judge_remanufacture_of


@dataclass(frozen=True, slots=True)
class BegunLife:
    """All that one event changes: the new passport, its originals', and who answers for what."""

    passport: History
    originals: tuple[History, ...]
    moves: tuple[ResponsibilityMove, ...]


def begin_battery_again(
    description: Mapping[str, Any],
    originals: Sequence[tuple[History, Sequence[str]]],
    *,
    passport_id: str,
    now: datetime,
    provenance: str = "description",
) -> BegunLife:
    """Return the passport of a battery made from others, and what changes with it.

    Parameters
    ----------
    description : mapping
        `status` (repurposed, re-used, remanufactured), `attributes` with `battery_id` and
        `operator`, and `remanufacture` with the facts of the test where that is the status.
    originals : sequence of (History, sequence of str)
        Each original's passport, with the serials of the parts taken; none: all of it.
    passport_id : str
        The new passport's name.
    now : datetime
        The moment, UTC.
    provenance : str
        What the description is called.

    Raises
    ------
    ColumnMissing
        If there is no status, no operator or no attribute.
    RecordSaysNo
        If the rules of status and lineage forbid it.
    """
    entries = dict(description.get("attributes", {}))
    for key, there in (
        ("status", description.get("status")),
        ("operator", entries.get("operator")),
    ):
        if not there:
            raise ColumnMissing(provenance, f"no {key}", "status, and operator among attributes")
    status = status_called(str(description["status"]))
    said = attributes_from(
        {name: entry for name, entry in entries.items() if name != "status"},
        provenance=provenance,
        originator=str(description.get("originator", "")),
    )
    operator = next(attribute for attribute in said if attribute.name == "operator")
    facts = description.get("remanufacture")
    test = None
    if status is Status.REMANUFACTURED and facts:
        test = judge_remanufacture_of(facts, on=now.date())
    # What is not told is unknown, not silent: as in any first version.
    whole = new_passport(passport_id, said, now=now).attributes.values()
    life = begin_second_life(
        [(history.latest, serials) for history, serials in originals],
        [attribute for attribute in whole if attribute.name != "status"],
        passport_id=passport_id,
        status=status,
        operator=operator,
        now=now,
        test=test,
    )
    return BegunLife(
        History((life.passport,)),
        tuple(
            history.followed_by(after)
            for (history, _), after in zip(originals, life.originals, strict=True)
        ),
        life.moves,
    )
