"""What a cell of each chemistry is electrically and thermally like, from `cell_parameters.csv`."""

import csv
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from batteryloop.reference.chemistries import chemistry


@dataclass(frozen=True, slots=True)
class CellParameters:
    """An equivalent circuit scaled to one ampere-hour, its heat, and its manufacturing spread.

    Resistances hold at 25 °C and half charge, times the capacity: divide by the capacity for
    the cell's own. [ohm Ah]
    """

    chemistry: str
    r0_ohm_ah: float
    r1_ohm_ah: float
    tau1_s: float
    r2_ohm_ah: float
    tau2_s: float
    low_soc_rise_frac: float
    low_soc_scale_frac: float
    hysteresis_v: float
    hysteresis_soc_frac: float
    self_discharge_per_day: float
    self_discharge_energy_j_per_mol: float
    specific_heat_j_per_kg_k: float
    passive_cooling_s: float
    active_cooling_s: float
    capacity_sd_frac: float
    resistance_sd_frac: float
    self_discharge_sd_frac: float
    initial_soc_sd_frac: float
    ageing_sd_frac: float
    capacity_over_rated_frac: float


@cache
def cell_parameters(name: str) -> CellParameters:
    """Return the parameters of a chemistry's cell; of row `*` where it has none of its own.

    Raises
    ------
    NotKnown
        If `name` is no chemistry.

    Examples
    --------
    >>> cell_parameters("LFP").hysteresis_v
    0.008
    >>> cell_parameters("NMC811").tau1_s
    20.0
    """
    own = chemistry(name).name
    text = files("batteryloop.reference").joinpath("cell_parameters.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    values = {
        row["parameter"]: float(row["value"])
        for wanted in ("*", own)
        for row in rows
        if row["chemistry"] == wanted
    }
    names = [f.name for f in fields(CellParameters) if f.name != "chemistry"]
    return CellParameters(own, *(values[field] for field in names))
