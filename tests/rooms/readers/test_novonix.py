import pytest

from batteryloop.errors import FileDamaged
from batteryloop.readers import read


def test_samples_under_data_are_read_and_the_cell_is_named(dialects, is_the_cell):
    recording = read(dialects / "novonix.csv")
    is_the_cell(recording, has_counters=False)
    assert recording.frame["battery_id"][0] == "NX-5"
    assert recording.source.metadata["rated_capacity_ah"] == "1"


def test_a_summary_without_data_is_damaged(dialects, tmp_path):
    head, _, _ = (dialects / "novonix.csv").read_text().partition("[Data]")
    (tmp_path / "n.csv").write_text(head)
    with pytest.raises(FileDamaged, match="no samples"):
        read(tmp_path / "n.csv")
