"""Lakes with a damaged file or list: it is named, and the rest goes on."""

import pytest

from batteryloop.errors import FileDamaged
from batteryloop.storage import open_lake
from batteryloop.usecases.ports import Refusal


def of_rules(compacted):
    return [finding.rule for finding in compacted.findings]


def damaged(lake, battery, how):
    (entry,) = (e for e in lake.files() if battery in e.rows)
    path = lake.root / entry.name
    data = bytearray(path.read_bytes())
    if how == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif how == "flipped":
        data[len(data) // 2] ^= 0xFF
        data[-6] ^= 0xFF
        path.write_bytes(data)
    elif how == "empty":
        path.write_bytes(b"")
    else:
        path.unlink()
    return entry.name


@pytest.mark.parametrize("how", ["cut", "flipped", "empty", "missing"])
def test_a_damaged_file_is_refused_by_name_and_the_rest_goes_on(lake, samples, how):
    for battery in ("A", "B", "C"):
        lake.append(samples(battery, 5))
    name = damaged(lake, "B", how)
    parts = list(open_lake(lake.root, target_rows=5).recordings())
    refused = [part for part in parts if isinstance(part, Refusal)]
    assert [r.error.code for r in refused] == ["file-damaged"]
    # what was lost names itself: by the file's own name, or by the lake's where the foot is gone
    assert refused[0].subject.split("/")[-1] == name.split("/")[-1]
    read = [part.frame["battery_id"][0] for part in parts if not isinstance(part, Refusal)]
    assert read == ["A", "C"]


@pytest.mark.parametrize("how", ["cut", "flipped", "empty", "missing"])
def test_a_compaction_leaves_a_damaged_file_as_it_is_and_says_so(lake, samples, how):
    for battery in ("A", "B"):
        for start_s in (0, 5):
            lake.append(samples(battery, 5, start_s=start_s))
    (entry, *_) = (e for e in lake.files() if "B" in e.rows)
    path = lake.root / entry.name
    path.unlink() if how == "missing" else path.write_bytes(
        {"cut": path.read_bytes()[:99], "empty": b"", "flipped": b"x" + path.read_bytes()[:-1]}[how]
    )
    done = lake.compact()
    assert of_rules(done) == ["file-damaged"]
    assert how == "missing" or path.exists()
    parts = list(lake.recordings())
    assert sum(len(p.frame) for p in parts if not isinstance(p, Refusal)) == 15
    assert [d.subject for d in lake.verify()] == [entry.name]


def test_a_flip_that_parquet_does_not_notice_is_found_by_the_hash(tmp_path, samples):
    lake = open_lake(tmp_path / "lake")
    lake.append(samples("B1", 5))
    (entry,) = lake.files()
    path = lake.root / entry.name
    data = bytearray(path.read_bytes())
    data[40] ^= 0x01
    path.write_bytes(data)
    assert [d.subject for d in lake.verify()] == [entry.name]
    assert of_rules(lake.compact()) == ["file-damaged"]


def test_a_sound_lake_has_nothing_to_verify(lake, samples):
    lake.append(samples())
    assert lake.verify() == []


def test_frames_stops_where_recordings_goes_on(lake, samples):
    lake.append(samples("A"))
    damaged(lake, "A", "empty")
    with pytest.raises(FileDamaged):
        list(lake.frames())


def test_a_broken_list_of_files_is_named(tmp_path, samples):
    lake = open_lake(tmp_path / "lake")
    lake.append(samples())
    (tmp_path / "lake" / "lake.json").write_text("{")
    with pytest.raises(FileDamaged, match="list of a lake's files"):
        lake.files()


def test_a_list_that_would_delete_other_peoples_files_is_not_followed(tmp_path, samples):
    lake = open_lake(tmp_path / "lake")
    lake.append(samples())
    letter = tmp_path / "letter.parquet"
    letter.write_text("dear")
    path = tmp_path / "lake" / "lake.json"
    path.write_text(path.read_text().replace('"covered": []', '"covered": ["../letter.parquet"]'))
    with pytest.raises(FileDamaged, match="list of a lake's files"):
        lake.compact()
    assert letter.exists()


def test_a_broken_note_of_one_append_does_not_hide_the_others(tmp_path, samples):
    lake = open_lake(tmp_path / "lake")
    lake.append(samples("A"))
    lake.append(samples("B"))
    note, _ = sorted((tmp_path / "lake" / "new").glob("*.json"))
    note.write_bytes(note.read_bytes()[:20])
    parts = list(lake.recordings())
    assert [isinstance(part, Refusal) for part in parts] == [True, False]
    assert of_rules(lake.compact()) == ["file-damaged"]
    assert note.exists()


def test_a_broken_delta_log_is_named(tmp_path, samples):
    lake = open_lake(tmp_path / "lake", kind="delta")
    lake.append(samples())
    for path in (tmp_path / "lake" / "_delta_log").glob("*.json"):
        path.write_text("{")
    with pytest.raises(FileDamaged, match="Delta log"):
        lake.files()
