"""A battery's way through the loop, told from its record: from where, why, and where to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batteryloop.record import BatteryState, Descent, Entry, EventKind
from batteryloop.reference.recycling_targets import legal_targets
from batteryloop.usecases.place_new_battery import STOCK
from batteryloop.usecases.record_port import Record

_N_ENTRIES = 200
# What is told of metals: those that a law counts, and those that are worth winning back.
_METALS = ("Li", "Co", "Ni", "Mn", "Cu", "Al", "Fe")


@dataclass(frozen=True, slots=True)
class Collected:
    """One collection: when, where, as waste or not, and in which truck as which goods."""

    at: datetime
    place: str
    is_waste: bool
    tour: str
    goods: str


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision: where to, what it is worth, why, and what would change it."""

    at: datetime
    route: str
    facility: str
    test: str
    value: str
    low: str
    high: str
    sentence: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Metal:
    """One element of a recycled pack: what came in, what was won back of it [kg]."""

    element: str
    came_kg: float
    recovered_kg: float

    @property
    def recovered_frac(self) -> float:
        """Share won back [1]."""
        return self.recovered_kg / self.came_kg if self.came_kg else 0.0


@dataclass(frozen=True, slots=True)
class Recycled:
    """Where a pack was recycled, into which lots, and which new batteries have its metal."""

    at: datetime
    plant: str
    batch: str
    campaign: str
    metals: tuple[Metal, ...]
    lots: tuple[tuple[str, str], ...]
    batteries: tuple[tuple[str, str], ...]
    stock: str


@dataclass(frozen=True, slots=True)
class Share:
    """One element of a new battery: how much of it was recovered, against each target in turn."""

    element: str
    need_kg: float
    recycled_kg: float
    share_frac: float
    targets: tuple[tuple[str, float, bool], ...]


@dataclass(frozen=True, slots=True)
class Way:
    """What the section says; what does not concern a battery is empty."""

    battery_id: str
    collected: tuple[Collected, ...]
    decided: tuple[Decided, ...]
    made_from: tuple[tuple[str, int], ...]
    went_into: tuple[tuple[str, int], ...]
    gate: tuple[tuple[str, str, str], ...]
    gate_words: str
    recycled: Recycled | None
    shares: tuple[Share, ...]
    lots: tuple[tuple[str, str], ...]
    packs: tuple[tuple[str, str], ...]

    @property
    def is_told(self) -> bool:
        """Whether there is anything to say."""
        return any(
            (self.collected, self.decided, self.made_from, self.went_into, self.recycled,
             self.shares)
        )  # fmt: skip


def way_of(record: Record, state: BatteryState) -> Way:
    """Return a battery's way, from the events of its own life and its lineage.

    Parameters
    ----------
    record : Record
        Where both are.
    state : BatteryState
        What its events come to.
    """
    name = state.battery.battery_id
    own = [
        entry
        for entry in reversed(record.history(name, n_most=_N_ENTRIES))
        if entry.event.battery_id == name
    ]
    by_kind: dict[EventKind, list[Entry]] = {}
    for entry in own:
        by_kind.setdefault(entry.event.kind, []).append(entry)
    made = _first(by_kind, EventKind.MADE)
    renewed = _first(by_kind, EventKind.REMANUFACTURED) or _first(by_kind, EventKind.REPURPOSED)
    content = made.get("recycled_content") or {}
    descents = record.lineage(name).descents
    return Way(
        battery_id=name,
        collected=tuple(_collected(entry) for entry in by_kind.get(EventKind.COLLECTED, ())),
        decided=tuple(_decided(entry) for entry in by_kind.get(EventKind.TRIAGED, ())),
        made_from=_related(descents, name, is_child=True),
        went_into=_related(descents, name, is_child=False),
        gate=_gate(renewed),
        gate_words=str(renewed.get("words", "")),
        recycled=_recycled(by_kind),
        shares=tuple(_share(share) for share in content.get("shares", ())),
        lots=_masses(content.get("from_lots_kg", {})),
        packs=_masses(made.get("from_packs_kg", {})),
    )


