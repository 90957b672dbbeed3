"""What packs and cells of each chemistry are made of, from `pack_compositions.csv`."""

from dataclasses import dataclass
from functools import cache

from batteryloop.errors import NotKnown
from batteryloop.reference.rows import rows


@dataclass(frozen=True, slots=True)
class Composition:
    """Mass shares of the parts of a pack or a cell, with its specific energy and the source."""

    level: str
    chemistry: str
    specific_energy_wh_per_kg: float
    parts_frac: dict[str, float]
    source: str
    dated: str
    note: str = ""

    def kg_per_kwh(self) -> dict[str, float]:
        """Return the mass of each part for one kWh of rated energy [kg/kWh].

        Examples
        --------
        >>> round(composition("LFP", "cell").kg_per_kwh()["graphite"], 3)
        0.955
        """
        factor = 1000.0 / self.specific_energy_wh_per_kg
        return {part: share * factor for part, share in self.parts_frac.items()}


@cache
def compositions(level: str = "pack") -> dict[str, Composition]:
    """Return the composition of each chemistry at a level: pack or cell.

    Shares are scaled to sum to one; the source rounds them to six decimals.
    """
    found: dict[str, Composition] = {}
    for row in rows("batteryloop.reference", "pack_compositions.csv"):
        if row["level"] != level:
            continue
        shares = {k.removesuffix("_frac"): float(v) for k, v in row.items() if k.endswith("_frac")}
        total = sum(shares.values())
        found[row["chemistry"]] = Composition(
            level,
            row["chemistry"],
            float(row["specific_energy_wh_per_kg"]),
            {part: share / total for part, share in shares.items()},
            row["source"],
            row["dated"],
            row["note"],
        )
    return found


def composition(chemistry: str, level: str = "pack") -> Composition:
    """Return the composition of one chemistry.

    Raises
    ------
    NotKnown
        If no row has that level or that chemistry; sodium-ion, for one, has none.

    Examples
    --------
    >>> round(composition("NMC622").parts_frac["copper"], 4)
    0.0726
    """
    known = compositions(level)
    if not known:
        raise NotKnown.among("level", level, ["pack", "cell"])
    by_fold = {name.casefold(): name for name in known}
    name = by_fold.get(chemistry.strip().casefold())
    if name is None:
        raise NotKnown.among("chemistry with a known composition", chemistry, known)
    return known[name]
