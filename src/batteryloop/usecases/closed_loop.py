"""A batch's whole way: who does what, how much is made, and what came of it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from batteryloop.circular.recycle.genealogy import TracedReturns
from batteryloop.circular.triage import TriagePlan
from batteryloop.circular.triage.tables import TEST_FIRST
from batteryloop.record import Party
from batteryloop.reference.recycling_targets import LegalTarget, legal_targets
from batteryloop.usecases.balance_loop import LoopStep, worst_gap_frac
from batteryloop.usecases.carry_out_triage import Decision
from batteryloop.usecases.collect_returns import CollectedReturns
from batteryloop.usecases.enter_returns import PackLayout
from batteryloop.usecases.place_new_battery import PlacedBattery
from batteryloop.usecases.ports import Refusal
from batteryloop.usecases.record_second_life import EnteredLife


@dataclass(frozen=True, slots=True)
class LoopParties:
    """Who does what in the loop."""

    producer: Party
    operator: Party
    depot: Party
    remanufacturer: Party
    integrator: Party
    recycler: Party
    cell_maker: Party

    def all(self) -> tuple[Party, ...]:
        """Return every party."""
        return tuple(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class LoopOrder:
    """How large the batch is and what is made of its metal."""

    n_packs: int = 200
    n_new: int = 50
    chemistry: str = "NMC622"
    rated_energy_kwh: float = 60.0
    layout: PackLayout = field(default_factory=PackLayout)


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """What came of a batch: plans, decisions, second lives, new batteries, and the balance."""

    fetched: CollectedReturns
    plan: TriagePlan
    after_tests: TriagePlan | None
    decisions: dict[str, Decision]
    lives: tuple[EnteredLife, ...]
    traces: dict[str, TracedReturns]
    placed: tuple[PlacedBattery, ...]
    steps: tuple[LoopStep, ...]
    refused: tuple[Refusal, ...]

    @property
    def worst_gap_frac(self) -> float:
        """The largest gap: of the record's balance and of the plants' own links [1]."""
        plants = [max(t.gaps_frac().values(), default=0.0) for t in self.traces.values()]
        return max(worst_gap_frac(self.steps), *plants, 0.0)

    def fates(self) -> dict[str, int]:
        """Return how many packs have each fate in the end."""
        return dict(Counter(decision.fate for decision in self.decisions.values()))

    @property
    def n_tested(self) -> int:
        """How many packs were tested first."""
        plan = self.plan
        return sum(plan.fate(i) == TEST_FIRST for i in range(plan.problem.n_packs))

    def second_lives(self) -> dict[str, int]:
        """Return how many batteries were made from others, by their status."""
        return dict(Counter(life.status for life in self.lives))

    def value_eur(self) -> tuple[float, float, float]:
        """Return what all decisions are worth, at usual, low and high prices [EUR]."""
        told = self.decisions.values()
        return (
            sum(d.value_eur for d in told),
            sum(d.value_low_eur for d in told),
            sum(d.value_high_eur for d in told),
        )

    def content(self) -> list[dict[str, Any]]:
        """Return the first new battery's recycled shares against each target of Article 8."""
        rows = []
        for share in self.placed[0].content.shares if self.placed else ():
            targets = content_targets(share.element)
            rows.append(
                {
                    "element": share.element,
                    "share_frac": share.share_frac,
                    "targets": [
                        {
                            "from_on": target.from_on.isoformat(),
                            "target_frac": target.target_frac,
                            "passes": share.share_frac >= target.target_frac,
                        }
                        for target in targets
                    ],
                }
            )
        return rows

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        value, low, high = self.value_eur()
        return {
            "n_packs": len(self.decisions),
            "collected": self.fetched.as_dict(),
            "fates": self.fates(),
            "planned_eur": self.plan.solved.value_eur,
            "planned_low_eur": self.plan.value_low_eur,
            "planned_high_eur": self.plan.value_high_eur,
            "value_eur": value,
            "value_low_eur": low,
            "value_high_eur": high,
            "bound_eur": self.plan.solved.bound_eur,
            "gap_frac": self.plan.gap_frac,
            "n_tested": self.n_tested,
            "second_lives": self.second_lives(),
            "plants": {name: len(trace.batch_of) for name, trace in self.traces.items()},
            "new_batteries": [p.content.battery_id for p in self.placed],
            "recycled_content": self.content(),
            "steps": [step.as_dict() for step in self.steps],
            "worst_gap_frac": self.worst_gap_frac,
            "refused": [refusal.as_dict() for refusal in self.refused],
        }


def content_targets(element: str) -> tuple[LegalTarget, ...]:
    """Return the targets of recycled content of an element, in order of their days.

    Examples
    --------
    >>> [(t.from_on.year, t.target_frac) for t in content_targets("Li")]
    [(2031, 0.06), (2036, 0.12)]
    """
    found = [t for t in legal_targets() if t.rule == "recycled_content" and t.subject == element]
    return tuple(sorted(found, key=lambda target: target.from_on))
