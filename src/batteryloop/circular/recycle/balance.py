"""Mass and energy balance of a plant: one linear system of stages, closed for every element."""

from collections.abc import Mapping
from functools import cache, lru_cache

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from batteryloop.circular.recycle.energy import stage_energy, stored_mj
from batteryloop.circular.recycle.flowsheet import Flowsheet, Stage, flowsheet
from batteryloop.circular.recycle.substances import Vector, substance_table
from batteryloop.circular.recycle.types import BlackMass, Flow, PlantBalance, StageBalance
from batteryloop.errors import InputWrong, ValueOutOfRange
from batteryloop.reference.compositions import composition
from batteryloop.reference.rows import rows

# Below this share of the feed a flow is rounding, not matter.
_NOTHING = 1e-12
_SHORT = 1e-9


def balance_plant(
    feed_t: Mapping[str, float],
    *,
    opening: str = "thermal",
    route: str = "hydro",
    steps: tuple[str, ...] = (),
    soc_frac: float | None = None,
    soh_frac: float | None = None,
    level: str = "pack",
) -> PlantBalance:
    """Return the balance of a plant fed with so much of each chemistry.

    What comes into stage j is x_j = f_j + Σ_i S_ij C_i (1 + D_i) x_i with feed f, doses D,
    reactions C and shares S; loops, such as dust that goes back into the shredder, are part of the
    system. Reagents are part of it too, so that their elements balance as well.

    Parameters
    ----------
    feed_t : mapping of str to float
        Mass of each chemistry [t].
    opening, route, steps
        As `flowsheet` takes them.
    soc_frac, soh_frac : float, optional
        Charge and health of the packs on arrival [1]; the defaults of `plant_figures.csv`.
    level : str, optional
        What is fed: `pack` or `cell`.

    Raises
    ------
    ValueOutOfRange
        If a mass is negative or none is above 0.
    NotKnown
        If a chemistry has no known composition, or an opening, a route or a step is not known.
    InputWrong
        If a reagent is short, so that a flow would be negative.

    Examples
    --------
    >>> plant = balance_plant({"NMC622": 50_000})
    >>> round(plant.black_mass.mass_t)
    21960
    >>> plant.worst_closure_frac < 1e-9
    True
    """
    feed: dict[str, float] = {}
    for name, mass in feed_t.items():
        if mass:
            chemistry = composition(name, level).chemistry
            feed[chemistry] = feed.get(chemistry, 0.0) + float(mass)
    if not feed or min(feed.values()) < 0 or not np.isfinite(sum(feed.values())):
        raise ValueOutOfRange("feed", f"{dict(feed_t)}", "masses above 0 t", "name one chemistry")
    sheet = flowsheet(opening, route, tuple(steps))
    kmol = np.zeros(len(sheet.table.names))
    for chemistry, mass in feed.items():
        kmol += mass * _kmol_per_t(chemistry, level)
    inflows = _solve(sheet, kmol)
    stored = stored_mj(feed, level, soc_frac, soh_frac)
    return _report(sheet, feed, level, inflows, stored)


@cache
def _kmol_per_t(chemistry: str, level: str) -> Vector:
    table, made_of = substance_table(), composition(chemistry, level)
    kmol = np.zeros(len(table.names))
    for part, share in made_of.parts_frac.items():
        place = table.index(made_of.chemistry if part == "cathode" else part)
        kmol[place] += share / table.molar_mass_t_per_kmol[place]
    return kmol


@lru_cache(maxsize=512)
def _factorised(opening: str, route: str, steps: tuple[str, ...]) -> object:
    sheet = flowsheet(opening, route, steps)
    n, places = len(sheet.table.names), {s.name: i for i, s in enumerate(sheet.stages)}
    blocks: list[list[sparse.spmatrix | None]] = [[None] * len(places) for _ in places]
    for i, stage in enumerate(sheet.stages):
        made = stage.change @ (np.eye(n) + stage.doses)
        for to, shares in stage.splits.items():
            if to in places:
                blocks[places[to]][i] = sparse.csc_matrix(shares[:, None] * made)
    system = sparse.identity(n * len(places), format="csc") - sparse.bmat(
        [
            [sparse.csc_matrix((n, n)) if block is None else block for block in row]
            for row in blocks
        ],
        format="csc",
    )
    return splu(system)


def _solve(sheet: Flowsheet, kmol: Vector) -> list[Vector]:
    n = len(kmol)
    right = np.zeros(n * len(sheet.stages))
    right[:n] = kmol
    solved = _factorised(sheet.opening, sheet.route, sheet.steps).solve(right)  # type: ignore[attr-defined]
    return [solved[i * n : (i + 1) * n] for i in range(len(sheet.stages))]


