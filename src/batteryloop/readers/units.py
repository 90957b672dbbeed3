"""How a unit is spelled, and what it takes to turn it into ours: `units.csv` says."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

from batteryloop.errors import UnitUnknown

_MARKS = str.maketrans({"µ": "u", "μ": "u", " ": None, "·": ".", "⋅": ".", "Â": None})
_DEGREE_MARKS = ("°", "º", "˚", "\ufffd", "�", "deg.")


@dataclass(frozen=True, slots=True)
class Conversion:
    """Ours = theirs x `factor` + `offset`."""

    factor: float
    offset: float

    def apply(self, values: pl.Series) -> pl.Series:
        """Return `values` in our unit.

        Examples
        --------
        >>> Conversion(1.0, -273.15).apply(pl.Series([300.0])).round(2).to_list()
        [26.85]
        """
        if self.factor == 1 and self.offset == 0:
            return values
        return values * self.factor + self.offset


@cache
def _table() -> dict[tuple[str, str], Conversion]:
    text = files("batteryloop.readers").joinpath("units.csv").read_text(encoding="utf-8")
    return {
        (row["unit"], row["spelling"]): Conversion(float(row["factor"]), float(row["offset"]))
        for row in csv.DictReader(text.splitlines())
    }


@cache
def _table_without_case() -> dict[tuple[str, str], Conversion]:
    found: dict[tuple[str, str], Conversion] = {}
    for (unit, spelling), conversion in _table().items():
        found.setdefault((unit, spelling.casefold()), conversion)
    return found


def find_conversion(spelling: str, unit: str) -> Conversion | None:
    """Return what turns `spelling` into `unit`, or None if it is no such unit.

    The exact spelling goes before one that differs in case: `MΩ` is not `mΩ`.

    Examples
    --------
    >>> find_conversion("mA", "A").factor
    0.001
    >>> find_conversion("Sec", "s").factor
    1.0
    >>> find_conversion("°C", "degC").offset
    0.0
    >>> find_conversion("mV", "A") is None
    True
    """
    plain = spelling.strip().translate(_MARKS)
    for mark in _DEGREE_MARKS:
        plain = plain.replace(mark, "")
    return _table().get((unit, plain)) or _table_without_case().get((unit, plain.casefold()))


def conversion(spelling: str, unit: str, *, subject: str) -> Conversion:
    """Return what turns `spelling` into `unit`.

    Raises
    ------
    UnitUnknown
        If `spelling` is not a unit that can become `unit`.

    Examples
    --------
    >>> conversion("kWh", "Wh", subject="column E").factor
    1000.0
    """
    found = find_conversion(spelling, unit)
    if found is None:
        known = sorted({s for u, s in _table() if u == unit})
        raise UnitUnknown(
            subject,
            f"unit {spelling!r} cannot become {unit}",
            ", ".join(known),
            "write one of these, or scale the column",
        )
    return found
