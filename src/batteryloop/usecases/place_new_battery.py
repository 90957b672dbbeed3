"""Place a new battery on the market: made of recovered metal, which its passport tells by lot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batteryloop.circular.recycle.pack_shares import PackShare
from batteryloop.circular.recycle.recycled_content import NewBatteries, RecycledContent
from batteryloop.errors import NotKnown
from batteryloop.passport.history import History
from batteryloop.record import EventKind, Party
from batteryloop.reference.compositions import composition
from batteryloop.usecases.record_passport import next_history
from batteryloop.usecases.record_scribe import Scribe

METHOD = "mass balance by lot, element by element, v1 (Art. 8)"
STOCK = "stock"
_NAMES = {"Ni": "nickel", "Co": "cobalt", "Li": "lithium", "Pb": "lead"}
Masses = dict[str, float]


@dataclass(frozen=True, slots=True)
class PlacedBattery:
    """A new battery: its recycled shares, the packs that its metal came from, its passport."""

    content: RecycledContent
    from_packs_kg: dict[str, Masses]
    passport: History


def place_new_batteries(
    scribe: Scribe,
    made: NewBatteries,
    shares: Sequence[PackShare],
    descriptions: Mapping[str, Mapping[str, Any]],
    *,
    party: Party,
    country: str,
) -> tuple[PlacedBattery, ...]:
    """Enter new batteries with passports that tell their recycled content.

    Each recycled pack gets a note of which batteries its metal went into, so that both ways can be
    read from the record alone.

    Parameters
    ----------
    scribe : Scribe
        Writes it.
    made : NewBatteries
        From `make_batteries`, of the lots that the shares name.
    shares : sequence of PackShare
        From `record_recycling`, of every plant that delivered a lot.
    descriptions : mapping
        Each new battery's description, as the event `made` carries it.
    party : Party
        The maker.
    country : str
        Where they are placed on the market.

    Raises
    ------
    NotKnown
        If a battery has no description.
    """
    onward = _onward(made, shares)
    from_packs: dict[str, dict[str, Masses]] = {c.battery_id: {} for c in made.contents}
    for pack, into in onward.items():
        for name in into.keys() & from_packs.keys():
            from_packs[name][pack] = into[name]
    events = []
    for content in made.contents:
        name = content.battery_id
        if name not in descriptions:
            raise NotKnown.among("description of battery", name, descriptions)
        described = {**descriptions[name], "producer_id": party.party_id}
        events += [
            scribe.event(
                name, EventKind.MADE, party.party_id, battery=described,
                recycled_content=content.as_dict(), from_packs_kg=from_packs[name],
            ),
            scribe.event(name, EventKind.PLACED_ON_MARKET, party.party_id, country=country),
        ]  # fmt: skip
    events += [
        scribe.event(pack, EventKind.NOTED, party.party_id, text=_text(into), into_kg=into)
        for pack, into in onward.items()
    ]
    scribe.enter(events)
    placed = [
        PlacedBattery(
            content,
            from_packs[content.battery_id],
            _passport(scribe, content, descriptions[content.battery_id], party),
        )
        for content in made.contents
    ]
    scribe.enter(
        [
            scribe.passport_event(battery.content.battery_id, battery.passport, party.party_id)
            for battery in placed
        ]
    )
    return tuple(placed)


def recycled_attributes(
    content: RecycledContent, *, determined_at: datetime, originator: str
) -> dict[str, Any]:
    """Return the passport attributes that tell the recycled content, naming the lots.

    An element that the battery does not hold has no share, and says so.
    """
    shares = {share.element: share for share in content.shares}
    attributes: dict[str, Any] = {}
    for element, word in _NAMES.items():
        name = f"recycled_post_{word}_frac"
        if element not in shares:
            attributes[name] = {"reason": f"its active material holds no {word}"}
            continue
        lots = [lot for lot, parts in content.from_lots_kg.items() if parts.get(element)]
        attributes[name] = {
            "value": shares[element].share_frac,
            "method": METHOD,
            "determined_at": determined_at.isoformat(),
            "originator": originator,
            "provenance": f"lots {', '.join(lots)}" if lots else "no lot: primary metal alone",
        }
        attributes[f"recycled_pre_{word}_frac"] = {
            "reason": "the lots come from used batteries; of the primary metal it is not known"
        }
    return attributes


def _passport(
    scribe: Scribe, content: RecycledContent, description: Mapping[str, Any], party: Party
) -> History:
    attributes = recycled_attributes(content, determined_at=scribe.now, originator=party.party_id)
    attributes["materials"] = [_cathode(description)]
    return next_history(
        scribe.record,
        content.battery_id,
        {"attributes": attributes},
        party_id=party.party_id,
        now=scribe.now,
        new_passport_id=scribe.new_passport_id,
    )


def _cathode(description: Mapping[str, Any]) -> dict[str, Any]:
    """Return the active material of the cathode, whose metals the shares are of."""
    made_of = composition(str(description["chemistry"]), "cell")
    energy_kwh = float(description["rated_energy_wh"]) / 1000.0
    return {
        "component": "cathode",
        "component_id": "active material",
        "name": made_of.chemistry,
        "mass_kg": made_of.kg_per_kwh()["cathode"] * energy_kwh,
    }


def _onward(made: NewBatteries, shares: Sequence[PackShare]) -> dict[str, dict[str, Masses]]:
    """Return for each pack where its part of each lot went: batteries, and the stock."""
    lots: dict[str, Masses] = {}
    for share in shares:
        for lot, masses in share.recovered_kg.items():
            for element, mass in masses.items():
                lots.setdefault(lot, {})[element] = lots.get(lot, {}).get(element, 0.0) + mass
    found: dict[str, dict[str, Masses]] = {share.battery_id: {} for share in shares}
    for link in made.links:
        if link.source not in lots:
            continue
        target = STOCK if link.target.startswith("stock of ") else link.target
        for share in shares:
            mine = share.recovered_kg.get(link.source, {})
            for element, mass in link.elements_kg.items():
                if mine.get(element) and mass:
                    into = found[share.battery_id].setdefault(target, {})
                    part = mass * mine[element] / lots[link.source][element]
                    into[element] = into.get(element, 0.0) + part
    return {pack: into for pack, into in found.items() if into}


def _text(into: Mapping[str, Masses]) -> str:
    names = [name for name in into if name != STOCK]
    if not names:
        return "its metals are in stock"
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"its metals went into {names[0]}{more}"
