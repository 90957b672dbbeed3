"""Packs, lots, and the nodes and links between them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from batteryloop.circular.recycle.substances import substance_table
from batteryloop.circular.recycle.types import PlantBalance
from batteryloop.reference.compositions import composition


@dataclass(frozen=True, slots=True)
class ReturnedPack:
    """One returned pack: its mass, chemistry and rated energy, as the desk knows them."""

    battery_id: str
    chemistry: str
    mass_kg: float
    rated_energy_kwh: float | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One thing of the way; `kind` is pack, reagent, batch, powder, campaign, lot or other."""

    name: str
    kind: str
    title: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {"name": self.name, "kind": self.kind, "title": self.title}


@dataclass(frozen=True, slots=True)
class Link:
    """What went from one node to another [kg], with its elements."""

    source: str
    target: str
    mass_kg: float
    elements_kg: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "source": self.source,
            "target": self.target,
            "mass_kg": self.mass_kg,
            "elements_kg": dict(self.elements_kg),
        }


@dataclass(frozen=True, slots=True)
class SaltLot:
    """A lot of one product of a campaign or a batch: its mass, and what of it counts [kg].

    `chemistries` are those of the packs it came from: cathode powder serves its own alone.
    """

    name: str
    product: str
    origin: str
    mass_kg: float
    recovered_kg: dict[str, float]
    chemistries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TracedReturns:
    """The way of every pack as nodes and links, the lots made, and each pack's share of them."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    lots: tuple[SaltLot, ...]
    batch_of: dict[str, str]
    campaign_of: dict[str, str]
    balances: tuple[PlantBalance, ...]

    def gaps_frac(self) -> dict[str, float]:
        """Return for each node in between the largest share of an element lost or gained."""
        return node_gaps_frac(self.links)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data; nodes and links are those of a Sankey."""
        return {
            "nodes": [node.as_dict() for node in self.nodes],
            "links": [link.as_dict() for link in self.links],
            "lots": [
                {
                    "name": lot.name,
                    "product": lot.product,
                    "origin": lot.origin,
                    "mass_kg": lot.mass_kg,
                    "recovered_kg": dict(lot.recovered_kg),
                }
                for lot in self.lots
            ],
            "batch_of": dict(self.batch_of),
            "campaign_of": dict(self.campaign_of),
            "worst_gap_frac": max(self.gaps_frac().values(), default=0.0),
        }


def node_gaps_frac(links: Iterable[Link]) -> dict[str, float]:
    """Return for each node that has links in and out the largest gap of any element [1]."""
    into: dict[str, dict[str, float]] = {}
    out: dict[str, dict[str, float]] = {}
    for link in links:
        for side, name in ((into, link.target), (out, link.source)):
            sums = side.setdefault(name, {})
            for element, mass in link.elements_kg.items():
                sums[element] = sums.get(element, 0.0) + mass
    return {
        name: max(
            abs(mass - out[name].get(element, 0.0)) / max(mass, 1e-9)
            for element, mass in {**dict.fromkeys(out[name], 0.0), **into[name]}.items()
        )
        for name in into
        if name in out
    }


def pack_elements_kg(chemistry: str, mass_kg: float, level: str = "pack") -> dict[str, float]:
    """Return the mass of each element in a pack or a cell [kg].

    Examples
    --------
    >>> round(pack_elements_kg("LFP", 100.0)["Li"], 2)
    1.37
    """
    made_of = composition(chemistry, level)
    table = substance_table()
    elements: dict[str, float] = {}
    for part, share in made_of.parts_frac.items():
        place = table.index(made_of.chemistry if part == "cathode" else part)
        per_t = table.element_t_per_kmol[:, place] / table.molar_mass_t_per_kmol[place]
        for element, each in zip(table.elements, per_t, strict=True):
            if each > 0:
                elements[element] = elements.get(element, 0.0) + float(each) * share * mass_kg
    return elements
