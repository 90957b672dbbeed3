"""The records of this room: a figure, the four dimensions, and the report that holds them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from batteryloop.errors import NotKnown
from batteryloop.evaluation.figures import FigureKind, figure_kind
from batteryloop.evaluation.inputs import Inputs, InvolvedParty
from batteryloop.quantities import Estimate
from batteryloop.telemetry.types import Finding

SCHEMA = "batteryloop-evaluation 1"
Decision = Literal["met", "missed", "cannot tell", "not applicable", "over"]
Availability = Literal["given", "unknown", "not applicable"]


@dataclass(frozen=True, slots=True)
class Figure:
    """An estimate with its provenance: from which time to which, and by whom."""

    name: str
    estimate: Estimate
    from_at: datetime | None = None
    until_at: datetime | None = None
    originator: str = ""

    @property
    def kind(self) -> FigureKind:
        """Its title, unit and meaning."""
        return figure_kind(self.name)


@dataclass(frozen=True, slots=True)
class TimeCell:
    """Hours spent in a band of temperature and of state of charge; None where one is unknown."""

    temperature_low_degc: float | None
    temperature_high_degc: float | None
    soc_low_frac: float | None
    soc_high_frac: float | None
    hours: float


@dataclass(frozen=True, slots=True)
class DepthBin:
    """How many rainflow cycles have a depth from `low_frac` up to `high_frac`."""

    low_frac: float
    high_frac: float
    n_cycles: float


@dataclass(frozen=True, slots=True)
class UsageHistory:
    """What the battery went through."""

    figures: tuple[Figure, ...]
    time_in_bands: tuple[TimeCell, ...] = ()
    depths: tuple[DepthBin, ...] = ()


@dataclass(frozen=True, slots=True)
class CellStanding:
    """How far each cell stands from the middle of its pack at rest, in order of position.

    `deviations_v` are medians over the record's rests; `n_rests` how many.
    """

    deviations_v: tuple[float, ...] = ()
    n_rests: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """An early warning, as far as the report keeps it; `cell` counts from 1."""

    kind: str
    where: str
    raised_at: datetime
    severity: int
    confidence_frac: float
    size: Estimate
    lead_time_h: Estimate
    found: str
    next_step: str


@dataclass(frozen=True, slots=True)
class HealthStatus:
    """How the battery is."""

    figures: tuple[Figure, ...]
    cells: CellStanding = field(default_factory=CellStanding)
    notices: tuple[Notice, ...] = ()
    no_notice_reason: str = ""
    findings: tuple[Finding, ...] = ()
    others: tuple[Estimate, ...] = ()


@dataclass(frozen=True, slots=True)
class CapacityPoint:
    """One measured capacity with its interval."""

    at: datetime
    capacity_ah: float
    low_ah: float
    high_ah: float
    is_reference: bool = False


@dataclass(frozen=True, slots=True)
class AheadPoint:
    """What is expected at an age, with its interval; the first point is now."""

    age_efc: float
    soh_frac: float
    soh_low_frac: float
    soh_high_frac: float
    age_days: float | None = None


@dataclass(frozen=True, slots=True)
class RemainingLife:
    """How long until the capacity falls to a threshold."""

    threshold_frac: float
    remaining_efc: Estimate
    remaining_days: Estimate


@dataclass(frozen=True, slots=True)
class Degradation:
    """How the battery ages, and how long it will last."""

    figures: tuple[Figure, ...]
    history: tuple[CapacityPoint, ...] = ()
    past: tuple[tuple[float, float], ...] = ()
    ahead: tuple[AheadPoint, ...] = ()
    remaining: tuple[RemainingLife, ...] = ()
    models: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """One obligation as it stands on the day of the evaluation."""

    name: str
    jurisdiction: str
    addressee: str
    kind: str
    what: str
    state: Literal["in force", "ahead", "ended"]
    from_on: date
    until_on: date | None
    days: int | None
    rests_on: tuple[str, ...]
    article: str
    source: str
    trust: str


@dataclass(frozen=True, slots=True)
class RecyclingResponsibility:
    """Who must take care that the battery is collected and recycled."""

    producer: InvolvedParty | None
    holder: InvolvedParty | None
    country: str | None
    duties: tuple[Duty, ...] = ()
    take_back: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a profile asks to be reported, and whether the report can."""

    profile: str
    name: str
    figure: str
    obligation: str
    reference: str
    availability: Availability
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A requirement of a profile, decided on the interval."""

    profile: str
    name: str
    figure: str
    decision: Decision
    reason: str
    source: str
    dated: str
    trust: str
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """The grade: which it may be at best and at worst, and why.

    `name` is empty where the interval does not decide it; `best` and `worst` then differ.
    """

    profile: str
    name: str
    best: str
    worst: str
    reasons: tuple[str, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether the interval decides it."""
        return bool(self.name)

    @property
    def short(self) -> str:
        """The grade, or from which to which."""
        return self.name or f"{self.best} to {self.worst}"

    @property
    def words(self) -> str:
        """The grade, or between which it lies."""
        return self.name or f"cannot tell: {self.short}"


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """The unified evaluation of one battery: four dimensions, a grade, and what it was made from.

    `figure(name)` finds a figure in whichever dimension it is.
    """

    inputs: Inputs
    usage: UsageHistory
    health: HealthStatus
    degradation: Degradation
    responsibility: RecyclingResponsibility
    parameters: tuple[Parameter, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    grade: Grade | None = None
    notes: tuple[str, ...] = ()
    schema: str = SCHEMA

    @property
    def battery_id(self) -> str:
        """Whose report it is."""
        return self.inputs.identity.battery_id

    @property
    def is_simulated(self) -> bool:
        """Whether its telemetry was simulated."""
        return self.inputs.telemetry.is_simulated

    @property
    def figures(self) -> dict[str, Figure]:
        """Every figure by name."""
        dimensions = (self.usage, self.health, self.degradation)
        return {figure.name: figure for part in dimensions for figure in part.figures}

    def figure(self, name: str) -> Figure:
        """Return the figure called `name`.

        Raises
        ------
        NotKnown
            If the report has none of that name; the nearest three are offered.
        """
        known = self.figures
        if name not in known:
            raise NotKnown.among("figure", name, known)
        return known[name]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data, for JSON; `report_from_dict` reads it back whole."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain
