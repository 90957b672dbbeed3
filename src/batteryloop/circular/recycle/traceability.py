"""From packs to salts: which pack is in which batch, powder and lot; masses close all along."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from batteryloop.circular.recycle.balance import balance_plant
from batteryloop.circular.recycle.genealogy import (
    Link,
    Node,
    ReturnedPack,
    SaltLot,
    TracedReturns,
    pack_elements_kg,
)
from batteryloop.circular.recycle.types import PlantBalance
from batteryloop.errors import ValueOutOfRange
from batteryloop.reference.rows import rows

_BACK = ("leaching", "flotation", "smelting")


def trace_returns(
    packs: Sequence[ReturnedPack],
    *,
    batch_kg: float = 20_000.0,
    batches_a_campaign: int = 4,
    opening: str = "electrified",
    route: str = "hydro",
    steps: tuple[str, ...] = (),
    name: str = "R",
) -> TracedReturns:
    """Return the way of each pack into black mass and on into the lots of a plant.

    Packs are put into batches in the order given, so many batches are dissolved in a campaign, and
    within a lot everything is mixed (`mass_balance_rules.csv`).

    Parameters
    ----------
    packs : sequence of ReturnedPack
        What came back.
    batch_kg : float, optional
        Mass at which a batch is full [kg].
    batches_a_campaign : int, optional
        Batches whose powder is treated together.
    opening, route, steps
        As `balance_plant` takes them.
    name : str, optional
        What the names of batches and lots begin with.

    Raises
    ------
    ValueOutOfRange
        If there is no pack, a mass is not above 0, or a name comes twice.
    NotKnown
        If a chemistry has no known composition.

    Examples
    --------
    >>> traced = trace_returns([ReturnedPack("P-1", "NMC622", 420.0)])
    >>> traced.batch_of["P-1"], max(traced.gaps_frac().values()) < 1e-9
    ('R-B001', True)
    """
    _checked(packs, batch_kg, batches_a_campaign)
    batches = _batches(packs, batch_kg)
    nodes: dict[str, Node] = {}
    links: list[Link] = []
    batch_of: dict[str, str] = {}
    campaign_of: dict[str, str] = {}
    balances = []
    made: dict[str, dict[str, Link]] = {}
    fed: dict[str, set[str]] = {}
    for number, batch in enumerate(batches, start=1):
        batch_name = f"{name}-B{number:03d}"
        campaign = f"{name}-C{(number - 1) // batches_a_campaign + 1:03d}"
        feed_t: dict[str, float] = {}
        for pack in batch:
            batch_of[pack.battery_id], campaign_of[batch_name] = batch_name, campaign
            nodes[pack.battery_id] = Node(pack.battery_id, "pack", f"{pack.chemistry} pack")
            links.append(_pack_link(pack, batch_name))
            feed_t[pack.chemistry] = feed_t.get(pack.chemistry, 0.0) + pack.mass_kg / 1000.0
        for origin in (batch_name, campaign):
            fed.setdefault(origin, set()).update(feed_t)
        balance = balance_plant(feed_t, opening=opening, route=route, steps=steps)
        balances.append(balance)
        nodes[batch_name] = Node(batch_name, "batch", f"batch of {len(batch)} packs")
        nodes.setdefault(campaign, Node(campaign, "campaign", f"{route} campaign"))
        _add_flows(balance, batch_name, campaign, nodes, links, made.setdefault(campaign, {}))
    for products in made.values():
        links.extend(products.values())
    lots = [_lot(link, fed[link.source]) for link in links if nodes[link.target].kind == "lot"]
    return TracedReturns(
        tuple(nodes.values()), tuple(links), tuple(lots), batch_of, campaign_of, tuple(balances)
    )


def way_of(traced: TracedReturns, battery_id: str) -> dict[str, Any]:
    """Return where one pack went: batch, campaign, and its part of each lot [kg].

    By the rule that a lot is mixed, a pack's part of a lot's element is the pack's share of that
    element in the campaign.

    Raises
    ------
    ValueOutOfRange
        If no such pack was traced.

    Examples
    --------
    >>> packs = [ReturnedPack("P-1", "LFP", 300.0), ReturnedPack("P-2", "LFP", 100.0)]
    >>> traced = trace_returns(packs)
    >>> way = way_of(traced, "P-1")
    >>> lithium = {lot.product: lot.recovered_kg for lot in traced.lots}["lithium_carbonate"]["Li"]
    >>> round(way["recovered_kg"]["lithium_carbonate"]["Li"] / lithium, 3)
    0.75
    """
    if battery_id not in traced.batch_of:
        raise ValueOutOfRange(f"pack {battery_id}", "not among these returns", "one of the traced")
    batch = traced.batch_of[battery_id]
    campaign = traced.campaign_of[batch]
    own = next(link for link in traced.links if link.source == battery_id)
    came: dict[str, dict[str, float]] = {batch: {}, campaign: {}}
    for link in traced.links:
        if link.source not in traced.batch_of:
            continue
        for into in {link.target, traced.campaign_of[link.target]} & came.keys():
            for element, mass in link.elements_kg.items():
                came[into][element] = came[into].get(element, 0.0) + mass
    return {
        "battery_id": battery_id,
        "mass_kg": own.mass_kg,
        "batch": batch,
        "campaign": campaign,
        "recovered_kg": {
            lot.product: {
                element: mass * own.elements_kg.get(element, 0.0) / came[lot.origin][element]
                for element, mass in lot.recovered_kg.items()
            }
            for lot in traced.lots
            if lot.origin in came
        },
    }


def _checked(packs: Sequence[ReturnedPack], batch_kg: float, batches_a_campaign: int) -> None:
    if not packs:
        raise ValueOutOfRange("returns", "no pack", "at least one pack")
    if not batch_kg > 0 or batches_a_campaign < 1:
        raise ValueOutOfRange(
            "batch", f"{batch_kg:g} kg, {batches_a_campaign} a campaign", "above 0 kg, at least one"
        )
    seen: set[str] = set()
    for pack in packs:
        if not pack.mass_kg > 0:
            raise ValueOutOfRange(f"pack {pack.battery_id}", f"{pack.mass_kg:g} kg", "above 0 kg")
        if pack.battery_id in seen:
            raise ValueOutOfRange(f"pack {pack.battery_id}", "comes twice", "each pack once")
        seen.add(pack.battery_id)


def _batches(packs: Sequence[ReturnedPack], batch_kg: float) -> list[list[ReturnedPack]]:
    batches: list[list[ReturnedPack]] = [[]]
    mass = 0.0
    for pack in packs:
        if batches[-1] and mass + pack.mass_kg > batch_kg:
            batches.append([])
            mass = 0.0
        batches[-1].append(pack)
        mass += pack.mass_kg
    return batches


def _pack_link(pack: ReturnedPack, batch: str) -> Link:
    elements = pack_elements_kg(pack.chemistry, pack.mass_kg)
    return Link(pack.battery_id, batch, pack.mass_kg, elements)


def _add_flows(
    balance: PlantBalance,
    batch: str,
    campaign: str,
    nodes: dict[str, Node],
    links: list[Link],
    made: dict[str, Link],
) -> None:
    """Fold a batch's stages into batch and campaign, with its black mass between them."""
    names = [stage.name for stage in balance.stages]
    entry = next(name for name in names if name in _BACK)
    back = set(names[names.index(entry) :])
    powder = f"{batch}/black_mass"
    nodes[powder] = Node(powder, "powder", "black mass")
    merged: dict[tuple[str, str], Link] = {}
    for flow in balance.flows:
        if flow.kind == "feed":
            continue
        source = (
            flow.source if flow.kind == "reagent" else _place(flow.source, back, batch, campaign)
        )
        target = _place(flow.target, back, batch, campaign) if flow.target in names else flow.target
        if source == target:
            continue
        if (source, target) == (batch, campaign):
            source = powder
        if flow.kind == "reagent":
            nodes.setdefault(source, Node(source, "reagent", source))
        elif source in (batch, campaign) and target not in (campaign, batch):
            kind = "lot" if flow.kind == "product" else "other"
            target = f"{source}/{target}"
            nodes.setdefault(target, Node(target, kind, flow.title))
        link = Link(
            source,
            target,
            flow.mass_t * 1000.0,
            {element: mass * 1000.0 for element, mass in flow.elements_t.items()},
        )
        if source == campaign:
            made[target] = _sum(made.get(target), link)
        else:
            merged[source, target] = _sum(merged.get((source, target)), link)
    into = [link for (source, _), link in merged.items() if source == powder]
    links.extend(merged.values())
    links.extend(Link(batch, powder, link.mass_kg, link.elements_kg) for link in into)


def _lot(link: Link, fed: set[str]) -> SaltLot:
    """Return a lot with the elements that count: what a reagent brought does not."""
    origin, _, product = link.target.partition("/")
    counted = counted_elements()[product]
    got = {e: m for e, m in link.elements_kg.items() if e in counted}
    return SaltLot(link.target, product, origin, link.mass_kg, got, tuple(sorted(fed)))


@cache
def counted_elements() -> dict[str, tuple[str, ...]]:
    """Return for each product the elements that count as recovered."""
    return {
        row["name"]: tuple(row["counted_elements"].split())
        for row in rows(__package__, "streams.csv")
        if row["kind"] == "product"
    }


def _place(stage: str, back: set[str], batch: str, campaign: str) -> str:
    return campaign if stage in back else batch


def _sum(one: Link | None, other: Link) -> Link:
    if one is None:
        return other
    elements: Mapping[str, float] = one.elements_kg
    return Link(
        other.source,
        other.target,
        one.mass_kg + other.mass_kg,
        {
            element: elements.get(element, 0.0) + other.elements_kg.get(element, 0.0)
            for element in {**one.elements_kg, **other.elements_kg}
        },
    )
