from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.readers.sampling import begins_anew, chained_s, sample_times

START = datetime.fromisoformat("2024-03-25T09:30:00")


def stamps(*since_s):
    return pl.Series([None if s is None else START + timedelta(seconds=s) for s in since_s])


def since(times):
    return [None if t is None else (t - START).total_seconds() for t in times]


def test_the_finer_clock_sets_the_distance_between_whole_seconds():
    times, found = sample_times(pl.Series([0.0, 0.25, 0.5, 1.1]), stamps(0, 0, 0, 1))
    assert since(times) == [0.0, 0.25, 0.5, 1.1]
    assert found == []


def test_a_pause_is_put_in_from_the_time_of_day():
    times, _ = sample_times(pl.Series([0.0, 10.0, 10.01, 20.0]), stamps(0, 10, 7210, 7220))
    assert since(times) == pytest.approx([0, 10, 7210, 7219.99])


def test_an_elapsed_time_that_begins_anew_takes_up_the_time_of_day():
    times, _ = sample_times(pl.Series([0.0, 10.0, 0.0, 10.0]), stamps(0, 10, 3600, 3610))
    assert since(times) == [0, 10, 3600, 3610]


def test_a_clock_set_back_an_hour_is_not_followed_and_told():
    times, found = sample_times(pl.Series([0.0, 60.0, 120.0]), stamps(0, 60, 120 - 3600))
    assert since(times) == [0, 60, 120]
    assert found[0].rule == "clock-set-back"
    assert found[0].row_first == 2
    assert found[0].severity == "warning"


def test_a_clock_that_drifts_does_not_break_the_time():
    elapsed = [100.0 * i for i in range(1000)]
    times, found = sample_times(pl.Series(elapsed), stamps(*(round(s * 1.0001) for s in elapsed)))
    assert times.is_sorted()
    assert since(times)[-1] == pytest.approx(99_900, abs=20)
    assert found == []


def test_minutes_without_seconds_are_enough():
    times, _ = sample_times(pl.Series([0.0, 30.0, 59.0, 61.0]), stamps(0, 0, 0, 60))
    assert since(times) == [0, 30, 59, 61]


def test_a_sample_with_one_clock_only_goes_by_that_one():
    times, _ = sample_times(pl.Series([0.0, None, 20.0, 30.0]), stamps(0, 10, None, 30))
    assert since(times) == [0, 10, 20, 30]


def test_without_any_elapsed_time_the_time_of_day_is_all():
    times, _ = sample_times(pl.Series([None, None], dtype=pl.Float64), stamps(0, 5))
    assert since(times) == [0, 5]


def test_numbers_as_large_as_numbers_get_are_null_not_an_error():
    times, _ = sample_times(pl.Series([0.0, 1e308, -1e308]), stamps(0, 1, 2))
    assert len(times) == 3


def test_a_stamp_that_is_off_in_one_row_shifts_nothing_after_it():
    elapsed = pl.Series([0.0, 10.0, 20.0, 30.0, 40.0])
    for wrong in (-3600, 86400):
        times, found = sample_times(elapsed, stamps(0, 10, 20 + wrong, 30, 40))
        assert since(times) == [0, 10, 20, 30, 40]
        assert [(f.rule, f.row_first) for f in found] == [("clock-glitch", 2)]


def test_an_elapsed_time_that_is_off_in_one_row_gives_way_to_the_time_of_day():
    times, found = sample_times(pl.Series([0.0, 10.0, 9e9, 30.0]), stamps(0, 10, 20, 30))
    assert since(times) == [0, 10, 20, 30]
    assert [f.rule for f in found] == ["clock-glitch"]


def test_a_date_and_a_time_of_day_in_two_columns_are_added():
    days = pl.Series([datetime.fromisoformat("2024-03-25"), datetime.fromisoformat("2024-03-26")])
    times, _ = sample_times(pl.Series([86390.0, 5.0]), days)
    assert (times[1] - times[0]).total_seconds() == 15


def test_steps_are_chained():
    assert chained_s(pl.Series([5.0, 10.0, 0.0, 5.0, None, 2.0])).to_list() == [
        5,
        10,
        10,
        15,
        15,
        17,
    ]


def test_one_broken_number_is_no_new_beginning():
    assert begins_anew(pl.Series([0.0, 10.0, 20.0, 2.0, 40.0, 50.0])) == 0


@given(st.lists(st.floats(0.01, 100.0), min_size=2, max_size=30))
def test_two_clocks_that_agree_give_the_elapsed_time(steps_s):
    elapsed = [float(sum(steps_s[:i])) for i in range(len(steps_s))]
    times, found = sample_times(pl.Series(elapsed), stamps(*(int(s) for s in elapsed)))
    assert since(times) == pytest.approx(elapsed, abs=1e-5)
    assert found == []
