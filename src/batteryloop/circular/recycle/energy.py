"""Energy of a stage: carriers, what could be burned, charge left in packs, heat to be led away."""

from collections.abc import Mapping
from functools import cache

import numpy as np

from batteryloop.circular.recycle.flowsheet import Flowsheet, Stage
from batteryloop.circular.recycle.substances import Vector
from batteryloop.errors import NotKnown
from batteryloop.reference.compositions import composition
from batteryloop.reference.rows import rows


@cache
def plant_figure(item: str) -> float:
    """Return a figure of `plant_figures.csv`.

    Raises
    ------
    NotKnown
        If there is none of that name.

    Examples
    --------
    >>> plant_figure("days")
    320.0
    """
    found = {row["item"]: float(row["value"]) for row in rows(__package__, "plant_figures.csv")}
    if item not in found:
        raise NotKnown.among("figure of the plant", item, found)
    return found[item]


def stored_mj(
    feed_t: Mapping[str, float], level: str, soc_frac: float | None, soh_frac: float | None
) -> float:
    """Return the energy left in the packs on arrival [MJ].

    Examples
    --------
    >>> round(stored_mj({"NMC622": 1.0}, "pack", 0.5, 1.0))  # 194.3 kWh a tonne, half full
    350
    """
    soc = plant_figure("stored_soc") if soc_frac is None else soc_frac
    soh = plant_figure("stored_soh") if soh_frac is None else soh_frac
    kwh = sum(m * composition(c, level).specific_energy_wh_per_kg for c, m in feed_t.items())
    return kwh * soc * soh * 3.6


def stage_energy(
    sheet: Flowsheet,
    stage: Stage,
    inflow: Vector,
    dosed: Vector,
    going: Mapping[str, Vector],
    left_mj: float,
) -> tuple[dict[str, float], dict[str, float]]:
    """Return energy in and out of a stage [MJ], by carrier; heat closes the balance.

    Heat of reactions without burning is small beside these and left out.
    """
    heat = sheet.table.heat_mj_per_kmol
    entering = {"chemical": float(heat @ (inflow + dosed))}
    for (carrier, at), weights in stage.energy.items():
        moved = inflow if at == "in" else going.get(at, np.zeros(len(inflow)))
        entering[carrier] = entering.get(carrier, 0.0) + float(weights @ moved)
    leaving = {"chemical": float(sum(heat @ moved for moved in going.values()))}
    if stage.name in ("discharge", "shredding") and left_mj:
        entering["stored"] = left_mj
        if stage.name == "discharge" and sheet.opening == "thermal":
            leaving["electricity"] = left_mj * plant_figure("discharge_return")
        elif stage.name == "discharge":
            leaving["stored"] = left_mj
    leaving["heat"] = sum(entering.values()) - sum(leaving.values())
    return {k: v for k, v in entering.items() if v}, leaving


@cache
def _factors() -> dict[str, float]:
    return {
        row["carrier"]: float(row["emission_kgco2e_per_mj"])
        for row in rows(__package__, "energy_carriers.csv")
        if row["emission_kgco2e_per_mj"]
    }


def fuel_emissions_kgco2e(energy_mj: Mapping[str, float], grid_kgco2e_per_kwh: float) -> float:
    """Return the emissions of fuels and electricity bought [kg CO2e].

    Electricity given back to the grid counts against what is bought.

    Examples
    --------
    >>> round(fuel_emissions_kgco2e({"electricity": 3.6, "natural_gas": 10.0}, 0.2), 3)
    0.761
    """
    total = energy_mj.get("electricity", 0.0) / 3.6 * grid_kgco2e_per_kwh
    return total + sum(factor * energy_mj.get(c, 0.0) for c, factor in _factors().items())
