"""Reactions as they are written, checked to keep every element."""

import re

import numpy as np

from batteryloop.circular.recycle.substances import SubstanceTable, Vector
from batteryloop.errors import InputWrong

_TERM = re.compile(r"^(?:(\d+\.?\d*) )?(\S+)$")
_LEAK = 1e-9


def reaction(equation: str, table: SubstanceTable) -> tuple[int, Vector]:
    """Return the key substance's place and what one kmol of it turns into.

    The key is the first substance on the left.

    Parameters
    ----------
    equation : str
        Such as ``2 LFP + H2SO4 + H2O2 -> Li2SO4 + 2 FePO4 + 2 H2O``.
    table : SubstanceTable
        The substances it may name.

    Returns
    -------
    int
        Place of the key.
    numpy.ndarray
        Shape (substances,): kmol made (above 0) and used (below 0) per kmol of the key.

    Raises
    ------
    InputWrong
        If it cannot be read, or an element is lost or gained.
    NotKnown
        If it names a substance that is not in the table.

    Examples
    --------
    >>> from batteryloop.circular.recycle.substances import substance_table
    >>> table = substance_table()
    >>> key, change = reaction("2 HF + CaO -> CaF2 + H2O", table)
    >>> table.names[key], float(change[table.index("CaF2")])
    ('HF', 0.5)
    """
    left, arrow, right = equation.partition(" -> ")
    if not arrow:
        raise InputWrong(f"reaction {equation!r}", "no ' -> '", "such as 'CaCO3 -> CaO + CO2'")
    change = np.zeros(len(table.names))
    key, key_n = -1, 1.0
    for side, sign in ((left, -1.0), (right, 1.0)):
        for term in side.split(" + "):
            match = _TERM.match(term.strip())
            if match is None:
                raise InputWrong(f"reaction {equation!r}", f"{term!r}", "such as '2 NaOH'")
            n, place = float(match.group(1) or 1), table.index(match.group(2))
            if key < 0:
                key, key_n = place, n
            change[place] += sign * n
    change /= key_n
    leaks = table.element_t_per_kmol @ change
    worst = int(np.argmax(np.abs(leaks)))
    if abs(leaks[worst]) > _LEAK * float(np.abs(table.element_t_per_kmol).max()):
        raise InputWrong(
            f"reaction {equation!r}",
            f"{table.elements[worst]} changes by {leaks[worst] * 1000:.3g} g/mol",
            "as much of every element on both sides",
        )
    return key, change


def share(text: str) -> float:
    """Return a share written as a number or as a quotient.

    Raises
    ------
    InputWrong
        If it is neither, or not between 0 and 1.

    Examples
    --------
    >>> round(share("0.90/0.98"), 4)
    0.9184
    """
    above, _, below = text.partition("/")
    try:
        value = float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError):
        raise InputWrong("share", repr(text), "a number or a quotient") from None
    if not 0.0 <= value <= 1.0:
        raise InputWrong("share", repr(text), "from 0 to 1")
    return value
