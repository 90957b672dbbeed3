import pytest

from batteryloop.readers import read


@pytest.mark.parametrize("name", ["arbin_mits.csv", "arbin_plain.csv"])
def test_every_header_of_arbin_gives_the_same_test(name, dialects, is_the_cell):
    recording = read(dialects / name)
    is_the_cell(recording)
    assert recording.source.format == "arbin-text"
    assert recording.frame["internal_resistance_ohm"].unique().to_list() == [0.021]


def test_the_name_and_its_ending_do_not_matter(dialects, is_the_cell, tmp_path):
    (tmp_path / "readme.jpg").write_bytes((dialects / "arbin_mits.csv").read_bytes())
    recording = read(tmp_path / "readme.jpg")
    is_the_cell(recording)
    assert recording.frame["battery_id"][0] == "readme"


def test_unix_seconds_are_absolute_and_say_so(dialects):
    source = read(dialects / "arbin_plain.csv").source
    assert source.metadata["time_zone"] == "as written"
    assert "read as UTC" in read(dialects / "arbin_mits.csv").source.metadata["time_zone"]
