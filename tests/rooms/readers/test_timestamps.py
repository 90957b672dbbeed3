from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.readers.timestamps import (
    parse_moment,
    parse_spans_s,
    parse_stamps,
    stamps_from_numbers,
)

AT = datetime.fromisoformat("2024-03-25T15:04:05")


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-25 15:04:05",
        "2024-03-25T15:04:05.000",
        "2024/03/25 15:04:05",
        "03/25/2024 15:04:05.000",
        "3/25/2024 3:04:05 PM",
        "25.03.2024 15:04:05",
        "25/03/2024 15:04:05",
        "25-Mar-24 3:04:05 PM",
        "25-Mar-2024 15:04:05",
        '\t "2024-03-25 15:04:05" ',
        "2024-03-25 15:04:05,000",
    ],
)
def test_every_way_to_write_a_moment_is_read(text):
    assert parse_moment(text) == AT


def test_a_written_zone_is_obeyed():
    times, has_zone, _ = parse_stamps(pl.Series(["2024-03-25T15:04:05+02:00"]))
    assert has_zone
    assert times[0] == datetime(2024, 3, 25, 13, 4, 5, tzinfo=UTC)


def test_a_day_above_twelve_settles_the_order():
    times, _, is_sure = parse_stamps(pl.Series(["01/02/2024 00:00:00", "14/02/2024 00:00:00"]))
    assert is_sure
    assert times.dt.month().to_list() == [2, 2]


def test_time_that_only_rises_one_way_settles_the_order():
    texts = pl.Series(["05/01/2024 00:00:00", "06/01/2024 00:00:00", "01/02/2024 00:00:00"])
    times, _, is_sure = parse_stamps(texts)
    assert is_sure
    assert times.dt.month().to_list() == [1, 1, 2]


def test_an_order_that_nothing_settles_is_told():
    times, _, is_sure = parse_stamps(pl.Series(["01/02/2024 00:00:00"]))
    assert not is_sure
    assert times.dt.month().to_list() == [1]


@pytest.mark.parametrize("text", ["", "soon", "99/99/9999 99:99:99", "3.7", "0001-01-01 00:00:00"])
def test_what_is_no_moment_is_none(text):
    assert parse_moment(text) is None


@pytest.mark.parametrize(
    ("text", "span_s"),
    [
        ("00:00:00", 0.0),
        ("1:02:03.5", 3723.5),
        ("100:00:00", 360000.0),
        ("0d 00:01:00.50", 60.5),
        ("3d 18:47:23.42", 326843.42),
        ("2 days, 01:00:00", 176400.0),
        ("1:00:00:01", 86401.0),
        ("02:03", 123.0),
        ("00:00:00,25", 0.25),
        ("12", None),
        ("x", None),
    ],
)
def test_every_way_to_write_a_span_is_read(text, span_s):
    (found,) = parse_spans_s(pl.Series([text])).to_list()
    assert found == (pytest.approx(span_s) if span_s is not None else None)


@pytest.mark.parametrize(
    ("number", "unit"),
    [(1711379045.0, ""), (1711379045000.0, ""), (1711379045e6, ""), (739336.6278356481, "datenum")],
)
def test_the_size_of_a_number_tells_its_epoch(number, unit):
    (found,) = stamps_from_numbers(pl.Series([number]), unit).to_list()
    assert abs((found - AT).total_seconds()) < 0.01


def test_a_spreadsheets_days_are_read():
    (found,) = stamps_from_numbers(pl.Series([45376.5])).to_list()
    assert found.isoformat() == "2024-03-25T12:00:00"


def test_small_numbers_are_no_moments():
    assert stamps_from_numbers(pl.Series([0.0, 1.0, 2.0])) is None
    assert stamps_from_numbers(pl.Series([None], dtype=pl.Float64)) is None


@given(st.lists(st.text(max_size=25), min_size=1, max_size=5))
def test_no_text_is_too_odd(texts):
    series = pl.Series(texts, dtype=pl.String)
    assert len(parse_stamps(series)[0]) == len(texts)
    assert len(parse_spans_s(series)) == len(texts)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001
def test_iso_moments_come_back_as_they_were(moment):
    assert parse_moment(moment.isoformat(" ", "microseconds")) == moment
