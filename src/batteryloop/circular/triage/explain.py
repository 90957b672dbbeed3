"""Why a pack goes where it goes, in a sentence, and what would change it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from batteryloop.circular.triage.judge import USUAL, judge
from batteryloop.circular.triage.kernels.relaxation import Floats
from batteryloop.circular.triage.packs import ReturnedPacks
from batteryloop.circular.triage.placing import priced
from batteryloop.circular.triage.plan import TriagePlan
from batteryloop.circular.triage.tables import DETECTED, FATES, HOLD, PRICE, TEST_FIRST, UNSAFE_MOST
from batteryloop.errors import NotKnown

_SOH_STEP_FRAC = 0.0025
_SOH_FAR_FRAC = 0.3


@dataclass(frozen=True, slots=True)
class Option:
    """A fate that the pack could have: its best facility, worth, and why it may not have it."""

    fate: str
    facility: str
    value_eur: float
    capacity_eur: float
    is_allowed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Flip:
    """A change that would send the pack elsewhere: of what, from where, to where, and its fate."""

    quantity: str
    unit: str
    found: float
    needed: float
    leads_to: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A pack's decision: the sentence, what else it could have had, what would change it."""

    battery_id: str
    sentence: str
    options: tuple[Option, ...]
    flips: tuple[Flip, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON, REST and pages."""
        return {
            "battery_id": self.battery_id,
            "sentence": self.sentence,
            "options": [_plain(option) for option in self.options],
            "flips": [_plain(flip) for flip in self.flips],
        }


def _plain(part: Option | Flip) -> dict[str, Any]:
    return {name: getattr(part, name) for name in part.__slots__}


def explain(plan: TriagePlan, battery_id: str) -> Explanation:
    """Return why a pack goes where it goes, at the plan's prices of capacity.

    Raises
    ------
    NotKnown
        If the plan has no such pack.
    """
    ids = plan.judged.packs.battery_ids
    if battery_id not in ids:
        raise NotKnown.among("pack", battery_id, ids)
    i = ids.index(battery_id)
    options = _options(plan, i)
    return Explanation(battery_id, _sentence(plan, i, options), options, _flips(plan, i, options))


def _options(plan: TriagePlan, i: int) -> tuple[Option, ...]:
    """Return each fate's best lane, the best first, those not allowed last."""
    problem = plan.problem
    reduced = priced(problem, plan.solved.prices.limit_eur)[i]
    found = []
    for fate in (*FATES, TEST_FIRST):
        lanes = [j for j, lane in enumerate(problem.lanes) if lane.fate == fate]
        if not lanes:
            found.append(Option(fate, "", -np.inf, 0.0, False, "no facility offers it"))
            continue
        best = max(lanes, key=lambda j: reduced[j])
        if plan.chosen[i] in lanes:
            best = int(plan.chosen[i])
        value = float(problem.value_eur[i, best])
        if np.isfinite(value):
            paid = value - float(reduced[best])
            found.append(Option(fate, problem.lanes[best].facility, value, paid, True, ""))
        elif fate in FATES:
            worth = float(plan.judged.worth_eur[USUAL, i, FATES.index(fate)])
            found.append(Option(fate, "", worth, 0.0, False, _why_not(plan, i, fate)))
    kept = Option(HOLD, "", float(problem.hold_eur[i]), 0.0, True, "")
    found.append(kept)
    return tuple(sorted(found, key=lambda o: (not o.is_allowed, o.capacity_eur - o.value_eur)))


def _why_not(plan: TriagePlan, i: int, fate: str) -> str:
    """Return why a pack may not have a fate: safety first, then the gates."""
    judged = plan.judged
    f = FATES.index(fate)
    usual = judged.table.values[USUAL, _kind(plan, i), f]
    residual = judged.residual_unsafe_frac[i, f]
    if residual > usual[UNSAFE_MOST]:
        return (
            f"chance of a hidden defect {residual:.2%} is above the {usual[UNSAFE_MOST]:.2%} "
            "allowed"
        )
    for g, gate in enumerate(judged.gates):
        met = judged.met_frac[i, g]
        if gate.fate == fate and met < gate.confidence_frac:
            if gate.rule == "is":
                return f"{gate.words} does not hold"
            return f"{gate.words} is met with {met:.0%}, {gate.confidence_frac:.0%} is asked for"
    return "not allowed"


def _kind(plan: TriagePlan, i: int) -> int:
    packs = plan.judged.packs
    return plan.judged.table.chemistries.index(packs.chemistries[packs.kind[i]])


def _sentence(plan: TriagePlan, i: int, options: tuple[Option, ...]) -> str:
    name = plan.judged.packs.battery_ids[i]
    fate, facility = plan.fate(i), plan.facility(i)
    own = next(option for option in options if option.fate == fate)
    where = f" at {facility}" if facility else ""
    if fate == TEST_FIRST:
        where = f" ({plan.tests[i]}){where}"
    text = f"{name} goes to {fate}{where}: worth {own.value_eur:,.0f} EUR after transport"
    if own.capacity_eur >= 0.5:
        text += f", of which {own.capacity_eur:,.0f} EUR pay for scarce room"
    others = [o for o in options if o.is_allowed and o.fate != fate]
    if others:
        rival = max(others, key=lambda o: o.value_eur - o.capacity_eur)
        lead = own.value_eur - own.capacity_eur - rival.value_eur + rival.capacity_eur
        beside = f" at {rival.facility}" if rival.facility else ""
        more = "more" if lead >= 0.0 else "less"
        text += f"; {abs(lead):,.0f} EUR {more} than {rival.fate}{beside}, room paid for"
    barred = [o for o in options if not o.is_allowed and o.value_eur > own.value_eur]
    if barred:
        text += f"; {barred[0].fate} is not allowed: {barred[0].reason}"
    return text + "."


def _flips(plan: TriagePlan, i: int, options: tuple[Option, ...]) -> tuple[Flip, ...]:
    own = next(option for option in options if option.fate == plan.fate(i))
    flips = [*_price_flips(plan, i, own, options), *_soh_flips(plan, i), *_safety_flips(plan, i)]
    raw = plan.problem.value_eur[i]
    if raw.size and np.isfinite(raw).any():
        best = int(np.argmax(raw))
        if best != plan.chosen[i] and raw[best] > own.value_eur + 0.5:
            reduced = priced(plan.problem, plan.solved.prices.limit_eur)[i]
            lane = plan.problem.lanes[best]
            paid = float(raw[best] - reduced[best])
            room = max(paid - (own.capacity_eur + float(raw[best]) - own.value_eur), 0.0)
            where = f"{lane.fate} at {lane.facility}"
            flips.append(Flip(f"price of room at {lane.facility}", "EUR", paid, paid - room, where))
    return tuple(flips)


def _price_flips(plan: TriagePlan, i: int, own: Option, options: tuple[Option, ...]) -> list[Flip]:
    """Return the price of the own fate at which the next one is as good, and the other way."""
    if own.fate not in FATES:
        return []
    kind = _kind(plan, i)
    f = FATES.index(own.fate)
    table = plan.judged.table
    price = float(table.values[USUAL, kind, f, PRICE])
    slope = _slope(plan, i, f)
    rivals = [o for o in options if o.is_allowed and o.fate != own.fate]
    if not rivals or slope <= 1e-9:
        return []
    rival = max(rivals, key=lambda o: o.value_eur - o.capacity_eur)
    lead = own.value_eur - own.capacity_eur - rival.value_eur + rival.capacity_eur
    needed = price - lead / slope
    where = f"{rival.fate} at {rival.facility}" if rival.facility else rival.fate
    flips = []
    if needed > 0.0:
        flips.append(Flip(f"price of {own.fate}", "EUR/kWh", price, needed, where))
    if rival.fate in FATES:
        r = FATES.index(rival.fate)
        steep = _slope(plan, i, r)
        if steep > 1e-9:
            now = float(table.values[USUAL, kind, r, PRICE])
            flips.append(Flip(f"price of {rival.fate}", "EUR/kWh", now, now + lead / steep, where))
    return flips


def _slope(plan: TriagePlan, i: int, f: int) -> float:
    """Return how much the pack's mean worth in a fate gains by one EUR/kWh of its price."""
    table = plan.judged.table
    values = table.values.copy()
    values[:, :, f, PRICE] += 1.0
    more = judge(_one(plan.judged.packs, i), replace(table, values=values), plan.judged.gates)
    return float(more.worth_eur[USUAL, 0, f] - plan.judged.worth_eur[USUAL, i, f])


def _one(packs: ReturnedPacks, i: int, *, n_copies: int = 1) -> ReturnedPacks:
    picked = [i] * n_copies
    arrays = {
        name: getattr(packs, name)[picked].copy()
        for name in packs.__slots__
        if name not in ("battery_ids", "chemistries")
    }
    return replace(packs, battery_ids=(packs.battery_ids[i],) * n_copies, **arrays)


def _fates_at(plan: TriagePlan, i: int, copies: ReturnedPacks) -> list[str]:
    """Return the fate of each copy of pack `i` with other health, at the same prices of room."""
    again = judge(copies, plan.judged.table, plan.judged.gates, n_threads=1)
    base = plan.judged.worth_eur[USUAL, i]
    cost = np.full(len(FATES), np.inf)
    problem = plan.problem
    free = replace(
        problem,
        value_eur=np.zeros_like(problem.value_eur[[i]]),
        hold_eur=problem.hold_eur[[i]],
        mass_kg=problem.mass_kg[[i]],
        kind=problem.kind[[i]],
        carbon_kgco2e=problem.carbon_kgco2e[[i]],
    )
    paid = -priced(free, plan.solved.prices.limit_eur)[0, :-1]
    moved = _moved(plan, i, base)
    for j, lane in enumerate(plan.problem.lanes):
        if lane.fate in FATES and np.isfinite(moved[j]):
            f = FATES.index(lane.fate)
            cost[f] = min(cost[f], moved[j] + paid[j])
    net = np.where(again.is_allowed, again.worth_eur[USUAL] - cost, -np.inf)
    best = net.argmax(axis=1)
    held = net.max(axis=1) < plan.problem.hold_eur[i]
    return [HOLD if is_held else FATES[f] for f, is_held in zip(best, held, strict=True)]


def _moved(plan: TriagePlan, i: int, base: Floats) -> Floats:
    """Return the transport of each lane, from an open lane of the same facility if it is shut."""
    by_facility: dict[str, float] = {}
    for j, lane in enumerate(plan.problem.lanes):
        value = plan.problem.value_eur[i, j]
        if lane.fate in FATES and np.isfinite(value):
            by_facility[lane.facility] = float(base[FATES.index(lane.fate)] - value)
    return np.array([by_facility.get(lane.facility, np.inf) for lane in plan.problem.lanes])


def _soh_flips(plan: TriagePlan, i: int) -> list[Flip]:
    """Return the nearest mean health below and above at which the fate changes."""
    packs = plan.judged.packs
    steps = np.arange(-_SOH_FAR_FRAC, _SOH_FAR_FRAC + 1e-9, _SOH_STEP_FRAC)
    now = float(packs.soh_mean_frac[i])
    copies = _one(packs, i, n_copies=steps.size)
    copies.soh_mean_frac[:] = np.clip(now + steps, 0.0, 1.2)
    fates = _fates_at(plan, i, copies)
    middle = steps.size // 2
    flips = []
    for side in (range(middle - 1, -1, -1), range(middle + 1, steps.size)):
        for k in side:
            if fates[k] != fates[middle]:
                flips.append(
                    Flip("state of health", "1", now, float(copies.soh_mean_frac[k]), fates[k])
                )
                break
    return flips


def _safety_flips(plan: TriagePlan, i: int) -> list[Flip]:
    """Return the chances of a defect at which the fate changes."""
    packs = plan.judged.packs
    usual = plan.judged.table.values[USUAL, _kind(plan, i)]
    now = float(packs.unsafe_frac[i])
    edges = sorted(
        {
            float(row[UNSAFE_MOST] / (1.0 - row[DETECTED]))
            for row in usual
            if row[DETECTED] < 1.0 and row[UNSAFE_MOST] / (1.0 - row[DETECTED]) < 1.0
        }
    )
    if not edges:
        return []
    copies = _one(packs, i, n_copies=len(edges) * 2 + 1)
    copies.unsafe_frac[:] = [now, *(0.999 * e for e in edges), *(1.001 * e for e in edges)]
    fates = _fates_at(plan, i, copies)
    below = [(e, f) for e, f in zip(edges, fates[1:], strict=False) if e < now and f != fates[0]]
    above = [
        (e, f)
        for e, f in zip(edges, fates[1 + len(edges) :], strict=True)
        if e >= now and f != fates[0]
    ]
    picked = [*(below[-1:]), *(above[:1])]
    return [Flip("chance of a hidden defect", "1", now, edge, fate) for edge, fate in picked]
