"""Plan a day's collection: rules, borders, hubs, tours and the document of every truck."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, TypeVar

import polars as pl

from batteryloop.circular.collect import (
    MOST_EXACT,
    Consolidation,
    Hub,
    Movement,
    PackingRule,
    PickUp,
    TourPlan,
    TransportDocument,
    VehicleKind,
    bound_by_columns,
    consolidate,
    document_faults,
    exact_tours,
    movement_needs,
    packing_rule,
    search_tours,
    tour_problem,
    transport_document,
    write_tours,
)
from batteryloop.circular.collect.network import EUR
from batteryloop.errors import BatteryloopError, ColumnMissing, InputWrong, RecordSaysNo
from batteryloop.usecases.ports import Refusal

T = TypeVar("T", PickUp, VehicleKind, Hub)
# The stage of the loop whose hue a page gives to places and tours.
_STAGE = {"site": "decide", "hub": "renew", "plant": "recover"}


@dataclass(frozen=True, slots=True)
class CollectionPlan:
    """A day's collection: by hub the tours, each with its document; what was refused and why."""

    day: date
    pickups: tuple[PickUp, ...]
    hubs: tuple[Hub, ...]
    consolidation: Consolidation | None
    plans: tuple[TourPlan, ...]
    documents: dict[str, TransportDocument]
    movements: tuple[Movement, ...]
    rules: dict[str, PackingRule]
    refused: tuple[Refusal, ...]

    @property
    def cost_eur(self) -> float:
        """Tours, and hauling on from hubs to plants [EUR]."""
        trunk = self.consolidation.trunk_eur if self.consolidation else 0.0
        return sum(plan.cost_eur for plan in self.plans) + trunk

    def places(self) -> dict[str, Any]:
        """Return places and tours as the map of the pages draws them."""
        at = {p.pickup_id: (p.latitude_deg, p.longitude_deg) for p in self.pickups}
        home = {h.hub_id: (h.latitude_deg, h.longitude_deg) for h in self.hubs}
        places = [
            {
                "name": hub.name,
                "latitude_deg": hub.latitude_deg,
                "longitude_deg": hub.longitude_deg,
                "words": "plant" if hub.is_plant else "hub",
                "stage": _STAGE["plant" if hub.is_plant else "hub"],
            }
            for hub in self.hubs
        ] + [
            {
                "name": site.name,
                "latitude_deg": site.latitude_deg,
                "longitude_deg": site.longitude_deg,
                "words": f"{site.mass_kg:,.0f} kg, {site.condition}, for {site.purpose}",
                "stage": _STAGE["site"],
            }
            for site in self.pickups
        ]
        tours = [
            {
                "name": f"{tour.tour_id}: {tour.kind_id}, {len(tour.stops)} stops, "
                f"{tour.distance_km:,.0f} km",
                "points": [
                    list(home[plan.hub_id]),
                    *(list(at[stop.pickup_id]) for stop in tour.stops),
                    list(home[plan.hub_id]),
                ],
                "stage": _STAGE["hub"],
            }
            for plan in self.plans
            for tour in plan.tours
        ]
        return {"places": places, "tours": tours}

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data; `map` is what the map of the pages takes."""
        return {
            "day": self.day.isoformat(),
            "cost_eur": self.cost_eur,
            "pickups": [pickup.as_dict() for pickup in self.pickups],
            "hubs": [hub.as_dict() for hub in self.hubs],
            "consolidation": self.consolidation.as_dict() if self.consolidation else None,
            "plans": [plan.as_dict() for plan in self.plans],
            "documents": {name: doc.as_dict() for name, doc in self.documents.items()},
            "movements": [movement.as_dict() for movement in self.movements],
            "rules": {name: rule.as_dict() for name, rule in self.rules.items()},
            "map": self.places(),
            "refused": [refusal.as_dict() for refusal in self.refused],
        }


def plan_collection(
    pickups: Sequence[PickUp],
    hubs: Sequence[Hub],
    fleet: Sequence[VehicleKind],
    day: date,
    *,
    n_iterations: int = 10_000,
    seed: int = 0,
    is_bounded: bool = False,
    refused: Sequence[Refusal] = (),
) -> CollectionPlan:
    """Return the plan of a day; what may not travel is refused and the rest goes on.

    Up to `MOST_EXACT` pick-ups a hub are planned exactly, more by search; with `is_bounded` column
    generation proves how far the search may be from the best.

    Parameters
    ----------
    pickups : sequence of PickUp
        What waits.
    hubs : sequence of Hub
        One plant is enough; with more, pick-ups are consolidated.
    fleet : sequence of VehicleKind
        Trucks at every hub.
    day : datetime.date
        Whose rules hold.
    n_iterations, seed : int, optional
        Of the search.
    is_bounded : bool, optional
        Whether to prove a bound; minutes for a hundred pick-ups.
    refused : sequence of Refusal, optional
        What was refused before, such as rows of a table.

    Raises
    ------
    InputWrong
        If hubs or fleet cannot take what may travel.

    Examples
    --------
    >>> site = PickUp("S1", "Garage", "1 rue B, Lyon", "FR", 45.76, 4.84, 300.0)
    >>> plant = Hub("P", "Plant", "1 rue A, Grenoble", "FR", 45.19, 5.72)
    >>> truck = VehicleKind("7.5 t", 1, 3000.0, 12, 330.0, 1.05)
    >>> plan = plan_collection([site], [plant], [truck], date(2026, 11, 25))
    >>> plan.documents["P-T01"].lines[0].description
    'UN 3480 WASTE LITHIUM ION BATTERIES, 9 (E)'
    """
    if not hubs or not fleet:
        raise InputWrong("collection", "no hub or no truck", "at least one of each")
    left_out = list(refused)
    rules: dict[str, PackingRule] = {}
    able: list[PickUp] = []
    for pickup in pickups:
        try:
            rules[pickup.pickup_id] = packing_rule(pickup, day)
            _check_borders(pickup, hubs, day)
            tour_problem(hubs[0], [pickup], [_roomy(kind) for kind in fleet], day)
        except BatteryloopError as error:
            rules.pop(pickup.pickup_id, None)
            left_out.append(Refusal(pickup.pickup_id, error))
            continue
        able.append(pickup)
    together, hub_of = _hubs_of(able, hubs, fleet)
    plans, documents, movements = [], {}, dict[tuple[str, str, str], Movement]()
    by_id = {pickup.pickup_id: pickup for pickup in able}
    trucks = {kind.kind_id: kind for kind in fleet}
    for hub in hubs:
        own = []
        for pickup in (p for p in able if hub_of[p.pickup_id] == hub.hub_id):
            try:
                tour_problem(hub, [pickup], fleet, day, rules=rules)
                own.append(pickup)
            except InputWrong as error:
                left_out.append(Refusal(pickup.pickup_id, error))
        if not own:
            continue
        plan = _plan_hub(hub, own, fleet, day, rules, (n_iterations, seed, is_bounded))
        plans.append(plan)
        for tour in plan.tours:
            aboard = [by_id[stop.pickup_id] for stop in tour.stops]
            crossed = {
                (p.country, hub.country, p.purpose): movement_needs(
                    p.country, hub.country, p.purpose, day
                )
                for p in aboard
                if p.country != hub.country
            }
            movements.update(crossed)
            document = transport_document(
                tour.tour_id, aboard, hub, trucks[tour.kind_id], day,
                movements=tuple(crossed.values()),
            )  # fmt: skip
            faults = document_faults(document)
            if faults:
                left_out.append(
                    Refusal(tour.tour_id, RecordSaysNo(f"document {tour.tour_id}", faults[0]))
                )
                continue
            documents[tour.tour_id] = document
    planned = {s.pickup_id for plan in plans for tour in plan.tours for s in tour.stops}
    return CollectionPlan(
        day,
        tuple(pickup for pickup in able if pickup.pickup_id in planned),
        tuple(hubs),
        together,
        tuple(plans),
        documents,
        tuple(movements.values()),
        {name: rule for name, rule in rules.items() if name in planned},
        tuple(left_out),
    )


def _check_borders(pickup: PickUp, hubs: Sequence[Hub], day: date) -> None:
    """Refuse a pick-up that may enter the country of no hub."""
    needs = [movement_needs(pickup.country, hub.country, pickup.purpose, day) for hub in hubs]
    if not any(need.is_allowed for need in needs):
        raise RecordSaysNo(
            f"pick-up {pickup.pickup_id}",
            needs[0].reason,
            needs[0].source,
            "take it to a hub in its own country",
        )


def _roomy(kind: VehicleKind) -> VehicleKind:
    """Return the truck with all day: before hubs are known the goods are judged, not the way."""
    return replace(kind, starts_h=-1e4, ends_h=1e4)


def _hubs_of(
    able: Sequence[PickUp], hubs: Sequence[Hub], fleet: Sequence[VehicleKind]
) -> tuple[Consolidation | None, dict[str, str]]:
    if len(hubs) == 1 or not able:
        return None, {pickup.pickup_id: hubs[0].hub_id for pickup in able}
    largest = max(fleet, key=lambda kind: kind.capacity_kg)
    together = consolidate(
        able,
        hubs,
        truck_eur_per_km=largest.cost_eur_per_km,
        truck_payload_kg=largest.capacity_kg,
    )
    return together, together.hub_of


def _plan_hub(
    hub: Hub,
    own: Sequence[PickUp],
    fleet: Sequence[VehicleKind],
    day: date,
    rules: Mapping[str, PackingRule],
    how: tuple[int, int, bool],
) -> TourPlan:
    n_iterations, seed, is_bounded = how
    problem = tour_problem(hub, own, fleet, day, rules=rules)
    bound, method = None, ""
    if problem.n <= MOST_EXACT:
        ways = exact_tours(problem)
        bound = sum(problem.tour_cost(*way) for way in ways) / EUR
        method = "exact, dynamic programming over sets"
    else:
        ways = search_tours(problem, n_iterations=n_iterations, seed=seed)
        if is_bounded:
            found = bound_by_columns(problem, ways)
            ways, bound = found.ways, found.bound / EUR
            method = f"column generation, {found.n_rounds} rounds" + (
                "" if found.is_converged else ", not ended"
            )
    tours = write_tours(problem, ways)
    return TourPlan(hub.hub_id, tours, sum(tour.cost_eur for tour in tours), bound, method)


def read_rows(
    table: pl.DataFrame, kind: type[T], name: str, needed: Sequence[str]
) -> tuple[tuple[T, ...], tuple[Refusal, ...]]:
    """Return the records of a table, and the rows that cannot be read, with the reason.

    Parameters
    ----------
    table : polars.DataFrame
        Columns named as the record's fields; those with a default may be absent or empty.
    kind : type
        `PickUp`, `VehicleKind` or `Hub`.
    name : str
        The field that must be unique.
    needed : sequence of str
        Columns that must be there.

    Raises
    ------
    ColumnMissing
        If one of them is not.
    """
    missing = [column for column in needed if column not in table.columns]
    if missing:
        raise ColumnMissing("table", f"no column {', '.join(missing)}", ", ".join(needed))
    reads = {field.name: _READERS[str(field.type)] for field in fields(kind)}
    records: dict[str, T] = {}
    refused = []
    for number, row in enumerate(table.iter_rows(named=True), start=2):
        subject = str(row.get(name) or f"row {number}")
        try:
            record = kind(
                **{
                    key: read(row[key])
                    for key, read in reads.items()
                    if row.get(key) is not None and str(row[key]).strip() != ""
                }
            )
            if subject in records:
                raise InputWrong(subject, "comes twice", "one row each")
            records[subject] = record
        except InputWrong as error:
            refused.append(Refusal(subject, error))
        except (TypeError, ValueError) as error:
            refused.append(Refusal(subject, InputWrong(subject, f"cannot be read: {error}")))
    return tuple(records.values()), tuple(refused)


def _truth(value: object) -> bool:
    text = str(value).strip().casefold()
    if text not in ("true", "yes", "1", "false", "no", "0"):
        raise ValueError(f"{value!r} is neither yes nor no")
    return text in ("true", "yes", "1")


_READERS: dict[str, Callable[[Any], Any]] = {
    "<class 'str'>": lambda value: str(value).strip(),
    "<class 'float'>": float,
    "<class 'int'>": int,
    "<class 'bool'>": _truth,
}
