import pytest

from batteryloop.readers import read


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("neware_flat.csv", "neware-text"),
        ("neware_old.txt", "neware-text"),
        ("neware_chinese.csv", "neware-text"),
        ("neware_nested.csv", "neware-nested"),
    ],
)
def test_every_export_of_neware_gives_the_same_test(name, form, dialects, is_the_cell):
    recording = read(dialects / name)
    is_the_cell(recording)
    assert recording.source.format == form


def test_step_types_give_unsigned_currents_their_sign(dialects):
    for name in ("neware_old.txt", "neware_nested.csv", "neware_chinese.csv"):
        (finding,) = [f for f in read(dialects / name).findings if f.rule == "current-sign"]
        assert finding.n_rows == 3


def test_chinese_text_is_read_and_the_guess_is_told(dialects):
    (finding,) = [
        f for f in read(dialects / "neware_chinese.csv").findings if f.rule == "encoding-guessed"
    ]
    assert "gb18030" in finding.found


def test_without_total_time_and_time_of_day_the_steps_are_chained(dialects, tmp_path):
    lines = (dialects / "neware_old.txt").read_text().splitlines()
    (tmp_path / "x.txt").write_text("\n".join(line.rpartition("\t")[0] for line in lines))
    recording = read(tmp_path / "x.txt")
    assert recording.source.is_time_relative
    assert "time-chained" in {f.rule for f in recording.findings}
    since_s = recording.frame["time"].dt.epoch("s").to_list()
    assert since_s == [0, 60, 60, 120, 180, 180, 240, 240, 300, 360, 360]
