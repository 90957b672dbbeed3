import pytest

from batteryloop.readers import read

HEAD = "Time_s,Current_A,Voltage_V,Cycle\n"
ROWS = ["0,1.0,3.70,1", "10,1.0,3.71,1", "20,1.0,3.72,1", "30,1.0,3.73,1"]


def write(tmp_path, *rows, head=HEAD, end="\n"):
    (tmp_path / "x.csv").write_bytes((head + "\n".join(rows)).replace("\n", end).encode())
    return read(tmp_path / "x.csv")


def rules(recording):
    return {f.rule: f for f in recording.findings}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_line_is_one(end, tmp_path):
    assert write(tmp_path, *ROWS, end=end).frame.height == 4


def test_a_clean_text_has_no_findings(tmp_path):
    assert write(tmp_path, *ROWS).findings == ()


def test_a_value_that_is_no_number_is_null_and_told_with_its_row(tmp_path):
    recording = write(tmp_path, *ROWS[:2], "20,1.0,3.7x,1", ROWS[3])
    assert recording.frame["voltage_v"].to_list() == [3.70, 3.71, None, 3.73]
    finding = rules(recording)["value-unreadable"]
    assert (finding.row_first, finding.row_last, finding.battery_id) == (2, 2, "x")
    assert "'3.7x'" in finding.found


def test_a_row_without_a_time_is_left_out_and_told(tmp_path):
    recording = write(tmp_path, ROWS[0], "?,1.0,3.71,1", *ROWS[2:])
    assert recording.frame.height == 3
    assert rules(recording)["time-unreadable"].n_rows == 1


def test_a_line_cut_short_is_told(tmp_path):
    recording = write(tmp_path, *ROWS[:3], "30,1.0")
    assert recording.frame["voltage_v"].to_list()[-1] is None
    assert rules(recording)["line-cut"].row_first == 3


def test_a_line_with_too_many_fields_is_not_trusted(tmp_path):
    recording = write(tmp_path, *ROWS[:3], "30,1,0,3,73,1")
    assert recording.frame.height == 3
    assert rules(recording)["line-too-long"].n_rows == 1


def test_blank_lines_are_passed_over(tmp_path):
    recording = write(tmp_path, ROWS[0], "", ",,,", *ROWS[1:], "")
    assert recording.frame.height == 4
    assert recording.findings == ()


def test_quoted_fields_are_read(tmp_path):
    quoted = [",".join(f'"{field}"' for field in row.split(",")) for row in ROWS]
    recording = write(tmp_path, *quoted)
    assert recording.frame["voltage_v"].to_list() == [3.70, 3.71, 3.72, 3.73]


def test_a_quote_that_never_closes_swallows_nothing(tmp_path):
    recording = write(tmp_path, ROWS[0], '10,"1.0,3.71,1', *ROWS[2:])
    assert recording.frame["voltage_v"].to_list() == [3.70, 3.71, 3.72, 3.73]


def test_values_and_findings_follow_the_rows_when_time_is_sorted(tmp_path):
    recording = write(tmp_path, ROWS[3], "20,1.0,bad,1", ROWS[1], ROWS[0])
    assert recording.frame["voltage_v"].to_list() == [3.70, 3.71, None, 3.73]
    finding = rules(recording)["value-unreadable"]
    assert (finding.row_first, finding.row_last) == (2, 2)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "latin-1", "utf-8-sig"])
def test_other_encodings_are_read_and_told(encoding, tmp_path):
    text = HEAD.replace("Cycle", "T (°C)") + "\n".join(ROWS)
    (tmp_path / "x.csv").write_bytes(text.encode(encoding))
    recording = read(tmp_path / "x.csv")
    assert recording.frame["temperature_degc"].to_list() == [1.0] * 4
    assert ("encoding-guessed" in rules(recording)) == (encoding != "utf-8-sig")
