"""Reads `quantities.csv`, the one list of names, units, signs, ranges and meanings."""

import csv
import math
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from batteryloop.errors import NotKnown

Dtype = Literal["str", "time", "float", "int", "list"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One row of `quantities.csv`."""

    name: str
    unit: str
    suffix: str
    dtype: Dtype
    sign: str
    low: float
    high: float
    meaning: str
    bdf_name: str
    bdf_iri: str


def _read() -> dict[str, Quantity]:
    text = files("batteryloop.quantities").joinpath("quantities.csv").read_text(encoding="utf-8")
    return {
        row["name"]: Quantity(
            name=row["name"],
            unit=row["unit"],
            suffix=row["suffix"],
            dtype=row["dtype"],  # type: ignore[arg-type]
            sign=row["sign"],
            low=float(row["low"]) if row["low"] else -math.inf,
            high=float(row["high"]) if row["high"] else math.inf,
            meaning=row["meaning"],
            bdf_name=row["bdf_name"],
            bdf_iri=row["bdf_iri"],
        )
        for row in csv.DictReader(text.splitlines())
    }


QUANTITIES: dict[str, Quantity] = _read()


def quantity(name: str) -> Quantity:
    """Return the quantity called `name`.

    Raises
    ------
    NotKnown
        If no row of `quantities.csv` has that name; the nearest three are offered.

    Examples
    --------
    >>> quantity("current_a").unit
    'A'
    """
    if name not in QUANTITIES:
        raise NotKnown.among("quantity", name, QUANTITIES)
    return QUANTITIES[name]


def unit_suffixes() -> frozenset[str]:
    """Return every unit suffix a name may end in, without the underscore.

    Examples
    --------
    >>> "ohm" in unit_suffixes()
    True
    """
    return frozenset(q.suffix for q in QUANTITIES.values() if q.suffix)


def label(name: str) -> str:
    """Return how a table or a plot names the quantity: words, then the unit in brackets.

    A name that no row of `quantities.csv` has is read by the unit it ends in, if by any.

    Examples
    --------
    >>> label("cell_voltage_max_v")
    'cell voltage max [V]'
    >>> label("cycle_count")
    'cycle count'
    >>> label("voltage_offset_v")
    'voltage offset [V]'
    """
    suffix, unit = _unit_of(name)
    words = name.removesuffix(f"_{suffix}") if suffix else name
    unit = {"degC": "°C", "1": "", "ohm": "Ω", "kohm": "kΩ"}.get(unit, unit)
    return words.replace("_", " ") + (f" [{unit}]" if unit else "")


def _unit_of(name: str) -> tuple[str, str]:
    """Return the suffix of a name and its unit; of a name in no row, the longest that fits."""
    if name in QUANTITIES:
        return QUANTITIES[name].suffix, QUANTITIES[name].unit
    units = {q.suffix: q.unit for q in QUANTITIES.values() if q.suffix}
    fitting = [suffix for suffix in units if name.endswith(f"_{suffix}")]
    suffix = max(fitting, key=len, default="")
    return suffix, units.get(suffix, "")
