"""The substances of a plant: their formulas, groups and element masses."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import NotKnown
from batteryloop.reference.elements import atomic_masses, atoms
from batteryloop.reference.rows import rows

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SubstanceTable:
    """Every substance with its place in the vectors of the balance.

    Parameters
    ----------
    names : tuple of str
        The substances, in order.
    groups : tuple of str
        The group of each: cathode, carbon, solvent …
    molar_mass_t_per_kmol : numpy.ndarray
        Shape (n,) [t/kmol].
    elements : tuple of str
        The elements, in order.
    element_t_per_kmol : numpy.ndarray
        Shape (elements, n): mass of each element in a kmol [t/kmol].
    heat_mj_per_kmol : numpy.ndarray
        Shape (n,): what burning gives [MJ/kmol].
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    molar_mass_t_per_kmol: Vector
    elements: tuple[str, ...]
    element_t_per_kmol: Vector
    heat_mj_per_kmol: Vector

    def index(self, name: str) -> int:
        """Return the place of a substance.

        Raises
        ------
        NotKnown
            If the table has no such substance.
        """
        if name not in self.names:
            raise NotKnown.among("substance", name, self.names)
        return self.names.index(name)

    def places(self, words: str) -> list[int]:
        """Return the places that `words` names: a substance, `group:<name>`, or `*` for all.

        Examples
        --------
        >>> table = substance_table()
        >>> [table.names[i] for i in table.places("group:solvent")]
        ['ec', 'dmc']
        """
        if words == "*":
            return list(range(len(self.names)))
        if words.startswith("group:"):
            wanted = words.removeprefix("group:")
            if wanted not in self.groups:
                raise NotKnown.among("group of substances", wanted, set(self.groups))
            return [i for i, group in enumerate(self.groups) if group == wanted]
        return [self.index(words)]

    def element_masses(self, kmol: Vector) -> dict[str, float]:
        """Return the mass of each element in a mixture [t], those that are there."""
        masses = self.element_t_per_kmol @ kmol
        return {e: float(m) for e, m in zip(self.elements, masses, strict=True) if abs(m) > 1e-15}


@cache
def substance_table() -> SubstanceTable:
    """Return the substances of `substances.csv`."""
    found = rows("batteryloop.circular.recycle", "substances.csv")
    masses = atomic_masses()
    elements = tuple(masses)
    counts = np.zeros((len(elements), len(found)))
    for place, row in enumerate(found):
        for element, n in atoms(row["formula"]).items():
            counts[elements.index(element), place] = n * masses[element] / 1000.0
    molar = counts.sum(axis=0)
    heat = np.array([float(row["heat_mj_per_kg"]) for row in found])
    return SubstanceTable(
        tuple(row["name"] for row in found),
        tuple(row["group"] for row in found),
        molar,
        elements,
        counts,
        heat * molar * 1000.0,
    )