def _report(
    sheet: Flowsheet, feed: dict[str, float], level: str, inflows: list[Vector], stored: float
) -> PlantBalance:
    table, kinds = sheet.table, {row["name"]: row for row in rows(__package__, "streams.csv")}
    titles = {stage.name: stage.title for stage in sheet.stages}
    masses, least = table.molar_mass_t_per_kmol, _NOTHING * sum(feed.values())
    flows: list[Flow] = []
    stages: list[StageBalance] = []

    def note(source: str, target: str, title: str, kind: str, moved: Vector) -> None:
        mass = moved * masses
        if mass.min() < -_SHORT * sum(feed.values()):
            short = table.names[int(mass.argmin())]
            raise InputWrong(
                f"stage {source}", f"{-mass.min():.3g} t too little {short}",
                "doses that cover what reacts", "raise the dose in doses.csv",
            )  # fmt: skip
        if mass.sum() > least:
            parts = {name: float(m) for name, m in zip(table.names, mass, strict=True) if m > least}
            elements = table.element_masses(moved)
            flows.append(Flow(source, target, title, kind, float(mass.sum()), elements, parts))

    for chemistry, mass in feed.items():
        part = mass * _kmol_per_t(chemistry, level)
        note(chemistry, sheet.stages[0].name, f"{chemistry} {level}s", "feed", part)
    for stage, inflow in zip(sheet.stages, inflows, strict=True):
        dosed = stage.doses @ inflow
        made = stage.change @ (inflow + dosed)
        for place in np.flatnonzero(dosed):
            only = np.zeros(len(masses))
            only[place] = dosed[place]
            name = table.names[place]
            note(name, stage.name, name, "reagent", only)
        going = {to: shares * made for to, shares in stage.splits.items()}
        for to, moved in going.items():
            kind = kinds[to]["kind"] if to in kinds else "between"
            note(stage.name, to, kinds[to]["title"] if to in kinds else titles[to], kind, moved)
        stages.append(_stage_balance(sheet, stage, inflow, dosed, going, stored))
        if stage.name == "discharge":
            stored = 0.0 if sheet.opening == "thermal" else stored
        if stage.name == "shredding":
            stored = 0.0
    return _closed(sheet, feed, inflows[0], tuple(flows), tuple(stages), kinds)


def _stage_balance(
    sheet: Flowsheet,
    stage: Stage,
    inflow: Vector,
    dosed: Vector,
    going: dict[str, Vector],
    stored: float,
) -> StageBalance:
    table, masses = sheet.table, sheet.table.molar_mass_t_per_kmol
    leaving = np.sum(list(going.values()), axis=0)
    elements_in = table.element_t_per_kmol @ (inflow + dosed)
    gap = np.abs(elements_in - table.element_t_per_kmol @ leaving)
    entering, returned = stage_energy(sheet, stage, inflow, dosed, going, stored)
    return StageBalance(
        stage.name,
        stage.title,
        float(inflow @ masses),
        {table.names[i]: float(dosed[i] * masses[i]) for i in np.flatnonzero(dosed)},
        float(leaving @ masses),
        float((gap / np.maximum(elements_in, 1e-30))[elements_in > 1e-12].max(initial=0.0)),
        entering,
        returned,
    )


def _closed(
    sheet: Flowsheet,
    feed: dict[str, float],
    kmol: Vector,
    flows: tuple[Flow, ...],
    stages: tuple[StageBalance, ...],
    kinds: dict[str, dict[str, str]],
) -> PlantBalance:
    came: dict[str, float] = {}
    left: dict[str, float] = {}
    counted: dict[str, dict[str, float]] = {}
    for flow in flows:
        if flow.kind == "between":
            continue
        side = came if flow.kind in ("feed", "reagent") else left
        for element, mass in flow.elements_t.items():
            side[element] = side.get(element, 0.0) + mass
        if flow.kind == "product":
            wanted = kinds[flow.target]["counted_elements"].split()
            into = counted.setdefault(flow.target, {})
            for element in wanted:
                mass = flow.elements_t.get(element, 0.0)
                if mass > 0:
                    into[element] = into.get(element, 0.0) + mass
    entry = next(s for s in sheet.stages if s.name in ("leaching", "flotation", "smelting"))
    powder = [flow for flow in flows if flow.target == entry.name and flow.kind == "between"]
    total = sum(flow.mass_t for flow in powder)
    shares = {
        element: sum(flow.elements_t.get(element, 0.0) for flow in powder) / total
        for element in ("Li", "Ni", "Co", "Mn", "Fe", "P", "C", "Cu", "Al", "F")
    }
    return PlantBalance(
        sheet.opening,
        sheet.route,
        sheet.steps,
        feed,
        sheet.table.element_masses(kmol),
        flows,
        stages,
        BlackMass(total, shares),
        {e: abs(came[e] - left.get(e, 0.0)) / came[e] for e in came},
        counted,
    )
