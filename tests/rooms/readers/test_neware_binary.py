"""The Neware reader: the library's frame by hand, archives not to be opened, real files."""

import zipfile

import polars as pl
import pytest

from batteryloop.errors import FileDamaged, NotTimeSeries
from batteryloop.readers import neware_binary, read
from batteryloop.readers.neware_binary import frame_of, recognises_nda, recognises_ndax
from batteryloop.readers.types import Head


def samples(**columns):
    plain = {"total_time_s": [0.0, 9.0], "voltage_V": [3.2, 3.1], "current_mA": [0.0, -500.0]}
    return pl.DataFrame(plain | columns)


def test_milli_becomes_one_and_the_sign_stays():
    frame = frame_of(samples())
    assert frame["current_a"].to_list() == [0.0, -0.5]
    assert frame["elapsed_s"].to_list() == [0.0, 9.0]


def test_capacity_and_energy_are_laid_apart_by_their_sign():
    frame = frame_of(samples(capacity_mAh=[2.0, -1.25], energy_mWh=[6.0, -4.0]))
    assert frame["charge_capacity_ah"].to_list() == [0.002, 0.0]
    assert frame["discharge_capacity_ah"].to_list() == [0.0, 0.00125]
    assert frame["charge_energy_wh"].to_list() == [0.006, 0.0]
    assert frame["discharge_energy_wh"].to_list() == [0.0, 0.004]


def test_one_sensor_speaks_for_the_battery_and_several_give_the_range():
    one = frame_of(samples(aux1_temperature_degC=[20.0, 21.0]))
    assert one["temperature_degc"].to_list() == [20.0, 21.0]
    two = frame_of(samples(aux1_temperature_degC=[20.0, 21.0], aux2_temperature_degC=[25.0, 19.0]))
    assert two["temperature_min_degc"].to_list() == [20.0, 19.0]
    assert two["temperature_max_degc"].to_list() == [25.0, 21.0]


def test_the_temperature_of_a_clamp_is_not_that_of_the_battery():
    frame = frame_of(samples(aux1_clamp_temperature_degC=[20.0, 21.0]))
    assert not [name for name in frame.columns if "temperature" in name]


def test_a_clock_that_was_never_set_is_not_taken_for_the_time():
    assert "time" not in frame_of(samples(unix_time_s=[0.0, 9.0])).columns
    assert "time" in frame_of(samples(unix_time_s=[1.7e9, 1.7e9 + 9])).columns


def test_tenths_of_a_second_are_not_lost_to_a_clock_of_whole_seconds():
    frame = frame_of(samples(total_time_s=[0.0, 0.1], unix_time_s=[1.7e9, 1.7e9]))
    assert frame["time"].diff()[1].total_seconds() == pytest.approx(0.1)


def test_an_archive_without_samples_is_refused_with_what_it_holds(tmp_path):
    path = tmp_path / "a.ndax"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("VersionInfo.xml", "<x/>")
    with pytest.raises(NotTimeSeries, match=r"no part data\.ndc; parts: VersionInfo\.xml"):
        read(path)


def test_an_archive_that_would_fill_the_memory_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(neware_binary, "_LARGEST_BYTES", 1000)
    path = tmp_path / "a.ndax"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.ndc", bytes(2000))
    with pytest.raises(FileDamaged, match="unpacks to"):
        read(path)


def test_an_archive_cut_short_is_damage(tmp_path):
    path = tmp_path / "a.ndax"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.ndc", bytes(2000))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(FileDamaged, match="no whole zip archive"):
        read(path)


def test_a_head_without_a_body_is_damage_in_the_librarys_words(tmp_path):
    path = tmp_path / "a.nda"
    path.write_bytes(b"NEWARE20200325" + bytes(100))
    with pytest.raises(FileDamaged, match="fastnda"):
        read(path)


def test_only_the_content_decides(tmp_path):
    assert recognises_nda(Head(tmp_path / "a.txt", 60, b"NEWARE2020"))
    assert not recognises_ndax(Head(tmp_path / "a.ndax", 60, b"PK\x03\x04xl/workbook.xml"))
    assert recognises_ndax(Head(tmp_path / "a.zip", 60, b"PK\x03\x04data_es.ndc"))


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["new_nda_file.nda", "filetype14-0.ndax"])
def test_a_file_under_another_name_reads_the_same(shared_data, tmp_path, name):
    path = shared_data / "cycler_exports" / name
    again = tmp_path / "samples.bin"
    again.write_bytes(path.read_bytes())
    assert read(again, battery_id="x").frame.equals(read(path, battery_id="x").frame)


@pytest.mark.shared_data
def test_a_barcode_names_the_battery(shared_data):
    recording = read(shared_data / "cycler_exports" / "filetype14-0.ndax")
    assert recording.frame["battery_id"].unique().to_list() == ["commercial_cell_001"]


@pytest.mark.shared_data
def test_samples_are_not_lost_for_a_broken_label(shared_data, tmp_path):
    path = tmp_path / "a.ndax"
    with (
        zipfile.ZipFile(shared_data / "cycler_exports" / "filetype14-0.ndax") as whole,
        zipfile.ZipFile(path, "w") as archive,
    ):
        for part in whole.namelist():
            broken = b"<config><TestIn" if part == "TestInfo.xml" else whole.read(part)
            archive.writestr(part, broken)
    recording = read(path)
    assert len(recording.frame) == 67
    assert "label-unreadable" in {f.rule for f in recording.findings}
