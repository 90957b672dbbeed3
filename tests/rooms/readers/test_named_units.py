import polars as pl
import pytest

from batteryloop.errors import FileDamaged
from batteryloop.readers import read


def test_german_headers_with_semicolons_and_commas_are_read(dialects, is_the_cell):
    recording = read(dialects / "named_german.csv")
    is_the_cell(recording, began_at=None, has_counters=False)
    assert recording.source.format == "named-units"


def test_points_of_a_spectrum_within_a_test_are_left_out_with_a_finding(dialects):
    recording = read(dialects / "named_with_spectrum.csv")
    assert recording.frame.height == 12
    assert recording.frame["voltage_v"].min() > 3.5
    (finding,) = [f for f in recording.findings if f.rule == "impedance-rows"]
    assert finding.n_rows == 2


def test_a_row_of_units_below_the_header_is_used(tmp_path):
    (tmp_path / "x.csv").write_text(
        "Time;Current;Voltage\n[min];[mA];[mV]\n0;500;3700\n1;500;3800\n"
    )
    frame = read(tmp_path / "x.csv").frame
    assert frame["current_a"].to_list() == [0.5, 0.5]
    assert frame["voltage_v"].to_list() == pytest.approx([3.7, 3.8])
    assert frame["time"].dt.epoch("s").to_list() == [0, 60]


def test_a_date_and_a_time_of_day_make_a_moment(tmp_path):
    text = "Date,Time,Current(A),Voltage(V)\n25.03.2024,23:59:50,1,3.7\n26.03.2024,00:00:05,1,3.8\n"
    (tmp_path / "x.csv").write_text(text)
    times = read(tmp_path / "x.csv").frame["time"]
    assert [t.isoformat() for t in times] == [
        "2024-03-25T23:59:50+00:00",
        "2024-03-26T00:00:05+00:00",
    ]


def test_a_date_that_cannot_be_read_leaves_the_elapsed_time(tmp_path):
    text = "Date,Time_s,Current(A),Voltage(V)\nMonday,0,1,3.7\nMonday,10,1,3.8\n"
    (tmp_path / "x.csv").write_text(text)
    recording = read(tmp_path / "x.csv")
    assert recording.source.is_time_relative
    assert "value-unreadable" in {f.rule for f in recording.findings}


def test_of_two_columns_with_one_name_the_first_counts(tmp_path):
    (tmp_path / "x.csv").write_text(
        "Time_s,Current(A),Voltage(V),Voltage(V)\n0,1,3.7,9\n1,1,3.8,9\n"
    )
    assert read(tmp_path / "x.csv").frame["voltage_v"].to_list() == [3.7, 3.8]


def test_rows_with_more_fields_than_names_are_refused(tmp_path):
    (tmp_path / "x.csv").write_text("Time_s,Current_A,Voltage_V\n1,0,1.0,3.7\n2,1,1.0,3.8\n")
    with pytest.raises(FileDamaged, match="4 fields"):
        read(tmp_path / "x.csv")


def test_parquet_with_units_in_its_names_is_read(dialects, is_the_cell, tmp_path):
    rows = pl.read_csv(dialects / "arbin_mits.csv").drop("Date_Time", "Data_Point")
    rows.write_parquet(tmp_path / "p")
    recording = read(tmp_path / "p")
    is_the_cell(recording, began_at=None)
    assert recording.source.format == "named-units-parquet"


def test_cells_in_one_table_stay_apart_and_their_clocks_too(tmp_path):
    text = "cell,Time_s,Current_A,Voltage_V\n" + "".join(
        f"{cell},{t},1,{3.7 + t / 1e4}\n" for cell in ("a", "b") for t in (0, 10, 20, 0, 10)
    )
    (tmp_path / "x.csv").write_text(text)
    recording = read(tmp_path / "x.csv")
    for cell in ("a", "b"):
        since = recording.frame.filter(pl.col("battery_id") == cell)["time"].dt.epoch("s").to_list()
        assert since == [0, 10, 20, 20, 30]
    restarts = [f for f in recording.findings if f.rule == "elapsed-restarts"]
    assert [f.battery_id for f in restarts] == ["a", "b"]
