import polars as pl
import pytest

from batteryloop.readers.numbers import finite, parse_numbers, unreadable


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.7", 3.7),
        (" 3.7 ", 3.7),
        ('"3.7"', 3.7),
        ("1.5E-03", 0.0015),
        ("+2", 2.0),
        ("-9.63e-05", -9.63e-5),
        ("NaN", None),
        ("N/A", None),
        ("", None),
        ("inf", None),
        ("1e999", None),
        ("3.7V", None),
    ],
)
def test_numbers_are_read_and_the_rest_is_null(text, value):
    assert parse_numbers(pl.Series([text])).to_list() == [value]


def test_a_decimal_comma_is_read_where_it_is_one():
    assert parse_numbers(pl.Series(["1,5"]), is_decimal_comma=True).to_list() == [1.5]
    assert parse_numbers(pl.Series(["1,5"])).to_list() == [None]


def test_missing_is_not_unreadable_but_nonsense_is():
    texts = pl.Series(["1", "", "N/A", "x", "y"])
    (finding,) = unreadable(texts, parse_numbers(texts), "Volts")
    assert (finding.row_first, finding.row_last, finding.n_rows) == (3, 4, 2)
    assert "Volts" in finding.found


def test_not_a_number_and_infinity_are_no_numbers():
    values = pl.Series([1.0, float("nan"), float("inf"), None])
    assert finite(values).to_list() == [1.0, None, None, None]
