"""A recycling plant as a page shows it: what flows where, the law by date, what to change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from batteryloop.circular.recycle import OPENINGS, ROUTES, fitting_steps
from batteryloop.circular.recycle.types import Flow, PlantBalance
from batteryloop.errors import NotKnown, ValueOutOfRange
from batteryloop.reference.compositions import compositions
from batteryloop.reference.recycling_targets import legal_targets
from batteryloop.usecases.balance_plant import PlantReport, report_plant
from batteryloop.wiring.chance import seeded

COUNTING = ("whole", "without_graphite", "carbon_and_phosphorus_out")
SIMULATED_FEED_T = {"NMC622": 30_000.0, "LFP": 20_000.0}
ALL = "all"
_MOST_T = 1e7
# What reagents and air bring in; the rest comes from the packs.
_BROUGHT_IN = frozenset({"O", "H", "N", "Na", "S", "Ca", "Si"})
_HUE = {
    "feed": "make", "reagent": "swap", "between": "decide", "product": "renew",
    "byproduct": "use", "residue": "recover", "water": "swap", "emission": "care",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlantQuestion:
    """What a person asks of a plant; hashable, so that an answer is computed once."""

    feed_t: tuple[tuple[str, float], ...]
    opening: str = "thermal"
    route: str = "hydro"
    steps: tuple[str, ...] = ()
    counting: str = "whole"
    shown: str = ALL
    is_simulated: bool = False


def plant_question(
    asked: Mapping[str, str], steps: list[str], known_feed_t: Mapping[str, float]
) -> PlantQuestion:
    """Return the question of a form; without any feed, that of the record or the simulated one.

    Raises
    ------
    ValueOutOfRange
        If a mass is no number, below 0 or too large.
    NotKnown
        If a name is none.

    Examples
    --------
    >>> plant_question({"feed_LFP": "1000"}, [], {}).feed_t
    (('LFP', 1000.0),)
    >>> plant_question({}, [], {}).is_simulated
    True
    """
    feed = {}
    for name in chemistries():
        text = asked.get(f"feed_{name}", "").strip()
        mass = _mass(name, text) if text else 0.0
        if mass > 0.0:
            feed[name] = mass
    is_asked = any(key.startswith("feed_") for key in asked)
    if is_asked and not feed:
        raise ValueOutOfRange("feed", "nothing", "above 0 t of one chemistry")
    opening = _one("opening", asked.get("opening", "thermal"), OPENINGS)
    route = _one("route", asked.get("route", "hydro"), ROUTES)
    fitting = fitting_steps(opening, route)
    chosen = feed or {k: v for k, v in known_feed_t.items() if k in chemistries()}
    return PlantQuestion(
        tuple(sorted((chosen or SIMULATED_FEED_T).items())),
        opening,
        route,
        # A step of another route is dropped, since the form offers the steps of the last answer.
        tuple(step for step in fitting if step in steps),
        _one("counting", asked.get("counting", "whole"), COUNTING),
        asked.get("show", ALL),
        not chosen,
    )


@lru_cache(maxsize=64)
def answered(question: PlantQuestion, improved_on: date | None = None) -> PlantReport:
    """Return the plant's report; what was asked before is known.

    With `improved_on` it is of that day alone, with the added steps that would make it pass.
    """
    return report_plant(
        dict(question.feed_t),
        target_days() if improved_on is None else (improved_on,),
        opening=question.opening,
        route=question.route,
        steps=question.steps,
        counting=question.counting,
        is_improved=improved_on is not None,
        rng=seeded(1),
    )


def target_days() -> tuple[date, ...]:
    """Return the days from which the law asks for more of a plant."""
    rules = ("recycling_efficiency", "material_recovery")
    return tuple(sorted({t.from_on for t in legal_targets() if t.rule in rules}))


def chemistries() -> tuple[str, ...]:
    """Return the chemistries whose packs a plant can be fed."""
    return tuple(compositions("pack"))


def plant_flows(balance: PlantBalance, shown: str) -> dict[str, Any]:
    """Return nodes and links of a Sankey [t]: of one element, or of all that the packs brought.

    Reagents, air and water are left out of the whole, since they outweigh everything. A stage that
    gives back to one before it would close a circle, which the picture cannot have; such a link is
    left out.

    Raises
    ------
    NotKnown
        If the packs have no such element.

    Examples
    --------
    >>> from batteryloop.circular.recycle import balance_plant
    >>> flows = plant_flows(balance_plant({"LFP": 1.0}), "Li")
    >>> round(sum(l["value"] for l in flows["links"] if l["target"] == "lithium carbonate"), 3)
    0.011
    """
    if shown != ALL and shown not in balance.feed_elements_t:
        raise NotKnown.among("element", shown, balance.feed_elements_t)
    titles = {stage.name: stage.title for stage in balance.stages}
    order = {stage.name: place for place, stage in enumerate(balance.stages)}
    hues: dict[str, str] = {}
    links = []
    for flow in balance.flows:
        mass = _shown_t(flow, shown)
        is_back = order.get(flow.target, len(order)) <= order.get(flow.source, -1)
        if mass <= 1e-6 * balance.mass_in_t or is_back:
            continue
        source = titles.get(flow.source, flow.source)
        target = titles.get(flow.target, flow.title)
        outer, inner = ("feed" if flow.kind == "feed" else "reagent"), "between"
        hues.setdefault(source, _HUE[inner if flow.source in titles else outer])
        hues.setdefault(target, _HUE[inner if flow.target in titles else flow.kind])
        links.append({"source": source, "target": target, "value": mass})
    nodes = [{"name": name, "stage": hue} for name, hue in hues.items()]
    return {"nodes": nodes, "links": links, "unit": "t"}


def _shown_t(flow: Flow, shown: str) -> float:
    if shown != ALL:
        return flow.elements_t.get(shown, 0.0)
    return sum(mass for element, mass in flow.elements_t.items() if element not in _BROUGHT_IN)


def plant_view(question: PlantQuestion) -> dict[str, Any]:
    """Return what the template draws."""
    report = answered(question)
    balance, value = report.balance, report.value
    rows: list[dict[str, Any]] = [
        {
            "title": flow.title,
            "kind": flow.kind,
            "mass_t": flow.mass_t,
            "counted_t": sum(balance.counted_t.get(flow.target, {}).values()),
            "value_usd": value.products_usd.get(flow.target),
        }
        for flow in balance.leaving().values()
    ]
    order = list(_HUE)
    kept = [e for e in balance.feed_elements_t if e not in _BROUGHT_IN]
    return {
        "question": question,
        "report": report,
        "feed_t": dict(question.feed_t),
        "chemistries": chemistries(),
        "openings": OPENINGS,
        "routes": ROUTES,
        "counting": COUNTING,
        "steps": fitting_steps(question.opening, question.route),
        "elements": sorted(kept),
        "rows": sorted(
            rows, key=lambda row: (order.index(str(row["kind"])), -float(row["mass_t"]))
        ),
        "titles": {name: flow.title for name, flow in balance.leaving().items()},
        "flows": plant_flows(balance, question.shown),
        "n_missed": sum(not r.passes for rs in report.targets.values() for r in rs),
        "n_targets": sum(len(rs) for rs in report.targets.values()),
    }


def _mass(name: str, text: str) -> float:
    try:
        mass = float(text)
    except ValueError:
        raise ValueOutOfRange(f"feed of {name}", repr(text[:40]), "a number of tonnes") from None
    if not 0.0 <= mass <= _MOST_T:
        raise ValueOutOfRange(f"feed of {name}", f"{mass:g} t", f"0 to {_MOST_T:,.0f} t")
    return mass


def _one(what: str, found: str, known: tuple[str, ...]) -> str:
    if found not in known:
        raise NotKnown.among(what, found, known)
    return found
