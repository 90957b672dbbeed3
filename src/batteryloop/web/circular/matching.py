"""Matched packs: which modules go together, how alike they are, what the law calls the result."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from batteryloop.circular.remanufacture.types import OBJECTIVES, Matching, PackDesign
from batteryloop.errors import NotKnown
from batteryloop.record import Entry
from batteryloop.usecases.match_modules import Matched, match_modules
from batteryloop.usecases.simulate_modules import simulate_modules
from batteryloop.wiring.chance import seeded

N_SIMULATED_PACKS = 15
_N_DRAWN = 10
_DESIGN = PackDesign(8, 1, 120.0)


@lru_cache(maxsize=8)
def simulated_matching(objective: str, on: date) -> tuple[Matched, dict[str, float]]:
    """Return SIMULATED modules matched into packs, and each module's capacity [Ah].

    Raises
    ------
    NotKnown
        If the objective is none.
    """
    if objective not in OBJECTIVES:
        raise NotKnown.among("objective", objective, OBJECTIVES)
    table = simulate_modules(N_SIMULATED_PACKS, rng=seeded(3))
    found = match_modules(table, _DESIGN, on=on, rng=seeded(1), objective=objective, is_exact=False)
    capacities = dict(zip(table["module_id"], table["capacity_ah"], strict=True))
    return found, capacities


def lineage_flows(matching: Matching) -> dict[str, Any]:
    """Return nodes and links of modules' ways from old packs to new ones."""
    steps = Counter((step.from_pack_id, step.to_pack_id) for step in matching.lineage)
    return _flows(steps)


def second_lives(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the batteries that the record says were made of others, the newest first."""
    rows = []
    for entry in entries:
        event = entry.event
        parents = event.details.get("parents") or ()
        gate = event.details.get("gate") or {}
        rows.append(
            {
                "battery_id": event.battery_id,
                "status": event.kind.value,
                "happened_at": event.happened_at,
                "parents": [str(parent["battery_id"]) for parent in parents],
                "n_parts": sum(len(parent.get("serials") or ()) for parent in parents),
                "words": str(event.details.get("words") or ""),
                "reasons": [str(reason) for reason in gate.get("reasons") or ()],
            }
        )
    return rows


def recorded_flows(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return nodes and links of the last second lives on record, parent to child."""
    last = list(rows)[:_N_DRAWN]
    steps = Counter((parent, row["battery_id"]) for row in last for parent in row["parents"])
    return _flows(steps)


def _flows(steps: Counter[tuple[str, str]]) -> dict[str, Any]:
    olds = dict.fromkeys(old for old, _ in steps)
    news = dict.fromkeys(new for _, new in steps if new not in olds)
    nodes = [{"name": name, "stage": "decide"} for name in olds]
    nodes += [{"name": name, "stage": "renew"} for name in news]
    links = [
        {"source": old, "target": new, "value": n} for (old, new), n in steps.items() if old != new
    ]
    return {"nodes": nodes, "links": links, "unit": ""}
