"""Carry a triage out: each pack's health, grade, fate, worth and reason go into its life."""

from dataclasses import dataclass
from typing import Any

from batteryloop.circular.triage import FATES, TriagePlan, explain
from batteryloop.circular.triage.explain import Flip
from batteryloop.circular.triage.judge import USUAL
from batteryloop.circular.triage.tables import TEST_FIRST
from batteryloop.evaluation.profile import Profile
from batteryloop.record import EventKind
from batteryloop.usecases.record_scribe import Scribe

# Two-sided 90 %.
_SDS = 1.6449
_CONFIDENCE_FRAC = 0.9
_MOST_CHANGES = 4


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for one pack: fate, place, and what it is worth there with its interval."""

    battery_id: str
    fate: str
    facility: str
    test: str
    value_eur: float
    value_low_eur: float
    value_high_eur: float
    sentence: str
    changes: tuple[str, ...]


def decisions_of(plan: TriagePlan) -> tuple[Decision, ...]:
    """Return every pack's decision; the interval is that of the low and the high prices."""
    return tuple(_decision(plan, i) for i in range(plan.problem.n_packs))


def carry_out_triage(
    scribe: Scribe,
    plan: TriagePlan,
    *,
    party_id: str,
    grades: Profile,
    is_simulated: bool = False,
) -> tuple[Decision, ...]:
    """Enter a plan into the lives of its packs: evaluated, graded, triaged.

    Parameters
    ----------
    scribe : Scribe
        Writes it.
    plan : TriagePlan
        From `triage_returns`; every pack is on record and was collected.
    party_id : str
        Who decided.
    grades : Profile
        Whose bounds of health make the grade.
    is_simulated : bool, optional
        Whether the health was simulated; the event says so.

    Raises
    ------
    NotKnown
        If a pack is not on record.
    RecordSaysNo
        If a pack was not collected, or its life is over.
    """
    decisions = decisions_of(plan)
    packs = plan.judged.packs
    events = []
    for i, decision in enumerate(decisions):
        name, mean = decision.battery_id, float(packs.soh_mean_frac[i])
        wide = _SDS * float(packs.soh_sd_frac[i])
        grade = grade_at(grades, mean)
        events += [
            scribe.event(
                name, EventKind.EVALUATED, party_id, soh_frac=_share(mean),
                soh_low_frac=_share(mean - wide), soh_high_frac=_share(mean + wide),
                confidence_frac=_CONFIDENCE_FRAC,
                method="returns desk, SIMULATED" if is_simulated else "returns desk",
            ),
            scribe.event(
                name, EventKind.GRADED, party_id, grade=grade,
                unsafe_frac=float(packs.unsafe_frac[i]),
            ),
            scribe.event(
                name, EventKind.TRIAGED, party_id, route=decision.fate,
                facility=decision.facility or None, test=decision.test or None,
                value_eur=decision.value_eur, value_low_eur=decision.value_low_eur,
                value_high_eur=decision.value_high_eur, words=decision.sentence,
                changes=list(decision.changes),
            ),
        ]  # fmt: skip
    scribe.enter(events)
    return decisions


def grade_at(grades: Profile, soh_frac: float) -> str:
    """Return the best grade whose bound of health is kept, else the lowest."""
    for rule in grades.grades:
        if rule.figure == "soh_energy_frac" and soh_frac >= (rule.at_least or 0.0):
            return rule.grade
    return grades.lowest_grade


def change_words(flip: Flip) -> str:
    """Return in words what would change a decision.

    Examples
    --------
    >>> change_words(Flip("state of health", "1", 0.826, 0.924, "remanufacture"))
    'state of health 82.6 %: at 92.4 % it would be remanufacture'
    """
    is_share = flip.unit == "1"
    found, needed = (
        f"{100 * v:.1f} %" if is_share else f"{v:,.2f} {flip.unit}"
        for v in (flip.found, flip.needed)
    )
    return f"{flip.quantity} {found}: at {needed} it would be {flip.leads_to}"


def _decision(plan: TriagePlan, i: int) -> Decision:
    name = plan.judged.packs.battery_ids[i]
    why = explain(plan, name)
    value = plan.value_eur(i)
    low, high = _interval(plan, i, value)
    test = plan.tests[i] if plan.fate(i) == TEST_FIRST else ""
    changes = tuple(change_words(flip) for flip in why.flips[:_MOST_CHANGES])
    return Decision(
        name, plan.fate(i), plan.facility(i), test, value, low, high, why.sentence, changes
    )


def _interval(plan: TriagePlan, i: int, value_eur: float) -> tuple[float, float]:
    """Return the worth at low and high prices; of a pack to be tested, with its best fate now."""
    judged: Any = plan.judged
    fate = plan.fate(i)
    if fate in FATES:
        f = FATES.index(fate)
    else:
        allowed = [k for k in range(len(FATES)) if judged.is_allowed[i, k]]
        f = max(allowed, key=lambda k: judged.worth_eur[USUAL, i, k])
    ends = [
        value_eur + float(judged.worth_eur[s, i, f] - judged.worth_eur[USUAL, i, f]) for s in (0, 2)
    ]
    return min(*ends, value_eur), max(*ends, value_eur)


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.5)
