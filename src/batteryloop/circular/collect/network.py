"""The tour problem in whole numbers: metres, seconds, tenths of a kilogram, 1e-5 EUR.

The search, the exact method and the bound all work on it, so that their costs can be compared to
the last digit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batteryloop.circular.collect.goods import limit
from batteryloop.circular.collect.loading import loading_bans
from batteryloop.circular.collect.packing import PackingRule
from batteryloop.circular.collect.types import Hub, PickUp, VehicleKind
from batteryloop.errors import InputWrong

Array = NDArray[Any]
EUR = 100_000  # so many money units an euro has
_KG = 10
_EARTH_KM = 6371.0
_NO_LIMIT = 1 << 40


@dataclass(frozen=True, slots=True)
class Duty:
    """Trucks of one kind doing one sort of work: what may share them, limits, costs."""

    kind: VehicleKind
    traits: frozenset[str]
    capacity: tuple[int, int, int]
    day_cost: int
    cost_per_m: int
    starts_s: int
    ends_s: int


@dataclass(frozen=True, slots=True)
class TourProblem:
    """Node 0 is the hub, node i the i-th pick-up; `loads` are mass, places and points."""

    hub: Hub
    pickups: tuple[PickUp, ...]
    distance_m: Array
    time_s: Array
    service_s: Array
    opens_s: Array
    closes_s: Array
    loads: Array
    duties: tuple[Duty, ...]
    may_serve: Array

    @property
    def n(self) -> int:
        """How many pick-ups there are."""
        return len(self.pickups)

    def tour_cost(self, duty: int, nodes: Sequence[int]) -> int:
        """Return what a tour costs, in money units."""
        way = [0, *nodes, 0]
        length = sum(int(self.distance_m[a, b]) for a, b in pairwise(way))
        own = self.duties[duty]
        return own.day_cost + own.cost_per_m * length

    def is_possible(self, duty: int, nodes: Sequence[int]) -> bool:
        """Whether a truck of this duty can do a tour: windows, shift, loads and bans.

        Examples
        --------
        >>> from batteryloop.circular.collect.instances import make_instance
        >>> hub, sites, fleet = make_instance(3, np.random.default_rng(1))
        >>> problem = tour_problem(hub, sites, fleet, date(2026, 11, 25))
        >>> problem.is_possible(0, [])
        True
        """
        own = self.duties[duty]
        if any(not self.may_serve[duty, i - 1] for i in nodes):
            return False
        if any(self.loads[[i - 1 for i in nodes]].sum(axis=0) > own.capacity):
            return False
        now_s, here = own.starts_s, 0
        for i in nodes:
            left_s = now_s + (int(self.service_s[here - 1]) if here else 0)
            now_s = max(left_s + int(self.time_s[here, i]), int(self.opens_s[i - 1]))
            if now_s > self.closes_s[i - 1]:
                return False
            here = i
        last_s = int(self.service_s[here - 1]) if here else 0
        return now_s + last_s + int(self.time_s[here, 0]) <= own.ends_s


def great_circle_km(latitudes_deg: Array, longitudes_deg: Array) -> Array:
    """Return the distances between all places on the sphere [km], shape (n, n).

    Examples
    --------
    >>> int(great_circle_km(np.array([45.19, 51.92]), np.array([5.72, 4.48]))[0, 1])
    753
    """
    lat, lon = np.radians(latitudes_deg), np.radians(longitudes_deg)
    half = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


def compatible_sets(traits: Sequence[str], day: date) -> tuple[frozenset[str], ...]:
    """Return the largest sets of traits that may share one truck on a day.

    Examples
    --------
    >>> [sorted(s) for s in compatible_sets(["intact", "damaged", "critical"], date(2026, 11, 25))]
    [['damaged', 'intact'], ['critical']]
    """
    names = sorted(set(traits))
    good = [
        frozenset(some)
        for size in range(len(names), 0, -1)
        for some in combinations(names, size)
        if not loading_bans(some, day)
    ]
    return tuple(s for s in good if not any(s < other for other in good))


def tour_problem(
    hub: Hub,
    pickups: Sequence[PickUp],
    fleet: Sequence[VehicleKind],
    day: date,
    *,
    rules: Mapping[str, PackingRule] | None = None,
    distances_km: Array | None = None,
) -> TourProblem:
    """Return the problem of a hub's tours.

    Parameters
    ----------
    hub : Hub
        Where tours begin and end.
    pickups : sequence of PickUp
        What is to be fetched; packing already judged.
    fleet : sequence of VehicleKind
        The trucks at the hub.
    day : datetime.date
        Of the tours.
    rules : mapping of str to PackingRule, optional
        By pick-up, for the points of ADR 1.1.3.6; else three points a kilogram.
    distances_km : array of shape (n + 1, n + 1), optional
        Road distances, the hub first; else the great circle times `road_detour`.

    Raises
    ------
    InputWrong
        If a pick-up fits into no truck or can be reached by none in its window.
    """
    if distances_km is None:
        at: list[Hub | PickUp] = [hub, *pickups]
        distances_km = limit("road_detour") * great_circle_km(
            np.array([p.latitude_deg for p in at]), np.array([p.longitude_deg for p in at])
        )
    distance_m = np.rint(1000 * distances_km).astype(np.int64)
    np.fill_diagonal(distance_m, 0)
    time_s = np.rint(distance_m * 3.6 / limit("road_speed")).astype(np.int64)
    points = [3.0 if rules is None else (rules[p.pickup_id].points_per_kg or 0.0) for p in pickups]
    loads = np.array(
        [
            [round(_KG * p.mass_kg), p.n_packages, round(_KG * p.mass_kg * each)]
            for p, each in zip(pickups, points, strict=True)
        ],
        dtype=np.int64,
    ).reshape(-1, 3)
    duties = _duties(pickups, fleet, day)
    problem = TourProblem(
        hub,
        tuple(pickups),
        distance_m,
        time_s,
        _seconds(p.service_h for p in pickups),
        _seconds(p.opens_h for p in pickups),
        _seconds(p.closes_h for p in pickups),
        loads,
        duties,
        np.array(
            [[p.condition in duty.traits for p in pickups] for duty in duties], dtype=bool
        ).reshape(len(duties), len(pickups)),
    )
    for i, pickup in enumerate(pickups, start=1):
        if not any(problem.is_possible(duty, [i]) for duty in range(len(duties))):
            raise InputWrong(
                f"pick-up {pickup.pickup_id}",
                f"no truck can fetch {pickup.mass_kg:,.0f} kg ({pickup.condition}) from "
                f"{distance_m[0, i] / 1000:,.0f} km away between {pickup.opens_h:g} and "
                f"{pickup.closes_h:g} h",
                "a truck with the capacity, the driver and the time",
                "split it, widen its window, or add a truck that takes it",
            )
    return problem


def _seconds(hours: Iterable[float]) -> Array:
    return np.asarray(np.rint(3600 * np.array(list(hours), dtype=float)), dtype=np.int64)


def _duties(pickups: Sequence[PickUp], fleet: Sequence[VehicleKind], day: date) -> tuple[Duty, ...]:
    """One duty a kind of truck and a set of goods that may share it."""
    sets = compatible_sets([p.condition for p in pickups], day)
    duties = []
    for kind in fleet:
        seen = set()
        for goods in sets:
            able = (
                goods
                if kind.takes_critical and kind.has_certified_driver
                else (goods - {"critical"})
            )
            if not able or able in seen:
                continue
            seen.add(able)
            points = _NO_LIMIT if kind.has_certified_driver else int(_KG * limit("exempt_points"))
            duties.append(
                Duty(
                    kind,
                    frozenset(able),
                    (round(_KG * kind.capacity_kg), kind.n_places, points),
                    round(EUR * kind.day_eur),
                    round(EUR * kind.cost_eur_per_km / 1000),
                    round(3600 * kind.starts_h),
                    round(3600 * kind.ends_h),
                )
            )
    return tuple(duties)
