"""Each pack's part of what its batch and campaign gave: what was won of it, what was lost."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from batteryloop.circular.recycle.genealogy import Link, TracedReturns

Masses = dict[str, float]


@dataclass(frozen=True, slots=True)
class PackShare:
    """One pack's elements [kg]: what came in, what is counted of it in each lot, what was lost."""

    battery_id: str
    batch: str
    campaign: str
    mass_kg: float
    came_kg: Masses
    recovered_kg: dict[str, Masses]
    lost_kg: Masses

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for the record."""
        return {
            "came": dict(self.came_kg),
            "recovered": {lot: dict(masses) for lot, masses in self.recovered_kg.items()},
            "lost": dict(self.lost_kg),
        }


def pack_shares(traced: TracedReturns) -> tuple[PackShare, ...]:
    """Return the part of every pack, by the rule that a batch and a campaign are mixed.

    What is lost is read off the plant's other outlets and what its products hold uncounted, less
    what reagents brought; it is not made up of what is missing, so that a gap would show.

    Examples
    --------
    >>> from batteryloop.circular.recycle.genealogy import ReturnedPack
    >>> from batteryloop.circular.recycle.traceability import trace_returns
    >>> packs = [ReturnedPack("P-1", "LFP", 300.0), ReturnedPack("P-2", "LFP", 100.0)]
    >>> one, other = pack_shares(trace_returns(packs))
    >>> lot = "R-C001/lithium_carbonate"
    >>> round(one.recovered_kg[lot]["Li"] / other.recovered_kg[lot]["Li"], 6)
    3.0
    """
    own = {link.source: link for link in traced.links if link.source in traced.batch_of}
    came: dict[str, Masses] = {}
    for name, link in own.items():
        batch = traced.batch_of[name]
        for into in (batch, traced.campaign_of[batch]):
            _add(came.setdefault(into, {}), link.elements_kg, 1.0)
    lots = {lot.name: lot for lot in traced.lots}
    lost = _lost(traced, lots.keys(), {lot.name: lot.recovered_kg for lot in traced.lots})
    found = []
    for name, link in own.items():
        batch = traced.batch_of[name]
        campaign = traced.campaign_of[batch]
        gone: Masses = {}
        for origin in (batch, campaign):
            _add(gone, _part(link, came[origin], lost.get(origin, {})), 1.0)
        recovered = {
            lot.name: _part(link, came[lot.origin], lot.recovered_kg)
            for lot in traced.lots
            if lot.origin in (batch, campaign)
        }
        found.append(
            PackShare(name, batch, campaign, link.mass_kg, dict(link.elements_kg), recovered, gone)
        )
    return tuple(found)


def _part(own: Link, came_kg: Masses, masses_kg: Masses) -> Masses:
    """Return the pack's part of some masses: its share of each element that came."""
    return {
        element: mass * own.elements_kg[element] / came_kg[element]
        for element, mass in masses_kg.items()
        if own.elements_kg.get(element, 0.0) > 0
    }


def _lost(
    traced: TracedReturns, lots: Iterable[str], counted_kg: dict[str, Masses]
) -> dict[str, Masses]:
    """Return by batch and campaign what left otherwise than counted in a lot, less reagents."""
    inside = {*traced.campaign_of, *traced.campaign_of.values()}
    known = set(lots)
    kinds = {node.name: node.kind for node in traced.nodes}
    lost: dict[str, Masses] = {}
    for link in traced.links:
        if link.target in inside and kinds.get(link.source) == "reagent":
            _add(lost.setdefault(link.target, {}), link.elements_kg, -1.0)
        elif link.source in inside and kinds.get(link.target) in ("lot", "other"):
            here = lost.setdefault(link.source, {})
            _add(here, link.elements_kg, 1.0)
            if link.target in known:
                _add(here, counted_kg[link.target], -1.0)
    return lost


def _add(sums: Masses, masses_kg: Masses, sign: float) -> None:
    for element, mass in masses_kg.items():
        sums[element] = sums.get(element, 0.0) + sign * mass
