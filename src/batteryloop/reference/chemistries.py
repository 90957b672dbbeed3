"""Voltage limits, nominal voltage and rated ranges of each chemistry, from `chemistries.csv`."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from batteryloop.errors import NotKnown


@dataclass(frozen=True, slots=True)
class Chemistry:
    """One row of `chemistries.csv`: typical figures of a cell, with their source and its date.

    Voltages and temperatures are per cell; `is_flat` marks chemistries whose open-circuit voltage
    hardly changes over the middle of the charge, so that a voltage there says little.
    """

    name: str
    title: str
    aliases: tuple[str, ...]
    cell_voltage_min_v: float
    cell_voltage_max_v: float
    cell_voltage_nominal_v: float
    charge_temperature_min_degc: float
    charge_temperature_max_degc: float
    discharge_temperature_min_degc: float
    discharge_temperature_max_degc: float
    specific_energy_low_wh_per_kg: float
    specific_energy_high_wh_per_kg: float
    is_flat: bool
    source: str
    url: str
    dated: str


_TEXTS = ("name", "title", "source", "url", "dated")
_OTHERS = (*_TEXTS, "aliases", "is_flat")


def _rows(name: str) -> list[dict[str, str]]:
    text = files("batteryloop.reference").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def chemistries() -> dict[str, Chemistry]:
    """Return every chemistry by name, in the table's order.

    Examples
    --------
    >>> chemistries()["LTO"].cell_voltage_nominal_v
    2.3
    """
    return {row["name"]: Chemistry(**_typed(row)) for row in _rows("chemistries.csv")}


def _typed(row: dict[str, str]) -> dict[str, Any]:
    return {
        **{field: row[field] for field in _TEXTS},
        **{field: float(text) for field, text in row.items() if field not in _OTHERS},
        "aliases": tuple(row["aliases"].split("|")),
        "is_flat": row["is_flat"] == "true",
    }


@cache
def _by_fold() -> dict[str, Chemistry]:
    return {
        name.casefold(): chemistry
        for chemistry in chemistries().values()
        for name in (*chemistry.aliases, chemistry.name)
    }


def chemistry(name: str) -> Chemistry:
    """Return the chemistry called `name` or by one of its aliases, whatever its case.

    Raises
    ------
    NotKnown
        If no row has that name; the nearest three are offered.

    Examples
    --------
    >>> chemistry("ncm622").name
    'NMC622'
    >>> chemistry("LFP").cell_voltage_max_v
    3.65
    """
    known = _by_fold().get(name.strip().casefold())
    if known is None:
        raise NotKnown.among("chemistry", name, [c.name for c in chemistries().values()])
    return known


@dataclass(frozen=True, slots=True)
class ResistanceActivation:
    """How strongly a cell's resistance follows temperature: one row of its table, with source."""

    chemistry: str
    activation_energy_j_per_mol: float
    activation_energy_sd_j_per_mol: float
    temperature_low_degc: float
    temperature_high_degc: float
    source: str
    dated: str


def resistance_activation(name: str | None) -> ResistanceActivation:
    """Return the activation energy of a chemistry's resistance; the general row where it has none.

    Raises
    ------
    NotKnown
        If `name` is no chemistry.

    Examples
    --------
    >>> resistance_activation("LMO-NCA").activation_energy_j_per_mol
    13600.0
    >>> resistance_activation(None).chemistry
    '*'
    """
    rows = {row["chemistry"]: row for row in _rows("resistance_temperature.csv")}
    row = rows.get(chemistry(name).name if name else "*", rows["*"])
    return ResistanceActivation(
        row["chemistry"],
        float(row["activation_energy_j_per_mol"]),
        float(row["activation_energy_sd_j_per_mol"]),
        float(row["temperature_low_degc"]),
        float(row["temperature_high_degc"]),
        row["source"],
        row["dated"],
    )