def _first(by_kind: Mapping[EventKind, Sequence[Entry]], kind: EventKind) -> Mapping[str, Any]:
    entries = by_kind.get(kind)
    return entries[0].event.details if entries else {}


def _collected(entry: Entry) -> Collected:
    details = entry.event.details
    place = ", ".join(str(details[k]) for k in ("site", "country") if details.get(k))
    return Collected(
        entry.event.happened_at,
        place,
        details.get("is_waste") is True,
        str(details.get("tour", "")),
        str(details.get("goods", "")),
    )


def _decided(entry: Entry) -> Decided:
    details = entry.event.details
    value, low, high = (_euros(details.get(f"value_{k}eur")) for k in ("", "low_", "high_"))
    return Decided(
        entry.event.happened_at,
        str(details.get("route", "")),
        str(details.get("facility", "")),
        str(details.get("test", "")),
        value,
        low,
        high,
        str(details.get("words", "")),
        tuple(str(change) for change in details.get("changes", ())),
    )


def _euros(value: float | None) -> str:
    """Return whole euros with a true minus, or nothing.

    Examples
    --------
    >>> _euros(-1234.5)
    '−1,234'
    """
    return "" if value is None else f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")


def _related(
    descents: Sequence[Descent], name: str, *, is_child: bool
) -> tuple[tuple[str, int], ...]:
    """Return the batteries next to this one with how many parts moved; 0 where all of it did."""
    if is_child:
        return tuple((d.parent_id, len(d.serials)) for d in descents if d.child_id == name)
    return tuple((d.child_id, len(d.serials)) for d in descents if d.parent_id == name)


def _gate(details: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    criteria = (details.get("gate") or {}).get("criteria", ())
    return tuple((str(c["name"]), str(c["verdict"]), str(c["reason"])) for c in criteria)


def _recycled(by_kind: Mapping[EventKind, Sequence[Entry]]) -> Recycled | None:
    entries = by_kind.get(EventKind.RECYCLED)
    if not entries:
        return None
    event = entries[0].event
    masses = event.details.get("masses_kg") or {}
    came, recovered = masses.get("came", {}), masses.get("recovered", {})
    into: dict[str, Mapping[str, float]] = {}
    for entry in by_kind.get(EventKind.NOTED, ()):
        into |= entry.event.details.get("into_kg") or {}
    metals = tuple(
        Metal(element, came[element], sum(lot.get(element, 0.0) for lot in recovered.values()))
        for element in _METALS
        if came.get(element)
    )
    return Recycled(
        event.happened_at,
        str(event.details.get("plant", "")),
        str(event.details.get("batch", "")),
        str(event.details.get("campaign", "")),
        metals,
        _masses(recovered),
        _masses({name: masses for name, masses in into.items() if name != STOCK}),
        _words(into.get(STOCK, {})),
    )


def _share(share: Mapping[str, Any]) -> Share:
    element, reached = str(share["element"]), float(share["share_frac"])
    targets = tuple(
        (target.from_on.isoformat(), target.target_frac, reached >= target.target_frac)
        for target in sorted(legal_targets(), key=lambda target: target.from_on)
        if target.rule == "recycled_content" and target.subject == element
    )
    return Share(element, float(share["need_kg"]), float(share["recycled_kg"]), reached, targets)


def _masses(by_name: Mapping[str, Mapping[str, float]]) -> tuple[tuple[str, str], ...]:
    """Return each name with its elements in words, those of the largest mass first."""
    order = sorted(by_name, key=lambda name: -sum(by_name[name].values()))
    return tuple((name, _words(by_name[name])) for name in order if any(by_name[name].values()))


def _words(masses_kg: Mapping[str, float]) -> str:
    """Return masses in words, the larger first.

    Examples
    --------
    >>> _words({"Li": 0.5, "Co": 2.0})
    'Co 2 kg, Li 0.5 kg'
    """
    order = sorted(masses_kg, key=lambda element: -masses_kg[element])
    return ", ".join(f"{e} {masses_kg[e]:,.3g} kg" for e in order if masses_kg[e] > 0)
