"""What packs are used for: each kind of duty with its pack, its vehicle and its chargers."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from batteryloop.errors import NotKnown
from batteryloop.simulation.driving import Vehicle


@dataclass(frozen=True, slots=True)
class Duty:
    """One row of `duties.csv`. `weight` is how often a mixed fleet holds it."""

    name: str
    kind: str
    title: str
    n_cells_series: int
    rated_capacity_ah: float
    chemistries: tuple[str, ...]
    climates: tuple[str, ...]
    vehicle: Vehicle
    slow_charge_w: float
    fast_charge_w: float
    fast_taper_from_frac: float
    distance_km: float
    distance_sd_frac: float
    weight: float
    source: str

    @property
    def is_vehicle(self) -> bool:
        """Whether it moves."""
        return self.vehicle.mass_kg > 0.0


@cache
def duties() -> dict[str, Duty]:
    """Return every duty by name.

    Examples
    --------
    >>> duties()["private-ev"].n_cells_series
    96
    """
    text = files("batteryloop.simulation").joinpath("duties.csv").read_text("utf-8")
    return {row["duty"]: _duty(row) for row in csv.DictReader(text.splitlines())}


def _duty(row: dict[str, str]) -> Duty:
    return Duty(
        name=row["duty"],
        kind=row["kind"],
        title=row["title"],
        n_cells_series=int(row["n_cells_series"]),
        rated_capacity_ah=float(row["rated_capacity_ah"]),
        chemistries=tuple(row["chemistries"].split("|")),
        climates=tuple(row["climates"].split("|")),
        vehicle=Vehicle(
            float(row["mass_kg"]),
            float(row["drag_area_m2"]),
            float(row["rolling_frac"]),
            float(row["efficiency_frac"]),
            float(row["regeneration_frac"]),
            float(row["accessory_w"]),
            float(row["climate_w_per_k"]),
            float(row["power_max_w"]),
        ),
        slow_charge_w=float(row["slow_charge_w"]),
        fast_charge_w=float(row["fast_charge_w"]),
        fast_taper_from_frac=float(row["fast_taper_from_frac"]),
        distance_km=float(row["distance_km"]),
        distance_sd_frac=float(row["distance_sd_frac"]),
        weight=float(row["weight"]),
        source=row["source"],
    )


def duty(name: str) -> Duty:
    """Return the duty called `name`.

    Raises
    ------
    NotKnown
        If there is none; the nearest three are offered.
    """
    if name not in duties():
        raise NotKnown.among("duty", name, duties())
    return duties()[name]
