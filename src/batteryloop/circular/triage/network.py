"""The network: where facilities lie, what they take, and what it costs to bring a pack there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from batteryloop.circular.triage.kernels.relaxation import Floats
from batteryloop.circular.triage.packs import ReturnedPacks
from batteryloop.circular.triage.problem import Lane, Limit
from batteryloop.circular.triage.tables import FATES, TEST_FIRST
from batteryloop.errors import NotKnown, ValueOutOfRange

_EARTH_RADIUS_KM = 6371.0
Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Facility:
    """A place that takes packs: where, for which fates, how much, and what it costs to run."""

    name: str
    latitude_deg: float
    longitude_deg: float
    region: str
    fates: tuple[str, ...]
    capacity_kg: float
    opening_eur: float = 0.0


@dataclass(frozen=True, slots=True)
class Origins:
    """Where each pack is."""

    latitude_deg: Floats
    longitude_deg: Floats
    region: tuple[str, ...]


def checked_facility(facility: Facility) -> Facility:
    """Return the facility, or say what it cannot be.

    Raises
    ------
    NotKnown
        If it offers a fate that is none.
    ValueOutOfRange
        If its place or its capacity cannot be.
    """
    for fate in facility.fates:
        if fate not in (*FATES, TEST_FIRST):
            raise NotKnown.among(f"facility {facility.name}: fate", fate, (*FATES, TEST_FIRST))
    if abs(facility.latitude_deg) > 90.0 or abs(facility.longitude_deg) > 180.0:
        raise ValueOutOfRange(
            f"facility {facility.name}",
            f"position {facility.latitude_deg:g}, {facility.longitude_deg:g}",
            "latitude -90 to 90, longitude -180 to 180",
        )
    if not (facility.capacity_kg >= 0.0 and facility.opening_eur >= 0.0):
        raise ValueOutOfRange(f"facility {facility.name}", "a negative figure", "at least 0")
    return facility


def distance_km(origins: Origins, facilities: Sequence[Facility]) -> Floats:
    """Return great-circle distances, packs by facilities [km].

    Examples
    --------
    >>> here = Origins(np.array([51.92]), np.array([4.48]), ("EMEA",))
    >>> grenoble = Facility("Grenoble", 45.19, 5.72, "EMEA", ("recycle",), 1e6)
    >>> round(float(distance_km(here, [grenoble])[0, 0]))
    754
    """
    lat, lon = np.radians(origins.latitude_deg)[:, None], np.radians(origins.longitude_deg)[:, None]
    to_lat = np.radians([f.latitude_deg for f in facilities])[None, :]
    to_lon = np.radians([f.longitude_deg for f in facilities])[None, :]
    half = (
        np.sin(0.5 * (to_lat - lat)) ** 2
        + np.cos(lat) * np.cos(to_lat) * np.sin(0.5 * (to_lon - lon)) ** 2
    )
    return np.asarray(2.0 * _EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def transport(
    packs: ReturnedPacks,
    origins: Origins,
    facilities: Sequence[Facility],
    figures: Figures,
) -> tuple[Floats, Floats]:
    """Return cost [EUR] and emissions [kg CO2e] of bringing each pack to each facility.

    By road within a region, by sea between regions; packed as dangerous goods, and as damaged or
    defective from the chance of being unsafe that the figures state.

    Parameters
    ----------
    packs : ReturnedPacks
        The packs.
    origins : Origins
        Where they are.
    facilities : sequence of Facility
        Where they may go.
    figures : mapping
        From `transport_figures`.
    """
    far = distance_km(origins, facilities)
    regions = np.array(origins.region)[:, None]
    is_abroad = regions != np.array([f.region for f in facilities])[None, :]
    mass = packs.mass_kg[:, None]
    road_km = far * figures["detour_frac"]
    moved = np.where(
        is_abroad,
        far * figures["sea_eur_per_kg_km"] * mass + figures["border_eur_per_pack"],
        road_km * figures["road_eur_per_kg_km"] * mass,
    )
    packed = figures["packaging_eur_per_kg"] * packs.mass_kg
    is_defective = packs.unsafe_frac >= figures["defective_from_frac"]
    packed = packed + is_defective * figures["defective_eur_per_pack"]
    carbon = np.where(
        is_abroad,
        far * figures["sea_kgco2e_per_kg_km"],
        road_km * figures["road_kgco2e_per_kg_km"],
    )
    return moved + packed[:, None], carbon * mass


def lanes_of(facilities: Sequence[Facility]) -> tuple[Lane, ...]:
    """Return every fate at every facility that offers it."""
    return tuple(Lane(fate, f.name) for f in facilities for fate in f.fates)


def limits_of(
    facilities: Sequence[Facility], more: Sequence[Limit], carbon_most_kgco2e: float | None
) -> tuple[Limit, ...]:
    """Return the facilities' capacities, further limits, and the carbon budget if there is one."""
    own = tuple(Limit(f.capacity_kg, "kg", facility=f.name) for f in facilities)
    budget = () if carbon_most_kgco2e is None else (Limit(carbon_most_kgco2e, "kgco2e"),)
    return (*own, *more, *budget)
