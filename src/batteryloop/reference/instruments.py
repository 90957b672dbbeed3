"""How exact is what measured it? Assumptions on current, voltage and state of charge."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from batteryloop.errors import NotKnown


@dataclass(frozen=True, slots=True)
class Instrument:
    """One row of `instruments.csv`: standard deviations of what measured, with their source.

    Gain errors are shares of the reading; the current's offset is a share of the largest usual
    current.
    """

    name: str
    title: str
    current_gain_sd_frac: float
    current_offset_sd_frac: float
    voltage_gain_sd_frac: float
    cell_voltage_sd_v: float
    soc_sd_frac: float
    source: str
    dated: str


@cache
def instruments() -> dict[str, Instrument]:
    """Return every instrument by name."""
    text = files("batteryloop.reference").joinpath("instruments.csv").read_text("utf-8")
    return {
        row["name"]: Instrument(
            row["name"],
            row["title"],
            float(row["current_gain_sd_frac"]),
            float(row["current_offset_sd_frac"]),
            float(row["voltage_gain_sd_frac"]),
            float(row["cell_voltage_sd_v"]),
            float(row["soc_sd_frac"]),
            row["source"],
            row["dated"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def instrument(name: str) -> Instrument:
    """Return the instrument called `name`.

    Raises
    ------
    NotKnown
        If no row has that name; the nearest are offered.

    Examples
    --------
    >>> instrument("tester").current_gain_sd_frac < instrument("vehicle").current_gain_sd_frac
    True
    """
    if name not in instruments():
        raise NotKnown.among("instrument", name, instruments())
    return instruments()[name]
