"""The Arbin `.res` reader: its table by hand, and a real file."""

import struct
from datetime import datetime

import polars as pl
import pytest

from batteryloop.errors import FileDamaged, FormatUnknown
from batteryloop.readers import read
from batteryloop.readers.access_tables import rows_of
from batteryloop.readers.arbin_res import battery_ids, frame_of, recognises, temperatures
from batteryloop.readers.types import Head

DAY_S = 86_400.0


def samples(**columns):
    n = len(next(iter(columns.values())))
    plain = {"Test_ID": [1] * n, "Data_Point": list(range(1, n + 1)), "Current": [0.5] * n}
    plain |= {"Voltage": [3.7] * n, "Test_Time": [10.0 * i for i in range(n)]}
    return pl.DataFrame(plain | columns)


def global_table(*rows):
    schema = {"Test_ID": pl.Int32, "Channel_Index": pl.Int32}
    schema |= {"Test_Name": pl.String, "Item_ID": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def page(*rows, flags=None):
    """Write a data page of an Access 2000 file: rows from its end, their places at its head."""
    flags = flags or [0] * len(rows)
    body, places, end = bytearray(4096), [], 4096
    for row, flag in zip(rows, flags, strict=True):
        end -= len(row)
        body[end : end + len(row)] = row
        places.append(end | flag)
    body[:2] = b"\x01\x01"
    struct.pack_into(f"<H{len(places)}H", body, 12, len(places), *places)
    return bytes(body)


def test_rows_are_found_from_the_end_of_each_page():
    rows = rows_of([page(b"first", b"second"), page(b"third")])
    found = [rows.data[b:e].tobytes() for b, e in zip(rows.begin, rows.end, strict=True)]
    assert found == [b"first", b"second", b"third"]


def test_deleted_and_moved_rows_are_left_out_and_the_next_is_not_lengthened():
    rows = rows_of([page(b"gone", b"moved", b"here", flags=[0x8000, 0x4000, 0])])
    found = [rows.data[b:e].tobytes() for b, e in zip(rows.begin, rows.end, strict=True)]
    assert found == [b"here"]


def test_a_count_of_rows_that_no_page_can_hold_reads_no_further_than_the_page():
    broken = bytearray(page(b"first"))
    broken[12:14] = b"\xff\xff"
    assert len(rows_of([bytes(broken)]).begin) <= 2041


def test_no_pages_have_no_rows():
    assert len(rows_of([]).begin) == 0


def test_time_joins_the_computers_clock_and_the_testers_seconds():
    # 42587.5 days after 30 December 1899 is noon of 5 August 2016
    clock = [42587.5, 42587.5 + 10 / DAY_S, 42587.5 + 20 / DAY_S]
    frame, _ = frame_of(
        samples(DateTime=clock, Test_Time=[0.25, 10.5, 20.25]), None, global_table((1, 3, "t", ""))
    )
    first, second, _ = frame["time"]
    assert abs((first - datetime(2016, 8, 5, 12, tzinfo=first.tzinfo)).total_seconds()) < 1
    assert (second - first).total_seconds() == pytest.approx(10.25)


def test_a_file_without_a_clock_keeps_the_testers_seconds():
    frame, _ = frame_of(samples(Test_Time=[0.0, 5.0]), None, global_table((1, 3, "t", "")))
    assert "time" not in frame.columns
    assert frame["elapsed_s"].to_list() == [0.0, 5.0]


def test_samples_come_in_the_order_of_their_points():
    frame, _ = frame_of(
        samples(Data_Point=[3, 1, 2], Voltage=[3.3, 3.1, 3.2]), None, global_table()
    )
    assert frame["voltage_v"].to_list() == [3.1, 3.2, 3.3]


def test_tests_of_several_items_become_several_batteries():
    frame, _ = frame_of(
        samples(Test_ID=[1, 1, 2]), None, global_table((1, 3, "a", "CELL-1"), (2, 4, "b", "CELL-2"))
    )
    assert frame["battery_id"].to_list() == ["CELL-1", "CELL-1", "CELL-2"]


def test_tests_of_one_item_are_one_battery():
    ids = battery_ids(global_table((1, 3, "a", "CELL-1"), (2, 3, "b", "CELL-1")))
    assert ids["battery_id"].to_list() == ["CELL-1", "CELL-1"]


def test_one_name_on_two_channels_is_two_batteries():
    ids = battery_ids(global_table((1, 3, "ageing", ""), (2, 4, "ageing", "")))
    assert ids["battery_id"].to_list() == ["ageing-channel-3", "ageing-channel-4"]


def test_a_test_that_no_table_names_is_called_by_its_number():
    frame, _ = frame_of(samples(Test_ID=[1, 1, 7]), None, global_table((1, 3, "a", "CELL-1")))
    assert frame["battery_id"].to_list() == ["CELL-1", "CELL-1", "test-7"]


AUXILIARY = {"Test_ID": pl.Int32, "Data_Point": pl.Int32, "Auxiliary_Index": pl.Int16}
AUXILIARY |= {"Data_Type": pl.Int16, "X": pl.Float32}


def auxiliary(*rows):
    return pl.DataFrame(rows, schema=AUXILIARY, orient="row")


def test_one_temperature_sensor_speaks_for_the_battery():
    warm = temperatures(auxiliary((1, 1, 0, 1, 25.5), (1, 2, 0, 1, 26.0), (1, 1, 0, 0, 3.7)))
    assert warm["temperature_degc"].to_list() == [25.5, 26.0]


def test_of_several_sensors_the_lowest_and_the_highest_are_kept():
    warm = temperatures(auxiliary((1, 1, 0, 1, 25.5), (1, 1, 1, 1, 31.0), (1, 1, 2, 1, 28.0)))
    assert warm.row(0) == (1, 1, 25.5, 31.0)


def test_a_sample_without_a_temperature_is_kept():
    sensors = auxiliary((1, 2, 0, 1, 25.5))
    frame, _ = frame_of(samples(Test_Time=[0.0, 1.0, 2.0]), sensors, global_table((1, 3, "t", "")))
    assert frame["temperature_degc"].to_list() == [None, 25.5, None]


def test_only_the_content_decides(tmp_path):
    start = b"\0\1\0\0Standard Jet DB\0\1"
    assert recognises(Head(tmp_path / "a.txt", 60, start))
    assert not recognises(Head(tmp_path / "a.res", 60, b"\0\1\0\0Standard"))


def test_an_access_file_of_a_head_only_is_damage(tmp_path, capfd):
    path = tmp_path / "a.res"
    path.write_bytes(b"\0\1\0\0Standard Jet DB\0\1\0\0\0" + bytes(5000))
    with pytest.raises(FileDamaged, match="access_parser"):
        read(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.shared_data
def test_a_real_file_is_read_without_a_word_on_the_screen(shared_data, capfd, caplog):
    path = shared_data / "cycler_exports" / "20160805_test001_45_cc_01.res"
    recording = read(path)
    assert capfd.readouterr() == ("", "")
    assert recording.source.format == "arbin-res"
    assert recording.source.metadata["channel"] == "3"
    assert len(recording.frame) == 10_261
    assert not {"rows-missing", "file-untidy"} & {f.rule for f in recording.findings}


@pytest.mark.shared_data
def test_an_access_file_cut_in_half_says_what_is_missing(shared_data, tmp_path):
    whole = (shared_data / "cycler_exports" / "20160805_test001_45_cc_01.res").read_bytes()
    path = tmp_path / "half.res"
    path.write_bytes(whole[: len(whole) // 2])
    try:
        found = {f.rule for f in read(path).findings}
    except (FileDamaged, FormatUnknown):
        return
    assert "rows-missing" in found
