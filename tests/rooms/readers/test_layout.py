from pathlib import Path

from batteryloop.readers.layout import find_layout, split_line
from batteryloop.readers.types import Head


def layout(text, dialect=""):
    data = text.encode()
    return find_layout(Head(Path("x"), len(data), data), dialect)


def test_the_header_is_the_line_that_says_most():
    found = layout("Test,187\nStart Time:,now\nTime_s,Current_A,Voltage_V\n0,1,3.7\n")
    assert (found.separator, found.first_row, found.labels[1]) == (",", 3, "Current_A")
    assert found.is_time_series


def test_a_decimal_comma_is_seen_in_the_rows():
    assert layout("Time_s;Current_A;Voltage_V\n0,5;1,0;3,7\n").is_decimal_comma
    assert not layout("Time_s;Current_A;Voltage_V\n0.5;1.0;3.7\n").is_decimal_comma
    assert not layout("Time_s,Current_A,Voltage_V\n0,1,3\n").is_decimal_comma


def test_a_trailing_separator_is_no_further_column():
    found = layout("Time_s\tCurrent_A\tVoltage_V\n0\t1\t3.7\t\n")
    assert (found.n_fields, found.n_said) == (4, 3)


def test_without_a_header_there_is_no_layout():
    assert layout("0.1,0.2,0.3\n0.4,0.5,0.6\n") is None
    assert layout("") is None


def test_time_and_voltage_without_current_are_no_time_series():
    assert not layout("Time_s,Voltage_V\n0,3.7\n").is_time_series


def test_a_quoted_separator_does_not_part():
    assert split_line('"a,b",c,""', ",") == ("a,b", "c", "")
