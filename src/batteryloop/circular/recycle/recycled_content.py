"""Article 8: how much of a new battery's cobalt, lithium, nickel and lead was recovered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from batteryloop.circular.recycle.genealogy import (
    Link,
    Node,
    SaltLot,
    TracedReturns,
    node_gaps_frac,
)
from batteryloop.circular.recycle.substances import substance_table
from batteryloop.errors import ValueOutOfRange
from batteryloop.reference.compositions import composition
from batteryloop.reference.recycling_targets import LegalTarget, targets_on
from batteryloop.reference.rows import rows

COUNTED = ("Co", "Li", "Ni", "Pb")
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class NewBattery:
    """A battery to be made: what each counted element of its active material weighs [kg]."""

    battery_id: str
    need_kg: dict[str, float]
    chemistry: str = ""


@dataclass(frozen=True, slots=True)
class ContentShare:
    """The recycled share of one element in a battery, against the target in force."""

    element: str
    need_kg: float
    recycled_kg: float
    target: LegalTarget | None

    @property
    def share_frac(self) -> float:
        """Recycled over all of the element [1]."""
        return self.recycled_kg / self.need_kg

    @property
    def passes(self) -> bool | None:
        """Whether the target is reached; None where no target is in force."""
        if self.target is None:
            return None
        return self.share_frac >= self.target.target_frac - _ROUNDING

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for a passport."""
        return {
            "element": self.element,
            "need_kg": self.need_kg,
            "recycled_kg": self.recycled_kg,
            "share_frac": self.share_frac,
            "target_frac": self.target.target_frac if self.target else None,
            "passes": self.passes,
        }


