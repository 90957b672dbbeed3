import polars as pl

from batteryloop.readers import read
from batteryloop.readers.battery_data_format import names_are_bdf


def test_machine_names_with_unix_time_are_absolute(dialects, is_the_cell):
    recording = read(dialects / "bdf_machine.csv")
    is_the_cell(recording)
    assert recording.source.format == "bdf"


def test_labels_carry_their_units(dialects, is_the_cell):
    recording = read(dialects / "bdf_labels.csv")
    is_the_cell(recording, began_at=None)
    assert recording.source.format == "bdf"


def test_parquet_reads_as_its_csv(dialects, is_the_cell, tmp_path):
    for name, began in (("bdf_machine", True), ("bdf_labels", False)):
        pl.read_csv(dialects / f"{name}.csv").write_parquet(tmp_path / name)
        recording = read(tmp_path / name)
        assert recording.source.format == "bdf-parquet"
        if began:
            is_the_cell(recording)
        else:
            is_the_cell(recording, began_at=None)


def test_a_table_without_the_three_required_names_is_not_the_format():
    assert not names_are_bdf(("test_time_second", "voltage_volt"))
    assert not names_are_bdf(("Voltage / V", "Current / A", "Time / s"))
