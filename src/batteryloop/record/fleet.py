"""What is said of a battery in a list: where in the loop, how healthy, who holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from batteryloop.record.battery import Battery
from batteryloop.record.events import EventKind, Stage


class LifeStatus(StrEnum):
    """The status of Article 77 and Annex XIII of Regulation (EU) 2023/1542."""

    ORIGINAL = "original"
    REPURPOSED = "repurposed"
    REUSED = "re-used"
    REMANUFACTURED = "remanufactured"
    WASTE = "waste"


@dataclass(frozen=True, slots=True)
class BatteryState:
    """What the events of a battery come to.

    `holder_id` has it, `responsible_id` answers for it under producer responsibility; `soh_frac`
    with its bounds comes from the last evaluation [1], `severity` is the gravest open warning
    (0–4). `n_events` were recorded, the last of kind `last_event_kind`.
    """

    battery: Battery
    stage: Stage
    status: LifeStatus
    holder_id: str
    responsible_id: str
    n_events: int
    last_event_at: datetime
    last_event_kind: EventKind
    country: str = ""
    site: str = ""
    soh_frac: float | None = None
    soh_low_frac: float | None = None
    soh_high_frac: float | None = None
    confidence_frac: float | None = None
    evaluated_at: datetime | None = None
    severity: int = 0
    grade: str = ""
    passport_id: str = ""
    is_ended: bool = False


@dataclass(frozen=True, slots=True)
class PassportCount:
    """How many batteries of one application there are, and how many of them have a passport."""

    n_batteries: int
    n_with_passport: int


@dataclass(frozen=True, slots=True)
class FleetOverview:
    """A fleet at a glance.

    `soh_counts` counts the evaluated batteries in equal bins from `soh_low_frac` to
    `soh_high_frac` [1]; who lies outside is counted in the first or the last.
    `passport_counts` counts by application.
    """

    n_batteries: int
    stage_counts: Mapping[Stage, int]
    soh_counts: tuple[int, ...]
    n_with_passport: int
    is_simulated: bool
    soh_low_frac: float = 0.5
    soh_high_frac: float = 1.1
    passport_counts: Mapping[str, PassportCount] = field(default_factory=dict)


class FleetOrder(StrEnum):
    """By what a fleet is sorted."""

    BATTERY_ID = "battery_id"
    SOH = "soh_frac"
    SEVERITY = "severity"
    LAST_EVENT = "last_event_at"


@dataclass(frozen=True, slots=True)
class FleetQuery:
    """Which batteries are wanted, in what order, from which place on.

    `organisation_ids` None means any; else only batteries that one of them holds or answers for.
    `has_passport` None means with or without. `after` is the cursor of the page before, as
    `FleetPage.next_after` gave it.
    """

    organisation_ids: frozenset[str] | None = None
    stage: Stage | None = None
    status: LifeStatus | None = None
    application: str | None = None
    chemistry: str | None = None
    country: str | None = None
    severity_min: int | None = None
    soh_below_frac: float | None = None
    words: str = ""
    has_passport: bool | None = None
    order: FleetOrder = FleetOrder.BATTERY_ID
    is_descending: bool = False
    n_most: int = 100
    after: str | None = None


@dataclass(frozen=True, slots=True)
class FleetPage:
    """A page of the fleet; `n_total` counts all that fit the query."""

    batteries: tuple[BatteryState, ...]
    n_total: int
    next_after: str | None = None
