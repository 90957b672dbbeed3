"""The fleet's passports: which are issued, which are missing, due from when, what they lack."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from batteryloop.api.access import HOLDERS
from batteryloop.errors import RecordSaysNo
from batteryloop.evaluation.responsibility import Obligation, obligations
from batteryloop.passport.completeness import Completeness, check_completeness
from batteryloop.passport.eu.obligations import Profile, profile_called
from batteryloop.passport.types import Passport
from batteryloop.record import (
    Application,
    BatteryState,
    FleetOverview,
    FleetPage,
    FleetQuery,
    category_of,
)
from batteryloop.record.accounts import Caller, Role
from batteryloop.record.categories import Category
from batteryloop.usecases.record_passport import recorded_history
from batteryloop.usecases.record_port import Record
from batteryloop.wiring.issuers import CREDENTIAL

PROFILE = "ec-guidance-1.0"
_DUTY = "eu-passport"
N_ON_PAGE = 20


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """One legal category: how many batteries, how many passports, due from when."""

    category: Category
    n_batteries: int
    n_issued: int
    due_on: date | None

    @property
    def n_missing(self) -> int:
        """How many have none."""
        return self.n_batteries - self.n_issued

    @property
    def issued_frac(self) -> float:
        """The share that has one [1]."""
        return self.n_issued / self.n_batteries if self.n_batteries else 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """One battery: its passport, what that lacks, or from when it must have one."""

    state: BatteryState
    passport: Passport | None
    completeness: Completeness | None
    is_signed: bool
    due_on: date | None
    may_issue: bool


@dataclass(frozen=True, slots=True)
class PassportsView:
    """What the template draws."""

    overview: FleetOverview
    categories: tuple[CategoryLine, ...]
    duty: Obligation
    n_days_left: int
    profile: Profile
    is_issued: bool
    lines: tuple[Line, ...]
    n_total: int
    next_href: str
    first_href: str


def passports_query(
    asked: Mapping[str, str], organisation_ids: frozenset[str] | None
) -> FleetQuery:
    """Return the query that an address asks for: the missing ones, or with `show` the issued.

    Examples
    --------
    >>> passports_query({"show": "issued"}, None).has_passport
    True
    """
    return FleetQuery(
        organisation_ids=organisation_ids,
        has_passport=asked.get("show") == "issued",
        n_most=N_ON_PAGE,
        after=asked.get("after") or None,
    )


def may_issue(caller: Caller, state: BatteryState) -> bool:
    """Return whether a caller may issue a battery's passport: who answers for it, or an admin."""
    is_its = caller.role in HOLDERS and caller.owns(state.responsible_id)
    return not state.is_ended and (is_its or caller.role is Role.ADMIN)


def passports_view(
    record: Record,
    page: FleetPage,
    query: FleetQuery,
    *,
    caller: Caller,
    now: datetime,
) -> PassportsView:
    """Return what the page says of one page of batteries.

    Parameters
    ----------
    record : Record
        Where the passports are.
    page : FleetPage
        The batteries shown.
    query : FleetQuery
        What was asked for.
    caller : Caller
        Who looks.
    now : datetime
        The moment.
    """
    duty = next(o for o in obligations() if o.name == _DUTY)
    overview = record.overview(query.organisation_ids)
    show = "issued" if query.has_passport else "missing"
    after = page.next_after
    profile = profile_called(PROFILE)
    return PassportsView(
        overview=overview,
        categories=_categories(overview, duty),
        duty=duty,
        n_days_left=(duty.from_on - now.date()).days,
        profile=profile,
        is_issued=show == "issued",
        lines=tuple(_line(record, state, duty, profile, caller) for state in page.batteries),
        n_total=page.n_total,
        next_href=f"/passports?{urlencode({'show': show, 'after': after})}" if after else "",
        first_href=f"/passports?show={show}" if query.after else "",
    )


def _categories(overview: FleetOverview, duty: Obligation) -> tuple[CategoryLine, ...]:
    counts: dict[Category, tuple[int, int]] = {}
    for application, counted in overview.passport_counts.items():
        category = category_of(Application(application))
        n, n_issued = counts.get(category, (0, 0))
        counts[category] = (n + counted.n_batteries, n_issued + counted.n_with_passport)
    return tuple(
        CategoryLine(category, *counts[category], _due(category, duty))
        for category in Category
        if category in counts
    )


def _due(category: Category, duty: Obligation) -> date | None:
    return duty.from_on if category.value in duty.categories else None


def _line(
    record: Record,
    state: BatteryState,
    duty: Obligation,
    profile: Profile,
    caller: Caller,
) -> Line:
    battery = state.battery
    passport = lacks = None
    is_signed = False
    if state.passport_id:
        history = recorded_history(record, battery.battery_id)
        passport = history.latest if history else None
        is_signed = bool(record.documents(battery.battery_id, CREDENTIAL))
    if passport is not None:
        try:
            lacks = check_completeness(passport, profile)
        except RecordSaysNo:  # a category that needs no passport lacks nothing
            lacks = None
    due_on = _due(battery.category, duty)
    return Line(state, passport, lacks, is_signed, due_on, may_issue(caller, state))
