"""Review what was decided about returned batteries: fates, places and worth, from the record."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from batteryloop.circular.triage.judge import USUAL
from batteryloop.circular.triage.plan import TriagePlan
from batteryloop.circular.triage.tables import FATES
from batteryloop.record import EventKind
from batteryloop.usecases.record_port import Record

# A page shows so many decisions at most; the newest count.
_N_MOST = 5_000


@dataclass(frozen=True, slots=True)
class ReviewedDecision:
    """The last decision about a battery, as its life or a plan tells it.

    Worth is in EUR with its bounds over the range of prices; None where it was not told.
    """

    battery_id: str
    decided_at: datetime
    chemistry: str
    mass_kg: float | None
    fate: str
    facility: str
    test: str
    value_eur: float | None
    value_low_eur: float | None
    value_high_eur: float | None
    words: str = ""
    changes: tuple[str, ...] = ()
    is_simulated: bool = False


def review_decisions(
    record: Record, organisation_ids: frozenset[str] | None
) -> tuple[ReviewedDecision, ...]:
    """Return the last decision about each battery, the newest first.

    Parameters
    ----------
    record : Record
        Where they are kept.
    organisation_ids : frozenset of str, optional
        Only batteries that one of them holds or answers for; None means any.
    """
    found: dict[str, ReviewedDecision] = {}
    for entry in record.latest(organisation_ids, n_most=_N_MOST, kinds={EventKind.TRIAGED}):
        event = entry.event
        if event.battery_id in found:
            continue
        battery = record.battery(event.battery_id).battery
        told = event.details
        found[event.battery_id] = ReviewedDecision(
            event.battery_id,
            event.happened_at,
            battery.chemistry or "",
            battery.mass_kg,
            str(told.get("route", "")),
            str(told.get("facility") or ""),
            str(told.get("test") or ""),
            _number(told, "value_eur"),
            _number(told, "value_low_eur"),
            _number(told, "value_high_eur"),
            str(told.get("words") or ""),
            tuple(str(words) for words in told.get("changes") or ()),
            battery.is_simulated,
        )
    return tuple(found.values())


def fate_rows(decisions: Sequence[ReviewedDecision]) -> list[dict[str, Any]]:
    """Return for each fate and place the packs, their mass [kg] and their worth [EUR].

    The interval of a sum is the sum of the ends: prices move all packs together.
    """
    groups: dict[tuple[str, str], list[ReviewedDecision]] = defaultdict(list)
    for decision in decisions:
        groups[decision.fate, decision.facility].append(decision)
    return [
        {
            "fate": fate,
            "facility": facility,
            "n_packs": len(some),
            "mass_kg": sum(d.mass_kg or 0.0 for d in some),
            "value_eur": _sum(d.value_eur for d in some),
            "value_low_eur": _sum(d.value_low_eur for d in some),
            "value_high_eur": _sum(d.value_high_eur for d in some),
        }
        for (fate, facility), some in sorted(groups.items())
    ]


def _number(told: Mapping[str, Any], name: str) -> float | None:
    value = told.get(name)
    is_one = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_one else None  # type: ignore[arg-type]


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def decisions_of(plan: TriagePlan, now: datetime) -> tuple[ReviewedDecision, ...]:
    """Return a plan's decisions, not yet in the record.

    The interval is what the same fate is worth at the low and the high prices; of a pack that is
    to be tested or kept, with the best fate that it may have now.

    Parameters
    ----------
    plan : TriagePlan
        From `triage_returns`.
    now : datetime
        When it was made, UTC.
    """
    packs = plan.judged.packs
    found = []
    for i, battery_id in enumerate(packs.battery_ids):
        low, value, high = _interval(plan, i)
        fate = plan.fate(i)
        found.append(
            ReviewedDecision(
                battery_id, now, packs.chemistries[packs.kind[i]],
                float(packs.mass_kg[i]), fate, plan.facility(i),
                plan.tests[i] if fate not in FATES else "", value, low, high,
            )
        )  # fmt: skip
    return tuple(found)


def _interval(plan: TriagePlan, i: int) -> tuple[float, float, float]:
    worth, fate, value = plan.judged.worth_eur[:, i], plan.fate(i), plan.value_eur(i)
    if fate in FATES:
        f = FATES.index(fate)
    else:
        f = int(np.argmax(np.where(plan.judged.is_allowed[i], worth[USUAL], -np.inf)))
    ends = [value + float(worth[s, f] - worth[USUAL, f]) for s in (0, 2)]
    return min(*ends, value), value, max(*ends, value)
