"""The BioLogic reader, against files written here byte by byte."""

import struct
from datetime import UTC, datetime

import numpy as np
import pytest

from batteryloop.errors import FileDamaged, FormatUnknown, NotTimeSeries
from batteryloop.readers import read
from batteryloop.readers.biologic_mpr import recognises
from batteryloop.readers.biologic_records import COLUMNS
from batteryloop.readers.types import Head

SAMPLES = {4: [0.0, 10.0, 20.0], 6: [3.0, 3.1, 3.2], 8: [0.0, 500.0, -250.0]}


@pytest.fixture
def written(tmp_path, mpr):
    def write(columns, **options):
        path = tmp_path / "cell.bin"
        path.write_bytes(bytes(mpr(columns, **options)))
        return path

    return write


@pytest.mark.parametrize("version", [0, 2, 3, 11])
def test_time_voltage_and_current_come_out_in_the_frames_units(written, version):
    recording = read(written(SAMPLES, version=version))
    assert recording.source.format == "biologic-mpr"
    assert recording.frame["current_a"].to_list() == [0.0, 0.5, -0.25]
    assert recording.frame["voltage_v"].to_list() == pytest.approx([3.0, 3.1, 3.2])
    # 45000 days after 30 December 1899 is 15 March 2023
    assert recording.frame["time"][1] == datetime(2023, 3, 15, 12, 0, 10, tzinfo=UTC)


def test_the_start_is_found_where_the_path_of_the_file_has_moved(written, mpr, monkeypatch):
    monkeypatch.setattr(
        mpr, "log", lambda self: bytes(700) + struct.pack("<d", 45000.0) + b"\x04C:\\a"
    )
    assert read(written(SAMPLES)).frame["time"][0] == datetime(2023, 3, 15, tzinfo=UTC)


def test_without_a_log_time_is_relative_and_says_so(written):
    recording = read(written(SAMPLES, started_days=None))
    assert recording.source.is_time_relative
    assert recording.frame["time"][2] == datetime(1970, 1, 1, 0, 0, 20, tzinfo=UTC)


def test_a_start_that_no_calendar_has_is_not_taken(written):
    assert read(written(SAMPLES, started_days=1e300)).source.is_time_relative


def test_voltage_is_between_the_electrodes_where_a_reference_stands_between_them(written):
    recording = read(written(SAMPLES | {9: [0.25, 0.25, 0.5]}))
    assert recording.frame["voltage_v"].to_list() == pytest.approx([2.75, 2.85, 2.7])


def test_current_comes_from_the_charge_that_passed_where_none_was_recorded(written):
    # 5 mAh in 10 s are 1.8 A; mode 3 is rest
    columns = {
        1: [3, 1, 1, 3],
        4: [0.0, 10.0, 20.0, 30.0],
        6: [3.0, 3.1, 3.2, 3.1],
        7: [0.0, 5.0, -2.5, 0.01],
    }
    recording = read(written(columns))
    assert recording.frame["current_a"].to_list() == pytest.approx([0.0, 1.8, -0.9, 0.0])
    assert "current-derived" in {f.rule for f in recording.findings}


def test_charge_and_discharge_are_counted_apart_and_never_fall(written):
    frame = read(written(SAMPLES | {7: [0.0, 4.0, -3.0]})).frame
    assert frame["charge_capacity_ah"].to_list() == pytest.approx([0.0, 0.004, 0.004])
    assert frame["discharge_capacity_ah"].to_list() == pytest.approx([0.0, 0.0, 0.003])


def test_charge_is_counted_from_the_total_where_the_steps_are_not_kept(written):
    frame = read(written(SAMPLES | {13: [7.0, 11.0, 8.0]})).frame
    assert frame["charge_capacity_ah"].to_list() == pytest.approx([0.0, 0.004, 0.004])
    assert frame["discharge_capacity_ah"].to_list() == pytest.approx([0.0, 0.0, 0.003])


def test_two_half_cycles_are_a_cycle(written):
    frame = read(written(SAMPLES | {468: [0, 1, 2]})).frame
    assert frame["cycle_count"].to_list() == [0, 0, 1]


def test_one_unknown_column_is_stepped_over_and_named(written):
    columns = {4: SAMPLES[4], 999: [1, 2, 3], 6: SAMPLES[6], 8: SAMPLES[8]}
    recording = read(written(columns, widths={999: "<u8"}))
    assert recording.frame["current_a"].to_list() == [0.0, 0.5, -0.25]
    (finding,) = (f for f in recording.findings if f.rule == "columns-unknown")
    assert "999" in finding.found


def test_columns_before_several_unknown_ones_are_still_read(written):
    columns = SAMPLES | {998: [1, 1, 1], 999: [1, 1, 1]}
    recording = read(written(columns, widths={998: "<f4", 999: "<u2"}))
    assert len(recording.frame) == 3


def test_columns_behind_several_unknown_ones_are_not_guessed(written):
    columns = {998: [1, 1, 1], 999: [1, 1, 1]} | SAMPLES
    with pytest.raises(NotTimeSeries, match="no time, voltage and current"):
        read(written(columns, widths={998: "<f4", 999: "<u2"}))


def test_a_spectrum_without_time_is_refused_with_the_reason(written):
    with pytest.raises(NotTimeSeries, match="freq/Hz"):
        read(written({32: [1000.0, 100.0]}))


def test_points_of_a_spectrum_among_the_samples_are_noted(written):
    recording = read(written(SAMPLES | {32: [0.0, 1000.0, 100.0]}))
    (finding,) = (f for f in recording.findings if f.rule == "impedance-rows")
    assert finding.n_rows == 2


def test_a_count_that_the_bytes_do_not_hold_is_damage(written):
    with pytest.raises(FileDamaged, match="cannot hold 4,000,000,000 records"):
        read(written(SAMPLES, n_rows=4_000_000_000))


def test_a_count_that_would_make_the_records_wider_is_damage(written):
    with pytest.raises(FileDamaged, match="48 bytes wide, its columns take 16"):
        read(written(SAMPLES, n_rows=1))


def test_a_file_without_samples_is_damage(written):
    with pytest.raises(FileDamaged, match="holds no samples"):
        read(written({4: [], 6: [], 8: []}))


def test_a_version_that_is_not_known_says_which_are(written):
    with pytest.raises(FormatUnknown, match=r"version 7.*versions 0, 2, 3, 11"):
        read(written(SAMPLES, version=7))


@pytest.mark.parametrize("kept", [30, 60, 100, 300, 560])
def test_a_file_cut_short_is_named_as_such(written, kept):
    path = written(SAMPLES)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises((FileDamaged, NotTimeSeries)):
        read(path)


def test_only_the_content_decides(tmp_path):
    assert recognises(Head(tmp_path / "a.txt", 60, b"BIO-LOGIC MODULAR FILE\x1a   "))
    assert not recognises(Head(tmp_path / "a.mpr", 60, b"EC-Lab ASCII FILE"))


def test_every_row_of_the_column_table_can_be_used():
    assert len(COLUMNS) > 80
    masks = [c.mask for c in COLUMNS.values() if c.dtype == "bits"]
    assert sum(masks) == np.bitwise_or.reduce(masks), "two columns share a bit"
    for column in COLUMNS.values():
        assert column.dtype == "bits" or np.dtype(column.dtype).itemsize in {1, 2, 4, 8}
        assert (column.dtype == "bits") == (column.mask > 0)
