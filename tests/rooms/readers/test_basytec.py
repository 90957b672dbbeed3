from batteryloop.readers import read


def test_hours_decimal_commas_and_latin_1_are_read(dialects, is_the_cell):
    recording = read(dialects / "basytec_comma.txt")
    is_the_cell(recording)
    assert recording.frame["battery_id"][0] == "BT-9"
    assert recording.frame["temperature_degc"].unique().to_list() == [24.5]
    assert [f.rule for f in recording.findings] == ["encoding-guessed"]


def test_the_command_turns_a_current_without_sign(dialects, is_the_cell, tmp_path):
    text = (dialects / "basytec_comma.txt").read_text(encoding="latin-1").replace("\t-0,6", "\t0,6")
    (tmp_path / "x.txt").write_text(text, encoding="latin-1")
    recording = read(tmp_path / "x.txt")
    is_the_cell(recording)
    assert "current-sign" in {f.rule for f in recording.findings}
