"""The assignment of packs to lanes: what each is worth there, and what the lanes can take."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from batteryloop.circular.triage.kernels.relaxation import Floats, Integers
from batteryloop.errors import InputWrong

UNITS = ("kg", "packs", "kgco2e")


@dataclass(frozen=True, slots=True)
class Lane:
    """A fate at a facility: one way that a pack can go."""

    fate: str
    facility: str


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so much through all lanes that fit; an empty name fits every one.

    `unit` is `kg`, `packs`, or `kgco2e`: the carbon budget, which holds for the whole network.
    """

    most: float
    unit: str = "kg"
    facility: str = ""
    fate: str = ""
    chemistry: str = ""

    def fits(self, lane: Lane, chemistry: str) -> bool:
        """Return whether a pack of that chemistry counts against the limit in that lane."""
        return (
            self.facility in ("", lane.facility)
            and self.fate in ("", lane.fate)
            and self.chemistry in ("", chemistry)
        )

    @property
    def name(self) -> str:
        """What it limits, for people.

        Examples
        --------
        >>> Limit(5e5, "kg", facility="Rotterdam", chemistry="LFP").name
        'Rotterdam, LFP [kg]'
        """
        words = [word for word in (self.facility, self.fate, self.chemistry) if word]
        return f"{', '.join(words) or 'network'} [{self.unit}]"


@dataclass(frozen=True, slots=True)
class AssignmentProblem:
    """Packs by lanes, with what may go through them.

    Attributes
    ----------
    value_eur : ndarray, shape (n_packs, n_lanes)
        Worth of each pack in each lane, all costs taken off [EUR]; minus infinity where the
        lane is closed to it.
    hold_eur : ndarray, shape (n_packs,)
        Worth of keeping it in store, always possible [EUR].
    mass_kg : ndarray, shape (n_packs,)
        Masses [kg].
    kind : ndarray of int, shape (n_packs,)
        Place of each pack's chemistry in `chemistries`.
    carbon_kgco2e : ndarray, shape (n_packs, n_lanes) or (n_packs, 0)
        Emissions of each choice, negative where it saves [kg CO2e]; no columns without a budget.
    opening_eur : dict
        Cost of running a facility at all, by facility [EUR].
    """

    lanes: tuple[Lane, ...]
    chemistries: tuple[str, ...]
    value_eur: Floats
    hold_eur: Floats
    mass_kg: Floats
    kind: Integers
    limits: tuple[Limit, ...]
    carbon_kgco2e: Floats
    opening_eur: dict[str, float]

    @property
    def n_packs(self) -> int:
        """How many packs there are."""
        return int(self.value_eur.shape[0])

    @property
    def carbon_budget(self) -> float | None:
        """The most emissions in kg CO2e, or None."""
        return next((limit.most for limit in self.limits if limit.unit == "kgco2e"), None)

    @property
    def material(self) -> tuple[Limit, ...]:
        """The limits in kilograms and packs."""
        return tuple(limit for limit in self.limits if limit.unit != "kgco2e")

    def without(self, facilities: Sequence[str]) -> "AssignmentProblem":
        """Return the problem with some facilities closed."""
        shut = np.array([lane.facility in facilities for lane in self.lanes], dtype=bool)
        if not shut.any():
            return self
        value = self.value_eur.copy()
        value[:, shut] = -np.inf
        return replace(self, value_eur=value)


def assignment_problem(
    lanes: Sequence[Lane],
    chemistries: Sequence[str],
    value_eur: Floats,
    hold_eur: Floats,
    mass_kg: Floats,
    kind: Integers,
    limits: Sequence[Limit],
    *,
    carbon_kgco2e: Floats | None = None,
    opening_eur: dict[str, float] | None = None,
) -> AssignmentProblem:
    """Return the checked problem; arrays as in `AssignmentProblem`.

    Raises
    ------
    InputWrong
        If shapes do not fit, a value is not a number, a limit is negative or of unknown unit, or
        there is a carbon budget but no emissions.
    """
    n, n_lanes = len(mass_kg), len(lanes)
    value = np.ascontiguousarray(value_eur, dtype=np.float64)
    hold = np.ascontiguousarray(hold_eur, dtype=np.float64)
    if value.shape != (n, n_lanes) or hold.shape != (n,) or len(kind) != n:
        raise InputWrong("triage", f"values of shape {value.shape}", f"({n}, {n_lanes})")
    mass = np.ascontiguousarray(mass_kg, dtype=np.float64)
    is_bad = np.isnan(value).any() or np.isposinf(value).any() or not np.isfinite(hold).all()
    if is_bad or not np.isfinite(mass).all() or (mass < 0.0).any():
        raise InputWrong("triage", "a value or a mass is not a number", "finite, mass >= 0")
    for limit in limits:
        fits = limit.unit in UNITS and np.isfinite(limit.most)
        if not fits or (limit.unit != "kgco2e" and limit.most < 0.0):
            raise InputWrong(
                f"limit {limit.name}", f"{limit.most:g}", f"a number, >= 0, in {', '.join(UNITS)}"
            )
    if sum(limit.unit == "kgco2e" for limit in limits) > 1:
        raise InputWrong("limits", "two carbon budgets", "one, for the whole network")
    has_budget = any(limit.unit == "kgco2e" for limit in limits)
    if has_budget and carbon_kgco2e is None:
        raise InputWrong("carbon budget", "no emissions are given", "kg CO2e a pack and lane")
    carbon = carbon_kgco2e if has_budget and carbon_kgco2e is not None else np.empty((n, 0))
    return AssignmentProblem(
        tuple(lanes),
        tuple(chemistries),
        value,
        hold,
        mass,
        np.ascontiguousarray(kind, dtype=np.int64),
        tuple(limits),
        np.ascontiguousarray(carbon, dtype=np.float64),
        {name: cost for name, cost in (opening_eur or {}).items() if cost > 0.0},
    )


def limits_of_lanes(problem: AssignmentProblem) -> Integers:
    """Return the material limits that each kind meets in each lane, padded with -1.

    Returns
    -------
    ndarray of int, shape (n_chemistries, n_lanes, most limits of one lane)
    """
    met = [
        [
            [r for r, limit in enumerate(problem.material) if limit.fits(lane, chemistry)]
            for lane in problem.lanes
        ]
        for chemistry in problem.chemistries
    ]
    widest = max((len(rows) for of_kind in met for rows in of_kind), default=0)
    table = np.full((len(problem.chemistries), len(problem.lanes), max(widest, 1)), -1, np.int64)
    for c, of_kind in enumerate(met):
        for lane, rows in enumerate(of_kind):
            table[c, lane, : len(rows)] = rows
    return table
