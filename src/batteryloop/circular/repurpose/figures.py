"""Figures of `figures.csv`: value with its range, dated and sourced."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from batteryloop.errors import NotKnown
from batteryloop.reference.rows import rows


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and the range it is drawn from."""

    low: float
    value: float
    high: float


@cache
def figures() -> Mapping[str, Figure]:
    """Return every figure by name.

    Examples
    --------
    >>> figures()["discount"].value
    0.07
    """
    return {
        row["name"]: Figure(float(row["low"]), float(row["value"]), float(row["high"]))
        for row in rows(__package__, "figures.csv")
    }


def figure(name: str) -> Figure:
    """Return one of them.

    Raises
    ------
    NotKnown
        If there is no such figure.
    """
    if name not in figures():
        raise NotKnown.among("figure", name, figures())
    return figures()[name]
