"""Make second lives of a SIMULATED batch: modules matched into packs, packs joined into stores."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from batteryloop.circular.remanufacture import MatchedPack, PackDesign
from batteryloop.record import Party
from batteryloop.simulation.modules import (
    SimulatedModule,
    facility_countries,
    simulated_modules,
)
from batteryloop.usecases.carry_out_triage import Decision
from batteryloop.usecases.enter_returns import HOUSING, PackLayout, pack_description, parts_of
from batteryloop.usecases.match_modules import match_modules
from batteryloop.usecases.record_scribe import Scribe
from batteryloop.usecases.record_second_life import EnteredLife, NewLife, record_remanufacture

# Project defaults: packs that a stationary store takes; what a bench leaves open of a capacity.
_STORE_MOST = 6
_BENCH_FRAC = 0.003

Row = Mapping[str, Any]


def make_second_lives(
    scribe: Scribe,
    returns: pl.DataFrame,
    truth: pl.DataFrame,
    decisions: Sequence[Decision],
    *,
    remanufacturer: Party,
    integrator: Party,
    layout: PackLayout,
    rng: np.random.Generator,
) -> tuple[EnteredLife, ...]:
    """Carry out what was decided: remanufacture with matched modules, and repurpose.

    Packs of a chemistry and a region that are to be remanufactured are opened together; their
    modules are measured (SIMULATED) and matched. What fails the law's test becomes a store.

    Parameters
    ----------
    scribe : Scribe
        Writes it.
    returns, truth : polars.DataFrame
        The packs and what they truly are, as `simulate_returns` gives them.
    decisions : sequence of Decision
        From `carry_out_triage`.
    remanufacturer, integrator : Party
        Who does it and answers for it.
    layout : PackLayout
        How the packs are built.
    rng : numpy.random.Generator
        The same state measures and matches the same.
    """
    rows = {str(row["battery_id"]): row for row in returns.iter_rows(named=True)}
    true = {str(row["battery_id"]): row for row in truth.iter_rows(named=True)}
    opened: dict[tuple[str, str], list[Decision]] = {}
    joined: dict[tuple[str, str], list[Decision]] = {}
    for decision in decisions:
        row = rows[decision.battery_id]
        if decision.fate == "remanufacture":
            opened.setdefault((row["chemistry"], row["region"]), []).append(decision)
        elif decision.fate == "repurpose":
            joined.setdefault((row["chemistry"], decision.facility), []).append(decision)
    lives: list[EnteredLife] = []
    for _, packs in sorted(opened.items()):
        names = [decision.battery_id for decision in packs]
        modules = {
            module.serial: module
            for name in names
            for module in _measured(name, rows[name], true[name], layout, rng)
        }
        for life in _matched(scribe, packs, rows, modules, layout, rng, start=len(lives)):
            party = remanufacturer
            lives.append(record_remanufacture(scribe, life, party=party))
    for (_, facility), packs in sorted(joined.items()):
        for begin in range(0, len(packs), _STORE_MOST):
            some = [decision.battery_id for decision in packs[begin : begin + _STORE_MOST]]
            life = _store(f"SIM-STORE-{len(lives) + 1:04d}", some, rows, layout, facility)
            lives.append(record_remanufacture(scribe, life, party=integrator))
    return tuple(lives)


def _measured(
    name: str, row: Row, true: Row, layout: PackLayout, rng: np.random.Generator
) -> tuple[SimulatedModule, ...]:
    parts = parts_of(name, row["chemistry"], row["mass_kg"], layout)
    return simulated_modules(
        list(parts)[:-1],
        true["true_soh_frac"],
        true["true_spread_frac"],
        n_cells=layout.n_cells,
        rng=rng,
    )


def _matched(
    scribe: Scribe,
    packs: Sequence[Decision],
    rows: Mapping[str, Row],
    modules: Mapping[str, SimulatedModule],
    layout: PackLayout,
    rng: np.random.Generator,
    *,
    start: int,
) -> list[NewLife]:
    """Return the packs that matched modules make; each takes the housing of one that was opened."""
    first = rows[packs[0].battery_id]
    described = pack_description(first, layout, model="SIMULATED pack of matched modules")
    rated_ah = float(described["rated_capacity_ah"])
    table = pl.DataFrame(
        {
            "module_id": list(modules),
            "pack_id": [serial.rsplit("-M", 1)[0] for serial in modules],
            "capacity_ah": [rated_ah * module.soh_frac for module in modules.values()],
        }
    )
    found = match_modules(
        table,
        PackDesign(layout.n_modules, 1, rated_ah),
        on=scribe.now.date(),
        rng=rng,
        objective="capacity",
    )
    masses = {
        serial: mass
        for decision in packs
        for serial, mass in parts_of(
            decision.battery_id, first["chemistry"], rows[decision.battery_id]["mass_kg"], layout
        ).items()
    }
    free = [decision.battery_id for decision in packs]
    lives = []
    for k, pack in enumerate(found.matching.packs):
        housing = next((name for name in free if name in pack.origins), free[0])
        free.remove(housing)
        inside = [serial for place in pack.places for serial in place]
        parts = {serial: masses[serial] for serial in [*inside, f"{housing}-{HOUSING}"]}
        parents: dict[str, list[str]] = {}
        for serial in parts:
            parents.setdefault(serial.rsplit("-", 1)[0], []).append(serial)
        lives.append(
            NewLife(
                f"SIM-RENEW-{start + k + 1:04d}",
                {**described, "mass_kg": sum(parts.values())},
                parents,
                parts,
                _facts(pack, rated_ah, [modules[serial] for serial in inside], layout),
                packs[0].facility,
                facility_countries().get(packs[0].facility, ""),
            )
        )
    return lives


def _facts(
    pack: MatchedPack, rated_ah: float, modules: Sequence[SimulatedModule], layout: PackLayout
) -> dict[str, Any]:
    """Return what the law's test asks for; the bench's interval is stated with each value."""
    cells = [soh for module in modules for soh in module.cells_soh_frac]
    return {
        "original_rated_capacity_ah": rated_ah,
        "capacity_ah": _estimate(pack.capacity_ah, _BENCH_FRAC * pack.capacity_ah),
        "cells_soh_frac": [_estimate(soh, _BENCH_FRAC) for soh in cells],
        "is_same_purpose": True,
        "n_cells": layout.n_cells_series,
        "n_cells_evaluated": len(cells),
        "n_modules": layout.n_modules,
        "n_modules_evaluated": len(modules),
    }


def _estimate(value: float, half: float) -> dict[str, Any]:
    return {
        "value": value,
        "low": value - half,
        "high": value + half,
        "confidence_frac": 0.9,
        "method": "bench, SIMULATED",
    }


def _store(
    battery_id: str,
    names: Sequence[str],
    rows: Mapping[str, Row],
    layout: PackLayout,
    facility: str,
) -> NewLife:
    """Return a stationary store of whole packs, in parallel."""
    first = rows[names[0]]
    described = pack_description(
        {
            **first,
            "rated_energy_kwh": sum(rows[name]["rated_energy_kwh"] for name in names),
            "mass_kg": sum(rows[name]["mass_kg"] for name in names),
        },
        layout,
        application="stationary-storage",
        model="SIMULATED store of used packs",
    )
    return NewLife(
        battery_id,
        {**described, "n_cells_parallel": len(names)},
        dict.fromkeys(names, ()),
        site=facility,
        country=facility_countries().get(facility, ""),
    )
