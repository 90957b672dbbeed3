import hashlib

import pytest

from batteryloop.errors import BatteryloopError, FileDamaged, OptionWrong, OutsideFailed
from batteryloop.readers import FORMATS, read, read_many
from batteryloop.telemetry.types import Recording

ROWS = "elapsed_s,current_a,voltage_v\n0,1,3.7\n1,1,3.8\n"


def test_the_battery_is_named_by_the_caller_else_by_the_file(tmp_path):
    (tmp_path / "BAT-7.csv").write_text(ROWS)
    assert read(tmp_path / "BAT-7.csv").frame["battery_id"].unique().to_list() == ["BAT-7"]
    named = read(tmp_path / "BAT-7.csv", battery_id="X")
    assert named.frame["battery_id"].unique().to_list() == ["X"]


def test_one_name_for_two_batteries_is_refused(tmp_path):
    text = "battery_id,elapsed_s,current_a,voltage_v\nA,0,1,3.7\nB,0,1,3.8\n"
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(OptionWrong, match="2 batteries"):
        read(tmp_path / "x.csv", battery_id="X")


def test_the_source_carries_the_files_sha256(tmp_path):
    (tmp_path / "x.csv").write_text(ROWS)
    assert read(tmp_path / "x.csv").source.sha256 == hashlib.sha256(ROWS.encode()).hexdigest()


def test_a_missing_file_and_a_folder_are_outside_failures(tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(OutsideFailed, match="cannot be read"):
            read(path)


@pytest.mark.parametrize("data", [b"", b"  \n\n", b"\0" * 500])
def test_an_empty_file_is_damaged(data, tmp_path):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(FileDamaged, match="is empty"):
        read(tmp_path / "x")


def test_a_batch_goes_on_after_a_bad_file(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.csv").write_text(ROWS)
    (tmp_path / "b.csv").write_text("")
    (tmp_path / "sub" / "c.csv").write_text(ROWS)
    (tmp_path / ".hidden").write_text(ROWS)
    results = list(read_many([tmp_path, tmp_path / "absent"]))
    kinds = [type(r) if isinstance(r, BatteryloopError) else Recording for r in results]
    assert kinds == [Recording, FileDamaged, Recording, OutsideFailed]


def test_every_format_has_a_name_of_its_own_and_a_title():
    assert len({f.name for f in FORMATS}) == len(FORMATS)
    assert all(f.title for f in FORMATS)