@dataclass(frozen=True, slots=True)
class RecycledContent:
    """One battery's shares by element, and from which lots they came [kg]."""

    battery_id: str
    shares: tuple[ContentShare, ...]
    from_lots_kg: dict[str, dict[str, float]]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for a passport."""
        return {
            "battery_id": self.battery_id,
            "shares": [share.as_dict() for share in self.shares],
            "from_lots_kg": {lot: dict(parts) for lot, parts in self.from_lots_kg.items()},
        }


@dataclass(frozen=True, slots=True)
class NewBatteries:
    """Batteries made of recovered and primary metal: shares, stock left, nodes and links."""

    contents: tuple[RecycledContent, ...]
    left_kg: dict[str, float]
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "batteries": [content.as_dict() for content in self.contents],
            "left_kg": dict(self.left_kg),
            "nodes": [node.as_dict() for node in self.nodes],
            "links": [link.as_dict() for link in self.links],
        }


@dataclass(slots=True)
class _Stock:
    """What is left of a lot while batteries take of it."""

    lot: SaltLot
    left_kg: dict[str, float]

    def take(self, battery: NewBattery, wanted_kg: dict[str, float]) -> dict[str, float]:
        """Give what a battery still wants; take it off what is wanted and off what is left."""
        if self.lot.product == "cathode_powder":
            shares = self._powder(battery, wanted_kg)
        else:
            shares = {e: min(wanted_kg.get(e, 0.0), left) for e, left in self.left_kg.items()}
        given = {element: mass for element, mass in shares.items() if mass > 0}
        for element, mass in given.items():
            self.left_kg[element] -= mass
            wanted_kg[element] -= mass
        return given

    def _powder(self, battery: NewBattery, wanted_kg: dict[str, float]) -> dict[str, float]:
        """Powder is taken whole, so its scarcest want decides, and only by its own chemistry."""
        if self.lot.chemistries != (battery.chemistry,) or min(self.left_kg.values()) <= 0:
            return {}
        part = min(1.0, *(wanted_kg.get(e, 0.0) / left for e, left in self.left_kg.items()))
        return {element: left * part for element, left in self.left_kg.items()}


def new_battery(battery_id: str, chemistry: str, energy_kwh: float) -> NewBattery:
    """Return the metals that the active material of a new battery needs.

    Parameters
    ----------
    battery_id : str
        Its name.
    chemistry : str
        One with a known composition.
    energy_kwh : float
        Rated energy [kWh].

    Raises
    ------
    ValueOutOfRange
        If the energy is not above 0.
    NotKnown
        If the chemistry has no known composition.

    Examples
    --------
    >>> round(new_battery("N-1", "NMC622", 100.0).need_kg["Co"], 1)
    17.4
    """
    if not energy_kwh > 0:
        raise ValueOutOfRange(f"battery {battery_id}", f"{energy_kwh:g} kWh", "above 0 kWh")
    made_of = composition(chemistry, "cell")
    table = substance_table()
    place = table.index(made_of.chemistry)
    cathode_kg = made_of.kg_per_kwh()["cathode"] * energy_kwh
    per_kg = table.element_t_per_kmol[:, place] / table.molar_mass_t_per_kmol[place]
    masses = dict(zip(table.elements, per_kg * cathode_kg, strict=True))
    need = {e: float(masses[e]) for e in COUNTED if masses[e] > 0}
    return NewBattery(battery_id, need, made_of.chemistry)


def mass_balance_rules() -> dict[str, str]:
    """Return the rules by which recycled metal is counted, by name.

    Examples
    --------
    >>> mass_balance_rules()["by_element"]
    'Shares are counted element by element; lithium does not pay for cobalt.'
    """
    return {r["rule"]: r["sentence"] for r in rows(__package__, "mass_balance_rules.csv")}


def make_batteries(
    lots: Sequence[SaltLot],
    batteries: Sequence[NewBattery],
    day: date,
    *,
    wanted_frac: Mapping[str, float] | None = None,
) -> NewBatteries:
    """Return new batteries made of the lots, first lot first, and of primary metal for the rest.

    Rules: `mass_balance_rules.csv`. No more of an element is given out than the lots have.

    Parameters
    ----------
    lots : sequence of SaltLot
        From `trace_returns`.
    batteries : sequence of NewBattery
        What is made, in order.
    day : datetime.date
        When they are placed on the market: which targets hold.
    wanted_frac : mapping of str to float, optional
        Recycled share wanted by element [1]; as much as there is, if not given.

    Raises
    ------
    ValueOutOfRange
        If a share is not between 0 and 1.

    Examples
    --------
    >>> lot = SaltLot("C1/lithium_carbonate", "lithium_carbonate", "C1", 10.0, {"Li": 1.88})
    >>> made = make_batteries([lot], [NewBattery("N-1", {"Li": 9.4})], date(2031, 9, 1))
    >>> share = made.contents[0].shares[0]
    >>> round(share.share_frac, 3), share.passes
    (0.2, True)
    """
    for element, share in (wanted_frac or {}).items():
        if not 0 <= share <= 1:
            raise ValueOutOfRange(f"share of {element}", f"{share:g}", "0 to 1")
    stock = {
        lot.name: _Stock(lot, {e: lot.recovered_kg[e] for e in COUNTED if e in lot.recovered_kg})
        for lot in lots
    }
    targets = targets_on("recycled_content", day)
    contents = tuple(
        _content(battery, stock.values(), targets, wanted_frac) for battery in batteries
    )
    links = [link for content in contents for link in _links(content)]
    left: dict[str, float] = {}
    for held in stock.values():
        for element, mass in held.left_kg.items():
            left[element] = left.get(element, 0.0) + mass
            if mass > 0:
                links.append(Link(held.lot.name, f"stock of {element}", mass, {element: mass}))
    names = {link.source for link in links if link.source.startswith("primary ")}
    stocks = {link.target for link in links if link.target.startswith("stock of ")}
    nodes = (
        *(Node(b.battery_id, "battery", "new battery") for b in batteries),
        *(Node(name, "primary", f"{name}, mined") for name in sorted(names)),
        *(Node(name, "stock", name) for name in sorted(stocks)),
    )
    return NewBatteries(contents, left, nodes, tuple(links))


def _content(
    battery: NewBattery,
    stock: Iterable[_Stock],
    targets: Mapping[str, LegalTarget],
    wanted_frac: Mapping[str, float] | None,
) -> RecycledContent:
    wanted_kg = {
        element: need * (1.0 if wanted_frac is None else wanted_frac.get(element, 0.0))
        for element, need in battery.need_kg.items()
    }
    taken: dict[str, dict[str, float]] = {}
    for held in stock:
        parts = held.take(battery, wanted_kg)
        if parts:
            taken[held.lot.name] = parts
    shares = tuple(
        ContentShare(
            element,
            need,
            sum(parts.get(element, 0.0) for parts in taken.values()),
            targets.get(element),
        )
        for element, need in battery.need_kg.items()
    )
    return RecycledContent(battery.battery_id, shares, taken)


def _links(content: RecycledContent) -> list[Link]:
    """Return what went into a battery: from lots, and primary metal for the rest."""
    links = [
        Link(lot, content.battery_id, sum(parts.values()), dict(parts))
        for lot, parts in content.from_lots_kg.items()
    ]
    for share in content.shares:
        mass = share.need_kg - share.recycled_kg
        if mass > 0:
            name = f"primary {share.element}"
            links.append(Link(name, content.battery_id, mass, {share.element: mass}))
    return links


def loop_gap_frac(traced: TracedReturns, made: NewBatteries) -> float:
    """Return the largest gap of a counted element from packs to new batteries [1].

    From the packs to the lots every element must close; from the lots on the counted ones, of
    which nothing may be lost.

    Examples
    --------
    >>> from batteryloop.circular.recycle.genealogy import ReturnedPack
    >>> from batteryloop.circular.recycle.traceability import trace_returns
    >>> traced = trace_returns([ReturnedPack("P-1", "NMC622", 420.0)])
    >>> made = make_batteries(traced.lots, [new_battery("N-1", "NMC622", 60.0)], date(2031, 9, 1))
    >>> loop_gap_frac(traced, made) < 1e-9
    True
    """
    gaps = [max(node_gaps_frac(traced.links).values(), default=0.0)]
    for lot in traced.lots:
        for element in COUNTED:
            had = lot.recovered_kg.get(element, 0.0)
            if had > 0:
                given = sum(
                    link.elements_kg.get(element, 0.0)
                    for link in made.links
                    if link.source == lot.name
                )
                gaps.append(abs(had - given) / had)
    return max(gaps)
