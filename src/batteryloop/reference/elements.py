"""Atomic masses, and what a formula is made of."""

import re
from collections import Counter
from functools import cache

from batteryloop.errors import InputWrong, NotKnown
from batteryloop.reference.rows import rows

_PART = re.compile(r"([A-Z][a-z]?|\(|\))(\d+\.?\d*)?")


@cache
def atomic_masses() -> dict[str, float]:
    """Return the standard atomic mass of each element of the table [g/mol].

    Examples
    --------
    >>> atomic_masses()["Li"]
    6.94
    """
    found = rows("batteryloop.reference", "elements.csv")
    return {row["symbol"]: float(row["atomic_mass_g_per_mol"]) for row in found}


def atoms(formula: str) -> dict[str, float]:
    """Return how many atoms of each element a formula has.

    Raises
    ------
    NotKnown
        If an element is not in the table.
    InputWrong
        If it cannot be read as a formula.

    Examples
    --------
    >>> atoms("Al2(SO4)3") == {"Al": 2, "S": 3, "O": 12}
    True
    """
    levels: list[Counter[str]] = [Counter()]
    at = 0
    for part in _PART.finditer(formula):
        if part.start() != at:
            break
        name, factor = part.group(1), float(part.group(2) or 1)
        if name == "(":
            levels.append(Counter())
        elif name == ")":
            if len(levels) == 1:
                break
            for element, n in levels.pop().items():
                levels[-1][element] += n * factor  # type: ignore[assignment]
        elif name in atomic_masses():
            levels[-1][name] += factor  # type: ignore[assignment]
        else:
            raise NotKnown.among("element", name, atomic_masses())
        at = part.end()
    if at != len(formula) or len(levels) != 1 or not formula:
        raise InputWrong(
            f"formula {formula!r}", f"not readable after {formula[:at]!r}", "such as LiFePO4"
        )
    return {element: float(n) for element, n in levels[0].items()}


def molar_mass_g_per_mol(formula: str) -> float:
    """Return the molar mass of a formula [g/mol].

    Examples
    --------
    >>> round(molar_mass_g_per_mol("Li2CO3"), 3)
    73.888
    """
    return sum(n * atomic_masses()[element] for element, n in atoms(formula).items())
