import pytest

from batteryloop.errors import FileDamaged
from batteryloop.readers import read


def rules(recording):
    return {finding.rule for finding in recording.findings}


def test_state_letters_give_unsigned_currents_their_sign(dialects, is_the_cell):
    recording = read(dialects / "maccor_tab.041")
    is_the_cell(recording)
    assert recording.source.format == "maccor"
    assert "current-sign" in rules(recording)
    assert recording.source.metadata["comment_barcode"] == "CELL-7"
    assert recording.source.metadata["procedure"] == "cycle.000"


def test_signed_currents_with_state_letters_are_left_as_they_are(dialects, is_the_cell, tmp_path):
    text = (dialects / "maccor_tab.041").read_text().replace("\t0.60000000\t", "\t-0.60000000\t")
    (tmp_path / "signed.041").write_text(text)
    recording = read(tmp_path / "signed.041")
    is_the_cell(recording)
    assert "current-sign" not in rules(recording)


def test_milliamperes_day_clocks_and_millivolts_under_volts_are_put_right(dialects, is_the_cell):
    recording = read(dialects / "maccor_milli.txt")
    is_the_cell(recording)
    (finding,) = [f for f in recording.findings if f.rule == "unit-converted"]
    assert "millivolts" in finding.found
    assert recording.frame["charge_energy_wh"].max() == pytest.approx(0.04 * 3.72, abs=1e-4)


def test_without_state_the_voltage_tells_the_direction_and_a_warning_says_so(dialects, is_the_cell):
    recording = read(dialects / "maccor_comma.csv")
    is_the_cell(recording)
    assert {"sign-inferred", "current-sign"} <= rules(recording)
    assert recording.frame["temperature_degc"].unique().to_list() == [24.5]


def test_amp_hours_are_split_by_direction_and_never_fall(dialects):
    frame = read(dialects / "maccor_tab.041").frame
    charge, discharge = frame["charge_capacity_ah"], frame["discharge_capacity_ah"]
    assert charge.is_sorted()
    assert discharge.is_sorted()
    assert charge.to_list()[:5] == pytest.approx([0, 0, 0, 0.02, 0.04])


def test_a_header_without_rows_is_damaged(dialects, tmp_path):
    lines = (dialects / "maccor_tab.041").read_bytes().split(b"\r\n")[:2]
    (tmp_path / "head.041").write_bytes(b"\r\n".join(lines))
    with pytest.raises(FileDamaged, match="no samples"):
        read(tmp_path / "head.041")
