from datetime import datetime, timedelta

import openpyxl
import pytest

from batteryloop.errors import FileDamaged, NotTimeSeries
from batteryloop.readers import read

HEADER = [
    "Data_Point",
    "Test_Time(s)",
    "Date_Time",
    "Step_Time(s)",
    "Step_Index",
    "Cycle_Index",
    "Current(A)",
    "Voltage(V)",
    "Charge_Capacity(Ah)",
    "Discharge_Capacity(Ah)",
]


def row(i):
    at = datetime.fromisoformat("2024-03-25T09:30:00") + timedelta(seconds=10 * i)
    return [i + 1, 10.0 * i, at, 10.0 * i, 1, 1, 1.0, 3.7 + i / 100, i / 360, 0.0]


def save(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for values in rows:
            sheet.append(values)
    book.save(path)
    return path


def test_a_channel_that_goes_on_in_a_second_sheet_is_put_together(tmp_path):
    path = save(
        tmp_path / "a.xlsx",
        {
            "Info": [["TEST REPORT"], ["Start", "2024-03-25"]],
            "Channel_1-008_1": [HEADER, *(row(i) for i in range(5))],
            "Channel_1-008_2": [HEADER, *(row(i) for i in range(5, 8))],
            "Statistics_1-008": [["Cycle_Index", "Charge_Capacity(Ah)"], [1, 1.0]],
        },
    )
    recording = read(path)
    frame = recording.frame
    assert recording.source.format == "workbook"
    assert frame.height == 8
    assert frame["battery_id"].unique().to_list() == ["a"]
    assert frame["time"][-1].isoformat() == "2024-03-25T09:31:10+00:00"
    assert frame["charge_capacity_ah"][-1] == pytest.approx(7 / 360)


def test_two_channels_are_two_batteries(tmp_path):
    rows = [HEADER, *(row(i) for i in range(3))]
    path = save(tmp_path / "a.xlsx", {"Channel_1-001": rows, "Channel_2-002": rows})
    ids = read(path).frame["battery_id"]
    assert ids.unique().sort().to_list() == ["Channel_1-001", "Channel_2-002"]


def test_newares_record_sheet_takes_its_sign_from_the_step_type(tmp_path):
    head = ["DataPoint", "Cycle Index", "Step Index", "Step Type", "Time", "Total Time"]
    head += ["Current(mA)", "Voltage(V)", "Date"]
    rows = [
        [1, 1, 1, "CC Chg", "00:00:00", "00:00:00", 500, 3.7, "2024-03-25 09:30:00"],
        [2, 1, 2, "CC DChg", "00:00:00", "00:00:10", 500, 3.6, "2024-03-25 09:30:10"],
    ]
    frame = read(save(tmp_path / "n.xlsx", {"record": [head, *rows]})).frame
    assert frame["current_a"].to_list() == [0.5, -0.5]


def test_a_workbook_without_samples_is_no_time_series(tmp_path):
    path = save(tmp_path / "s.xlsx", {"summary": [["Cycle", "Capacity"], [1, 1.0], [2, 0.9]]})
    with pytest.raises(NotTimeSeries, match="summary"):
        read(path)


def test_a_broken_workbook_is_damaged(tmp_path):
    path = save(tmp_path / "s.xlsx", {"Channel_1-001": [HEADER, row(0)]})
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(FileDamaged):
        read(path)
