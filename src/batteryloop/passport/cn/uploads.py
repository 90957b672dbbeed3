"""The uploads due: for each event the rule of its day, and the last day to tell it."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Any

from batteryloop.errors import InputWrong
from batteryloop.passport.cn.working_days import WorkCalendar, after_working_days
from batteryloop.record.codes import read_traction_code
from batteryloop.record.events import EventKind, LifeEvent

# Days are counted where the rule holds.
CHINA_TIME = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class UploadRule:
    """One row of `upload_rules.csv`: within how many working days an event must be told."""

    event: EventKind
    what: str
    n_working_days: int
    valid_from: date
    rule: str
    reading: str
    caution: str


@dataclass(frozen=True, slots=True)
class UploadDue:
    """An event that must be told, to be told by `deadline_on`; `code` is the battery's."""

    event_id: str
    battery_id: str
    code: str
    event: EventKind
    what: str
    happened_on: date
    deadline_on: date
    n_days_left: int
    rule: str
    cautions: tuple[str, ...]

    @property
    def is_late(self) -> bool:
        """Whether the last day has passed."""
        return self.n_days_left < 0

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "event_id": self.event_id,
            "battery_id": self.battery_id,
            "code": self.code,
            "event": self.event.value,
            "what": self.what,
            "happened_on": self.happened_on.isoformat(),
            "deadline_on": self.deadline_on.isoformat(),
            "n_days_left": self.n_days_left,
            "is_late": self.is_late,
            "rule": self.rule,
            "cautions": list(self.cautions),
        }


@cache
def upload_rules() -> Sequence[UploadRule]:
    """Return every rule, the latest first."""
    text = files("batteryloop.passport.cn").joinpath("upload_rules.csv").read_text("utf-8")
    rules = [
        UploadRule(
            EventKind(row["event"]),
            row["what"],
            int(row["working_days"]),
            date.fromisoformat(row["valid_from"]),
            row["rule"],
            row["reading"],
            row["caution"],
        )
        for row in csv.DictReader(text.splitlines())
    ]
    return tuple(sorted(rules, key=lambda rule: rule.valid_from, reverse=True))


def rule_for(event: EventKind, on: date) -> UploadRule | None:
    """Return the rule that holds for an event on a day, None if it need not be told.

    Examples
    --------
    >>> rule_for(EventKind.RECYCLED, date(2025, 1, 2)).n_working_days
    30
    >>> rule_for(EventKind.EVALUATED, date(2025, 1, 2)) is None
    True
    """
    for rule in upload_rules():
        if rule.event is event and rule.valid_from <= on:
            return rule
    return None


def uploads_due(
    events: Iterable[LifeEvent],
    *,
    now: datetime,
    codes: Mapping[str, str],
    told: Iterable[str] = (),
    calendar: WorkCalendar | None = None,
) -> tuple[UploadDue, ...]:
    """Return what must still be told to the platform, the most urgent first.

    Parameters
    ----------
    events : iterable of LifeEvent
        What happened.
    now : datetime
        This moment, UTC.
    codes : mapping of str to str
        The traceability code of each battery.
    told : iterable of str
        The events that were told already, by `event_id`.
    calendar : WorkCalendar, optional
        Public holidays and make-up days; without it weeks are taken as they are, and a caution
        says so.
    """
    done = set(told)
    today = now.astimezone(CHINA_TIME).date()
    found: list[UploadDue] = []
    for event in events:
        happened_on = event.happened_at.astimezone(CHINA_TIME).date()
        rule = rule_for(event.kind, happened_on)
        if rule is None or event.event_id in done:
            continue
        known = calendar or WorkCalendar()
        deadline = after_working_days(happened_on, rule.n_working_days, known)
        code = codes.get(event.battery_id, "")
        found.append(
            UploadDue(
                event.event_id,
                event.battery_id,
                code,
                event.kind,
                rule.what,
                happened_on,
                deadline,
                (deadline - today).days,
                rule.rule,
                tuple(_cautions(rule, code, deadline, known)),
            )
        )
    return tuple(sorted(found, key=lambda due: (due.deadline_on, due.battery_id, due.event_id)))


def _cautions(rule: UploadRule, code: str, deadline: date, calendar: WorkCalendar) -> Iterable[str]:
    if rule.caution:
        yield rule.caution
    if calendar.last_day is None:
        yield "public holidays and make-up days not known: Monday to Friday counted"
    elif deadline > calendar.last_day:
        yield f"the calendar ends on {calendar.last_day}: Monday to Friday counted after it"
    if not code:
        yield "no traceability code of this battery: it cannot be told without"
        return
    try:
        read_traction_code(code)
    except InputWrong as error:
        yield f"the traceability code cannot be: {error}"
