"""Do the masses balance from returned packs to new batteries? Read from the record alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from batteryloop.circular.recycle.genealogy import pack_elements_kg
from batteryloop.circular.recycle.recycled_content import COUNTED
from batteryloop.record import Entry, EventKind
from batteryloop.usecases.place_new_battery import STOCK

Masses = dict[str, float]


@dataclass(frozen=True, slots=True)
class LoopStep:
    """One step of the way: what went in and what came out, by element [kg]."""

    name: str
    in_kg: Masses
    out_kg: Masses

    @property
    def gap_frac(self) -> float:
        """The largest share of an element that was lost or gained [1]."""
        elements = {**self.in_kg, **self.out_kg}
        return max(
            (
                abs(self.in_kg.get(e, 0.0) - self.out_kg.get(e, 0.0))
                / max(self.in_kg.get(e, 0.0), self.out_kg.get(e, 0.0), 1e-9)
                for e in elements
            ),
            default=0.0,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "name": self.name,
            "in_kg": dict(self.in_kg),
            "out_kg": dict(self.out_kg),
            "gap_frac": self.gap_frac,
        }


@dataclass(slots=True)
class _Ledger:
    """What the entries say of masses, in their order."""

    chemistry: dict[str, str] = field(default_factory=dict)
    parts: dict[str, dict[str, float]] = field(default_factory=dict)
    returned: Masses = field(default_factory=dict)
    collected: Masses = field(default_factory=dict)
    routes: dict[str, str] = field(default_factory=dict)
    taken: Masses = field(default_factory=dict)
    made_of_others: Masses = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    recycled: Masses = field(default_factory=dict)
    recovered: Masses = field(default_factory=dict)
    lost: Masses = field(default_factory=dict)
    into_batteries: Masses = field(default_factory=dict)
    into_stock: Masses = field(default_factory=dict)
    from_lots: Masses = field(default_factory=dict)
    needed: Masses = field(default_factory=dict)
    primary: Masses = field(default_factory=dict)


def balance_loop(entries: Iterable[Entry]) -> tuple[LoopStep, ...]:
    """Return the steps from the packs' making to the new batteries, with what went in and out.

    Parameters
    ----------
    entries : iterable of Entry
        The whole record, in order.
    """
    book = _Ledger()
    for entry in entries:
        _READ.get(entry.event.kind, _nothing)(book, entry.event.battery_id, entry.event.details)
    still: Masses = {}
    for name, parts in book.parts.items():
        if name in book.routes and name not in book.gone:
            _add(still, _elements(book, name, sum(parts.values())))
    kept = {e: m for e, m in book.recovered.items() if e in COUNTED}
    after = _sum(still, book.made_of_others, book.recovered, book.lost)
    decided = _sum(*(_elements(book, n, book.collected[n]) for n in book.routes))
    return (
        LoopStep(
            "returned, collected",
            _sum(*(_elements(book, n, m) for n, m in book.returned.items())),
            _sum(*(_elements(book, n, m) for n, m in book.collected.items())),
        ),
        LoopStep(
            "collected, decided",
            _sum(*(_elements(book, n, m) for n, m in book.collected.items())),
            decided,
        ),
        LoopStep("parts out, new packs and stores", book.taken, book.made_of_others),
        LoopStep(
            "recycled, lots and losses", book.recycled, _sum(book.recovered, book.lost)
        ),
        LoopStep("lots, new batteries and stock", kept, _sum(book.into_batteries, book.into_stock)),
        LoopStep("packs' notes, batteries' lots", book.into_batteries, book.from_lots),
        LoopStep("need of new batteries", book.needed, _sum(book.from_lots, book.primary)),
        LoopStep("all packs, all that became of them", decided, after),
    )  # fmt: skip


def worst_gap_frac(steps: Iterable[LoopStep]) -> float:
    """Return the largest gap of any step [1]."""
    return max((step.gap_frac for step in steps), default=0.0)


def _made(book: _Ledger, name: str, details: Mapping[str, Any]) -> None:
    battery = details["battery"]
    book.chemistry[name] = str(battery.get("chemistry", ""))
    content = details.get("recycled_content")
    if content is None:
        mass = float(battery.get("mass_kg") or 0.0)
        book.returned[name] = mass
        book.parts[name] = dict(details.get("parts_mass_kg") or {"": mass})
        return
    for share in content["shares"]:
        element = share["element"]
        _add(book.needed, {element: share["need_kg"]})
        _add(book.primary, {element: share["need_kg"] - share["recycled_kg"]})
    for parts in content["from_lots_kg"].values():
        _add(book.from_lots, parts)


def _collected(book: _Ledger, name: str, details: Mapping[str, Any]) -> None:
    if name in book.parts:
        book.collected[name] = sum(book.parts[name].values())


def _triaged(book: _Ledger, name: str, details: Mapping[str, Any]) -> None:
    book.routes[name] = str(details["route"])


def _renewed(book: _Ledger, name: str, details: Mapping[str, Any]) -> None:
    """Move parts from their batteries; the new one weighs what its own description says."""
    for parent in details.get("parents") or ():
        parts = book.parts[parent["battery_id"]]
        for serial in parent["serials"] or list(parts):
            _add(book.taken, _elements(book, parent["battery_id"], parts.pop(serial)))
        if not parts:
            book.gone.add(parent["battery_id"])
    battery = details["battery"]
    book.chemistry[name] = str(battery["chemistry"])
    _add(book.made_of_others, _elements(book, name, float(battery["mass_kg"])))


def _recycled(book: _Ledger, name: str, details: Mapping[str, Any]) -> None:
    masses = details.get("masses_kg") or {}
    book.gone.add(name)
    _add(book.recycled, _elements(book, name, sum(book.parts[name].values())))
    _add(book.lost, masses.get("lost", {}))
    for lot in masses.get("recovered", {}).values():
        _add(book.recovered, lot)


def _noted(book: _Ledger, name: str, details: Mapping[str, Any]) -> None:
    for target, masses in (details.get("into_kg") or {}).items():
        _add(book.into_stock if target == STOCK else book.into_batteries, masses)


def _nothing(book: _Ledger, name: str, details: Mapping[str, Any]) -> None:
    """Other events move no mass."""


_READ = {
    EventKind.MADE: _made,
    EventKind.COLLECTED: _collected,
    EventKind.TRIAGED: _triaged,
    EventKind.REMANUFACTURED: _renewed,
    EventKind.REPURPOSED: _renewed,
    EventKind.RECYCLED: _recycled,
    EventKind.NOTED: _noted,
}


def _elements(book: _Ledger, name: str, mass_kg: float) -> Masses:
    return pack_elements_kg(book.chemistry[name], mass_kg)


def _add(sums: Masses, masses_kg: Mapping[str, float]) -> None:
    for element, mass in masses_kg.items():
        sums[element] = sums.get(element, 0.0) + mass


def _sum(*masses_kg: Mapping[str, float]) -> Masses:
    found: Masses = {}
    for masses in masses_kg:
        _add(found, masses)
    return found
