"""Which goods may share a truck, and what a truck needs for what it carries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from batteryloop.circular.collect.goods import is_in_force, limit, table
from batteryloop.circular.collect.packing import PackingRule


@dataclass(frozen=True, slots=True)
class LoadingBan:
    """Two kinds of goods that may not share a vehicle, and why."""

    left: str
    right: str
    basis: str
    reason: str
    confidence: str

    @property
    def sentence(self) -> str:
        """What it says."""
        return f"{self.left} with {self.right}: {self.reason} ({self.basis})"


def loading_bans(traits: Iterable[str], day: date) -> tuple[LoadingBan, ...]:
    """Return each ban that goods of these traits would break in one vehicle.

    Parameters
    ----------
    traits : iterable of str
        Conditions of the batteries aboard, and `explosives` where there are such.
    day : datetime.date
        Of the transport.

    Examples
    --------
    >>> loading_bans(["intact", "damaged"], date(2026, 11, 25))
    ()
    >>> print(loading_bans(["intact", "critical"], date(2026, 11, 25))[0].sentence)
    critical with intact: batteries liable to react travel alone: a fire must not meet other
    batteries (house rule)
    """
    aboard = set(traits)
    if aboard - {"explosives"}:
        aboard.add("batteries")
    return tuple(
        LoadingBan(row["left"], row["right"], row["basis"], row["reason"], row["confidence"])
        for row in table("mixed_loading.csv")
        if is_in_force(row, day) and {row["left"], row["right"]} <= aboard
    )


def load_points(masses_kg: Iterable[tuple[PackingRule, float]]) -> float | None:
    """Return the points of ADR 1.1.3.6 of loads [1]; None where one has no exempt quantity.

    Parameters
    ----------
    masses_kg : iterable of (PackingRule, float)
        Each with its net mass [kg].

    Examples
    --------
    >>> load_points([])
    0.0
    """
    points = 0.0
    for rule, mass_kg in masses_kg:
        if rule.points_per_kg is None:
            return None
        points += rule.points_per_kg * mass_kg
    return points


def needs_certified_driver(n_points: float | None) -> bool:
    """Whether the driver needs the ADR certificate and the truck its orange plates.

    Examples
    --------
    >>> needs_certified_driver(3 * 333.0), needs_certified_driver(3 * 334.0)
    (False, True)
    >>> needs_certified_driver(None)
    True
    """
    return n_points is None or n_points > limit("exempt_points")
