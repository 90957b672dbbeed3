"""The triage board: fates and places with counts, mass and worth; what room is worth; one pack."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from batteryloop.circular.triage.explain import Explanation, explain
from batteryloop.circular.triage.plan import TriagePlan, limits_table
from batteryloop.circular.triage.tables import FATES, HOLD, TEST_FIRST
from batteryloop.errors import NotKnown
from batteryloop.usecases.review_decisions import ReviewedDecision, decisions_of, fate_rows
from batteryloop.usecases.simulate_returns import simulate_returns
from batteryloop.usecases.triage_returns import TriageOptions, triage_returns
from batteryloop.wiring.chance import seeded

N_SIMULATED = 400
_N_ROWS = 40
_STORE = "store"
# The stage of the loop whose hue a fate has.
HUE = {
    "reuse": "use", "repair": "care", "remanufacture": "renew", "repurpose": "swap",
    "recycle": "recover", TEST_FIRST: "decide", HOLD: "decide",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """What the board shows: decisions of the record, or of a simulated plan with its prices."""

    decisions: tuple[ReviewedDecision, ...]
    plan: TriagePlan | None = None

    @property
    def is_simulated(self) -> bool:
        """Whether any of it exists in a simulation alone."""
        return self.plan is not None or any(d.is_simulated for d in self.decisions)

    def decision(self, battery_id: str) -> ReviewedDecision:
        """Return one pack's decision.

        Raises
        ------
        NotKnown
            If nothing was decided about it.
        """
        for decision in self.decisions:
            if decision.battery_id == battery_id:
                return decision
        raise NotKnown(
            f"decision about {battery_id[:64]!r}", "not known", next_step="look for it on the board"
        )

    def explanation(self, battery_id: str) -> Explanation | None:
        """Return why, where the plan is at hand."""
        return None if self.plan is None else explain(self.plan, battery_id)


@lru_cache(maxsize=2)
def _simulated_plan(now: datetime) -> TriagePlan:
    batch = simulate_returns(N_SIMULATED, rng=seeded(1))
    options = TriageOptions(now.date(), is_exact=False)
    return triage_returns(batch.returns, batch.facilities, options).plan


def simulated_board(now: datetime) -> Board:
    """Return the board of a SIMULATED returns desk; computed once a day."""
    plan = _simulated_plan(now.replace(hour=0, minute=0, second=0, microsecond=0))
    return Board(decisions_of(plan, now), plan)


def board_view(board: Board, fate: str) -> dict[str, Any]:
    """Return what the template draws; `fate` limits the list of packs to one, if given."""
    decisions = board.decisions
    listed = [d for d in decisions if fate in ("", d.fate)]
    return {
        "totals": fate_totals(decisions),
        "places": _by_fate(fate_rows(decisions)),
        "flows": fate_flows(decisions),
        "listed": sorted(listed, key=lambda d: -(d.value_eur or 0.0))[:_N_ROWS],
        "n_listed": len(listed),
        "fate": fate,
        "sum": _total(decisions),
        "hue": HUE,
        "room": [] if board.plan is None else _room(board.plan),
        "plan": board.plan,
        "n_packs": len(decisions),
        "mass_kg": sum(d.mass_kg or 0.0 for d in decisions),
    }


def fate_totals(decisions: Sequence[ReviewedDecision]) -> list[dict[str, Any]]:
    """Return a row for each fate that any pack has, in the order of the ladder."""
    rows: dict[str, dict[str, Any]] = {}
    for row in fate_rows(decisions):
        known = rows.setdefault(row["fate"], {**row, "n_packs": 0, "mass_kg": 0.0, "n_places": 0})
        if known["n_places"] == 0:
            known |= {name: None for name in row if name.startswith("value")}
        known["n_packs"] += row["n_packs"]
        known["mass_kg"] += row["mass_kg"]
        known["n_places"] += 1
        for name in ("value_eur", "value_low_eur", "value_high_eur"):
            if row[name] is not None:
                known[name] = (known[name] or 0.0) + row[name]
    return sorted(rows.values(), key=lambda row: _rank(row["fate"]))


def fate_flows(decisions: Sequence[ReviewedDecision]) -> dict[str, Any]:
    """Return nodes and links of chemistry → fate → place, in tonnes, or in packs without masses.

    Examples
    --------
    >>> fate_flows([])["links"]
    []
    """
    has_mass = all(d.mass_kg is not None for d in decisions)
    sums: dict[tuple[str, str], float] = defaultdict(float)
    hues: dict[str, str] = {}
    for d in sorted(decisions, key=lambda d: _rank(d.fate)):
        amount = (d.mass_kg or 0.0) / 1000.0 if has_mass else 1.0
        chemistry, place = d.chemistry or "–", d.facility or _STORE
        hues.setdefault(chemistry, "make")
        hues.setdefault(d.fate, HUE.get(d.fate, "decide"))
        hues.setdefault(place, "decide")
        sums[chemistry, d.fate] += amount
        sums[d.fate, place] += amount
    return {
        "nodes": [{"name": name, "stage": hue} for name, hue in hues.items()],
        "links": [{"source": a, "target": b, "value": v} for (a, b), v in sums.items() if v > 0],
        "unit": "t" if has_mass else "",
    }


def pack_options(why: Explanation) -> list[dict[str, Any]]:
    """Return each fate that a pack could have, the best first, with a bar of what it nets."""
    nets = [o.value_eur - o.capacity_eur for o in why.options if o.is_allowed]
    most = max((abs(net) for net in nets), default=1.0) or 1.0
    return [
        {
            "option": option,
            "net_eur": option.value_eur - option.capacity_eur,
            "share": max(option.value_eur - option.capacity_eur, 0.0) / most
            if option.is_allowed
            else 0.0,
            "hue": HUE.get(option.fate, "decide"),
        }
        for option in why.options
    ]


def _rank(fate: str) -> int:
    order = [*FATES, TEST_FIRST, HOLD]
    return order.index(fate) if fate in order else len(order)


def _by_fate(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (_rank(row["fate"]), -row["n_packs"]))


def _total(decisions: Sequence[ReviewedDecision]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name in ("value_eur", "value_low_eur", "value_high_eur"):
        known = [v for d in decisions if (v := getattr(d, name)) is not None]
        found[name] = sum(known) if known else None
    return found


def _room(plan: TriagePlan) -> list[dict[str, Any]]:
    """Return each facility's room: how full, and what one more tonne there would be worth."""
    n_packs = Counter(plan.facility(i) for i in range(plan.problem.n_packs))
    rows = [
        {**row, "n_packs": n_packs[row["facility"]], "load_frac": row["used"] / row["most"]}
        for row in limits_table(plan)
        if row["unit"] == "kg" and row["facility"] and not row["fate"] and row["most"] > 0
    ]
    return sorted(rows, key=lambda row: -float(row["price_eur_per_unit"]))
