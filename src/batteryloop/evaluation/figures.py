"""Every figure that a report may hold: its title, unit and meaning, read from `figures.csv`."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from batteryloop.errors import NotKnown

DIMENSIONS = ("usage", "health", "degradation")


@dataclass(frozen=True, slots=True)
class FigureKind:
    """One row of `figures.csv`; `shown` is the unit on a page, `factor` brings the value to it."""

    name: str
    title: str
    dimension: str
    unit: str
    shown: str
    factor: float
    decimals: int
    meaning: str


@cache
def figure_kinds() -> dict[str, FigureKind]:
    """Return every kind of figure by name, in the order a reader wants them.

    Examples
    --------
    >>> figure_kinds()["resistance_ohm"].shown
    'mΩ'
    """
    text = files("batteryloop.evaluation").joinpath("figures.csv").read_text("utf-8")
    return {
        row["name"]: FigureKind(
            row["name"],
            row["title"],
            row["dimension"],
            row["unit"],
            row["shown"],
            float(row["factor"]),
            int(row["decimals"]),
            row["meaning"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def figure_kind(name: str) -> FigureKind:
    """Return the kind of figure called `name`.

    Raises
    ------
    NotKnown
        If no row has that name; the nearest three are offered.
    """
    if name not in figure_kinds():
        raise NotKnown.among("figure", name, figure_kinds())
    return figure_kinds()[name]
