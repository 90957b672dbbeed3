import hashlib
import itertools

import polars as pl
import pytest

from batteryloop.errors import NotKnown
from batteryloop.samples import SAMPLES, sample, sample_metadata, sample_paths
from batteryloop.telemetry.frame import as_frame


def test_every_file_has_the_hash_that_its_metadata_states():
    folder = sample_paths("leaf_cell_2013")[0].parent
    entries = sample_metadata()["files"]
    assert {e["file"] for e in entries} == {
        path.name for path in folder.iterdir() if path.suffix in {".parquet", ".csv"}
    }
    for entry in entries:
        content = (folder / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["file"]


def test_metadata_names_origin_doi_and_licence():
    metadata = sample_metadata()
    assert metadata["doi"] == "10.5281/zenodo.2580327"
    assert metadata["license"] == "MIT"
    assert "Wiggins" in metadata["origin"]
    assert metadata["is_simulated"] is False


def test_all_samples_together_stay_below_half_a_megabyte():
    folder = sample_paths("leaf_cell_2013")[0].parent
    assert sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) < 500_000


@pytest.mark.parametrize("name", [name for name in SAMPLES if "ocv" not in name])
def test_each_test_is_a_telemetry_frame_of_one_battery_in_order_of_time(name):
    raw = sample(name)
    frame = as_frame(raw, subject=name)
    assert frame.height == raw.height
    assert frame.get_column("battery_id").unique().to_list() == ["ORNL-LEAF-2013"]
    assert frame.get_column("time").is_sorted()


def test_tests_do_not_overlap_in_time():
    spans = [
        (path.stem, pl.read_parquet(path, columns=["time"]).get_column("time"))
        for path in sample_paths("leaf_cell_2013")
    ]
    for (_, earlier), (name, later) in itertools.pairwise(spans):
        assert earlier[-1] < later[0], name


def test_counters_never_fall_and_agree_with_current_over_time():
    for path in sample_paths("leaf_cell_2013"):
        frame = pl.read_parquet(path)
        seconds = pl.col("time").diff().dt.total_microseconds() / 1e6
        moved = (
            frame.select((pl.col("current_a") * seconds / 3600).clip(upper_bound=0).sum() * -1)
        ).item()
        counted = frame.get_column("discharge_capacity_ah")
        assert (counted.diff().drop_nulls() >= 0).all()
        assert counted[-1] == pytest.approx(moved, rel=0.005)


def test_one_c_discharge_gives_what_the_tester_counted():
    frame = sample("leaf_cell_2013_discharge_1c").filter(pl.col("cycle_count") == 2)
    counted = frame.get_column("discharge_capacity_ah")
    assert counted[-1] - counted[0] + 0.01 == pytest.approx(30.33, abs=0.011)


def test_open_circuit_table_rises_from_empty_to_full():
    ocv = sample("leaf_cell_2013_ocv_25degc")
    assert ocv.item(0, "soc_frac") == 0.0
    assert ocv.item(-1, "soc_frac") == 1.0
    assert ocv.get_column("voltage_v").is_sorted()


def test_wrong_name_is_answered_with_the_nearest():
    with pytest.raises(NotKnown, match="leaf_cell_2013_discharge_1c"):
        sample("leaf_cell_2013_discharge_1")
