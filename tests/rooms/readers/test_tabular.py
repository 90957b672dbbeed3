import polars as pl
import pytest

from batteryloop.readers import read
from batteryloop.readers.headers import understand
from batteryloop.readers.tabular import converted, raw_table


def table(**columns):
    frame = pl.DataFrame(columns)
    understood = understand(frame.columns)
    names = {frame.columns[c.index]: c.name for c in understood}
    return converted(frame.select(*names).rename(names), understood)


def test_each_column_is_converted_from_its_own_unit():
    frame = table(**{"Time/h": [0.5], "I/mA": [250.0], "U/mV": [3700.0], "T/K": [300.0]}).frame
    assert frame.select("elapsed_s", "current_a").rows() == [(1800.0, 0.25)]
    assert frame["voltage_v"][0] == pytest.approx(3.7)


def test_elapsed_time_written_as_a_clock_is_seconds():
    assert table(Time=["00:00:30", "00:01:00"]).frame["elapsed_s"].to_list() == [30.0, 60.0]


def test_moments_under_the_header_time_are_the_time():
    frame = table(Time=["2024-03-25 09:30:00"]).frame
    assert frame["time"].dt.epoch("s").to_list() == [1711359000]


def test_seconds_under_the_header_timestamp_are_elapsed_unless_they_are_unix_seconds():
    assert "elapsed_s" in table(Timestamp=[0.0, 1.0]).frame.columns
    assert "time" in table(Timestamp=[1.7e9, 1.7e9 + 1]).frame.columns


def test_a_column_without_any_value_is_left_out():
    assert "current_a" not in table(Time=[0.0], Current=[None]).frame.columns


def test_a_counter_that_counts_down_is_turned_with_a_note():
    given = table(Time=[0.0, 1.0], Current=[-1.0, -1.0], discharge_capacity_ah=[-0.1, -0.2])
    raw = raw_table(given, subject="x")
    assert raw.frame["discharge_capacity_ah"].to_list() == [0.1, 0.2]
    assert [f.rule for f in raw.findings] == ["counter-negative"]


def test_counts_are_whole_numbers():
    given = table(Time=[0.0, 1.0], Cycle=[1.0, None], Step=[2.0, 1e30])
    raw = raw_table(given, subject="x").frame
    assert raw["cycle_count"].to_list() == [1, None]
    assert raw["step_index"].to_list() == [2, None]


def test_day_and_month_that_could_change_places_are_told(tmp_path):
    (tmp_path / "x.csv").write_text("Date Time,Current(A),Voltage(V)\n01/02/2024 00:00:00,1,3.7\n")
    (finding,) = read(tmp_path / "x.csv").findings
    assert finding.rule == "date-order-guessed"
    assert "02 January 2024" in finding.found
