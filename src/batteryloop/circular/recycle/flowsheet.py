"""A plant as stages in line: what each is dosed with, what reacts, where each substance goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from batteryloop.circular.recycle.reactions import reaction, share
from batteryloop.circular.recycle.substances import SubstanceTable, Vector, substance_table
from batteryloop.errors import InputWrong, NotKnown
from batteryloop.reference.rows import rows as read_rows

OPENINGS = ("thermal", "electrified")
ROUTES = ("hydro", "direct", "pyro")
_ROOM = "batteryloop.circular.recycle"


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    return tuple(read_rows(_ROOM, name))


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage as linear maps of what comes in.

    `doses` (substances × substances) gives kmol of reagent per kmol coming in; `change` what the
    reactions make of the dosed mixture; `splits` for each destination the share of each substance.
    """

    name: str
    title: str
    doses: Vector
    change: Vector
    splits: dict[str, Vector]
    energy: dict[tuple[str, str], Vector]


@dataclass(frozen=True, slots=True)
class Flowsheet:
    """The stages of a plant, in line, and the substances they speak of."""

    opening: str
    route: str
    steps: tuple[str, ...]
    stages: tuple[Stage, ...]
    table: SubstanceTable


@cache
def flowsheet(
    opening: str = "thermal", route: str = "hydro", steps: tuple[str, ...] = ()
) -> Flowsheet:
    """Return the flowsheet of an opening, a route and added recovery steps.

    Parameters
    ----------
    opening : str
        `thermal` (discharge, shredding, burning of the electrolyte) or `electrified` (live
        shredding under inert gas, electrolyte condensed, dust captured and returned).
    route : str
        `hydro`, `direct` or `pyro`.
    steps : tuple of str
        Names of `added_steps.csv`.

    Raises
    ------
    NotKnown
        If an opening, a route or a step is not known.
    InputWrong
        If the shares of a substance at a stage sum to more than one.

    Examples
    --------
    >>> [stage.name for stage in flowsheet("thermal", "direct").stages][-2:]
    ['flotation', 'relithiation']
    """
    if opening not in OPENINGS:
        raise NotKnown.among("opening", opening, OPENINGS)
    if route not in ROUTES:
        raise NotKnown.among("route", route, ROUTES)
    known = {row["step"] for row in _rows("added_steps.csv")}
    for step in steps:
        if step not in known:
            raise NotKnown.among("added step", step, known)
    parts = ("front", opening, route)
    table = substance_table()
    named = [row for row in _rows("stages.csv") if row["part"] in parts]
    entry = next(row["stage"] for row in named if row["part"] == route)
    return Flowsheet(
        opening,
        route,
        steps,
        tuple(_stage(row, parts, steps, entry, table) for row in named),
        table,
    )


def fitting_steps(opening: str, route: str) -> tuple[str, ...]:
    """Return the added steps that a plant of this opening and route can have.

    Examples
    --------
    >>> "solvent" in fitting_steps("electrified", "hydro")
    False
    """
    parts = ("front", opening, route)
    found = dict.fromkeys(row["step"] for row in _rows("added_steps.csv") if row["part"] in parts)
    return tuple(found)


def _of(name: str, stage: str, parts: Sequence[str]) -> list[dict[str, str]]:
    return [row for row in _rows(name) if row["stage"] == stage and row["part"] in parts]


def _stage(
    row: dict[str, str],
    parts: tuple[str, ...],
    steps: tuple[str, ...],
    entry: str,
    table: SubstanceTable,
) -> Stage:
    name = row["stage"]
    doses, change = _maps(name, parts)
    return Stage(
        name,
        row["title"],
        doses,
        change,
        _splits(name, row["otherwise_to"], parts, steps, entry, table),
        _energy(_of("energy.csv", name, parts), table),
    )


@cache
def _maps(name: str, parts: tuple[str, ...]) -> tuple[Vector, Vector]:
    table = substance_table()
    n = len(table.names)
    change = np.eye(n)
    for line in _of("reactions.csv", name, parts):
        key, made = reaction(line["equation"], table)
        step = np.eye(n)
        step[:, key] += share(line["extent"]) * made
        change = step @ change
    return _doses(_of("doses.csv", name, parts), table), change


def _doses(lines: list[dict[str, str]], table: SubstanceTable) -> Vector:
    masses = table.molar_mass_t_per_kmol
    doses = np.zeros((len(masses), len(masses)))
    metals = [table.elements.index(e) for e in ("Ni", "Co")]
    for line in lines:
        reagent, amount = table.index(line["reagent"]), float(line["amount"])
        for key in table.places(line["per"]):
            per_kmol = {
                "mol_per_mol": 1.0,
                "kg_per_kg": masses[key] / masses[reagent],
                "kg_per_kg_ni_co": table.element_t_per_kmol[metals, key].sum() / masses[reagent],
            }[line["basis"]]
            doses[reagent, key] += amount * per_kmol
    return doses


def _splits(
    name: str,
    otherwise_to: str,
    parts: tuple[str, ...],
    steps: tuple[str, ...],
    entry: str,
    table: SubstanceTable,
) -> dict[str, Vector]:
    shares: dict[tuple[int, str], float] = {}
    added = [line for line in _of("added_steps.csv", name, parts) if line["step"] in steps]
    for line in (*_of("splits.csv", name, parts), *added):
        to = entry if line["to"] == "black_mass" else line["to"]
        for place in table.places(line["of"]):
            shares[place, to] = share(line["share_frac"])
    splits: dict[str, Vector] = {}
    rest = np.ones(len(table.names))
    for (place, to), value in shares.items():
        splits.setdefault(to, np.zeros(len(table.names)))[place] = value
        rest[place] -= value
    if rest.min() < -1e-12:
        over = table.names[int(rest.argmin())]
        raise InputWrong(
            f"stage {name}", f"shares of {over} sum to {1 - rest.min():.4g}", "at most 1"
        )
    end = entry if otherwise_to == "black_mass" else otherwise_to
    splits[end] = splits.get(end, np.zeros(len(table.names))) + np.clip(rest, 0.0, None)
    return splits


def _energy(lines: list[dict[str, str]], table: SubstanceTable) -> dict[tuple[str, str], Vector]:
    found: dict[tuple[str, str], Vector] = {}
    products = {row["name"] for row in _rows("streams.csv")}
    for line in lines:
        at = line["per"] if line["per"] in products else "in"
        words = "*" if at != "in" or line["per"] == "black_mass" else line["per"]
        weights = found.setdefault((line["carrier"], at), np.zeros(len(table.names)))
        for place in table.places(words):
            mass_kg = table.molar_mass_t_per_kmol[place] * 1000.0
            weights[place] += float(line["amount_mj_per_kg"]) * mass_kg
    return found
