"""Counts working days: Monday to Friday, but for the holidays and make-up days of a calendar."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from batteryloop.errors import ValueOutOfRange


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The days that differ from the week: holidays on weekdays, work on weekends.

    `last_day` is the last one that the calendar knows; None: it knows no day at all.
    """

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    last_day: date | None = None

    def is_working(self, day: date) -> bool:
        """Return whether people work on a day."""
        if day in self.workdays:
            return True
        return day.weekday() < 5 and day not in self.holidays


def calendar_from_rows(rows: Iterable[Mapping[str, str]]) -> WorkCalendar:
    """Return the calendar that rows of `date` and `kind` (holiday, workday) describe.

    Raises
    ------
    ValueOutOfRange
        If a row is none.

    Examples
    --------
    >>> made_up = calendar_from_rows([{"date": "2026-10-10", "kind": "workday"}])
    >>> made_up.is_working(date(2026, 10, 10))
    True
    """
    found: dict[str, set[date]] = {"holiday": set(), "workday": set()}
    for row in rows:
        try:
            found[row["kind"].strip()].add(date.fromisoformat(row["date"].strip()))
        except (KeyError, ValueError, AttributeError):
            raise ValueOutOfRange(
                "calendar",
                f"the row {dict(row)}",
                "`date` as 2026-10-01, `kind` holiday or workday",
            ) from None
    every = found["holiday"] | found["workday"]
    return WorkCalendar(
        frozenset(found["holiday"]), frozenset(found["workday"]), max(every) if every else None
    )


def after_working_days(start: date, n_days: int, calendar: WorkCalendar) -> date:
    """Return the day on which the `n_days`-th working day after `start` falls.

    Examples
    --------
    >>> after_working_days(date(2026, 11, 27), 1, WorkCalendar()).isoformat()
    '2026-11-30'
    """
    day = start
    while n_days > 0:
        day += timedelta(days=1)
        n_days -= calendar.is_working(day)
    return day
