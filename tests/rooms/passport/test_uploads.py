"""Uploads due to the Chinese platform: the rule of the day, and working days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import ValueOutOfRange
from batteryloop.passport.cn import WorkCalendar, after_working_days, uploads_due
from batteryloop.passport.cn.working_days import calendar_from_rows
from batteryloop.record.events import EventKind, LifeEvent

CODE = "04QPB76836300JBC40000903"


def _event(kind, happened_at, event_id="e1"):
    return LifeEvent(event_id, "b1", kind, happened_at, "recycler")


def _due(kind=EventKind.RECYCLED, happened_at=datetime(2025, 3, 3, 4, tzinfo=UTC), **changes):
    facts = {"now": datetime(2025, 3, 4, tzinfo=UTC), "codes": {"b1": CODE}}
    return uploads_due([_event(kind, happened_at)], **(facts | changes))


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        (EventKind.REPAIRED, 30),
        (EventKind.PART_REPLACED, 30),
        (EventKind.RECYCLED, 30),
        (EventKind.DISPOSED, 15),
        (EventKind.REPURPOSED, 15),
    ],
)
def test_each_event_has_its_working_days(kind, days):
    (due,) = _due(kind)
    assert due.deadline_on == date(2025, 3, 3) + timedelta(weeks=days // 5)


def test_an_event_that_need_not_be_told_is_not_listed():
    assert _due(EventKind.EVALUATED) == ()


def test_an_event_told_already_is_not_listed():
    assert _due(told=["e1"]) == ()


def test_days_are_counted_in_china():
    (due,) = _due(happened_at=datetime(2025, 3, 3, 17, tzinfo=UTC))
    assert due.happened_on == date(2025, 3, 4)


def test_since_april_2026_each_upload_says_that_the_new_days_were_not_read():
    (old,) = _due()
    (new,) = _due(happened_at=datetime(2026, 5, 4, 4, tzinfo=UTC))
    assert not [c for c in old.cautions if "2026-04-01" in c]
    assert [c for c in new.cautions if "2026-04-01" in c]


def test_a_deadline_passed_is_late():
    (due,) = _due(now=datetime(2025, 6, 1, tzinfo=UTC))
    assert due.is_late
    assert due.n_days_left < 0


def test_holidays_push_the_deadline_and_make_up_days_pull_it():
    week = [date(2025, 3, day) for day in range(10, 15)]
    holidays = WorkCalendar(frozenset(week), last_day=date(2030, 1, 1))
    made_up = WorkCalendar(workdays=frozenset([date(2025, 3, 8)]), last_day=date(2030, 1, 1))
    (plain,), (later,), (sooner,) = _due(), _due(calendar=holidays), _due(calendar=made_up)
    assert later.deadline_on == plain.deadline_on + timedelta(days=7)
    assert sooner.deadline_on < plain.deadline_on
    assert any("Monday to Friday" in caution for caution in plain.cautions)
    assert not later.cautions


def test_a_calendar_that_ends_too_early_says_so():
    (due,) = _due(calendar=WorkCalendar(last_day=date(2025, 3, 5)))
    assert any("ends on 2025-03-05" in caution for caution in due.cautions)


def test_a_battery_without_a_good_code_says_so():
    (none,) = _due(codes={})
    (bad,) = _due(codes={"b1": "ABC"})
    assert any("no traceability code" in caution for caution in none.cautions)
    assert any("cannot be" in caution for caution in bad.cautions)


def test_a_broken_calendar_is_refused():
    with pytest.raises(ValueOutOfRange, match="kind"):
        calendar_from_rows([{"date": "2026-10-01", "kind": "party"}])


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(1, 60),
    st.frozensets(st.integers(1, 120), max_size=20),
)
def test_between_event_and_deadline_lie_just_so_many_working_days(start, n_days, off):
    calendar = WorkCalendar(frozenset(start + timedelta(days=d) for d in off))
    end = after_working_days(start, n_days, calendar)
    between = [start + timedelta(days=d + 1) for d in range((end - start).days)]
    assert sum(calendar.is_working(day) for day in between) == n_days
    assert calendar.is_working(end)
