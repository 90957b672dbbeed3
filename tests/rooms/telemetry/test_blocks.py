import numpy as np
import polars as pl
import pytest

from batteryloop.errors import InputWrong
from batteryloop.telemetry.blocks import blocks, measured

CURRENT = {"current_a": pl.col("current_a"), "soc_frac": None}


@pytest.fixture
def fleet(frame_of):
    def make(names, n=5):
        return pl.concat(
            [frame_of([float(k)] * n, battery_id=name) for k, name in enumerate(names)]
        )

    return make


@pytest.mark.parametrize("length", [1, 12, 13, 40])
def test_each_battery_comes_once_with_its_first_row(fleet, length):
    names = [f"{'x' * (length - 1)}{k}" for k in range(7)]
    found = list(blocks(fleet(names), CURRENT))
    assert [b.battery_id for b in found] == names
    assert [b.row_first for b in found] == [0, 5, 10, 15, 20, 25, 30]
    assert [len(b) for b in found] == [5] * 7
    assert all(b.columns["soc_frac"].size == 0 for b in found)


def test_more_batteries_than_views_are_compared_one_by_one(frame_of):
    names = [f"a-name-longer-than-twelve-{k:05d}" for k in range(1500)]
    raw = frame_of([1.0] * 3000).with_columns(battery_id=pl.Series(names).repeat_by(2).explode())
    assert [b.battery_id for b in blocks(raw, CURRENT)] == names


def test_a_battery_split_over_files_and_batches_is_whole(fleet, tmp_path):
    frame = fleet([f"B{k}" for k in range(5)], n=1000)
    for number, part in enumerate(frame.iter_slices(1300)):
        part.write_parquet(tmp_path / f"{number}.parquet", row_group_size=333)
    for block in blocks(pl.scan_parquet(tmp_path / "*.parquet"), CURRENT):
        assert len(block) == 1000
        assert (block.columns["current_a"] == float(block.battery_id[1:])).all()


def test_chunks_of_a_frame_in_memory_are_joined(fleet):
    frame = fleet(["A", "B"], n=6)
    chunked = pl.concat([frame[:4], frame[4:9], frame[9:]], rechunk=False)
    assert [(b.battery_id, len(b)) for b in blocks(chunked, CURRENT)] == [("A", 6), ("B", 6)]


def test_rows_that_are_not_together_are_refused(fleet):
    with pytest.raises(InputWrong, match="battery A"):
        list(blocks(pl.concat([fleet(["A", "B"]), fleet(["A"])]), CURRENT))


def test_an_empty_frame_has_no_blocks(fleet):
    assert list(blocks(fleet(["A"]).clear(), CURRENT)) == []


def test_a_block_without_holes_is_handed_on_as_it_is(fleet):
    (block,) = blocks(fleet(["A"]), CURRENT)
    assert measured(block, "soc_frac") is block


def test_holes_are_bridged_and_rows_without_current_left_out(frame_of):
    frame = frame_of([1.0, None, 3.0, 4.0], voltage_v=[None, 3.6, None, 3.8])
    columns = {"current_a": pl.col("current_a"), "voltage_v": pl.col("voltage_v")}
    (block,) = blocks(frame, columns)
    whole = measured(block, "voltage_v")
    assert whole.columns["current_a"].tolist() == [1.0, 3.0, 4.0]
    assert whole.rows.tolist() == [0, 2, 3]
    # the row left out had the voltage that the next one lacks
    assert whole.columns["voltage_v"].tolist() == [3.6, 3.6, 3.8]
    assert np.isnan(block.columns["voltage_v"][0])


def test_a_moment_that_is_not_known_is_that_of_the_row_before(frame_of):
    frame = frame_of([1.0, 2.0, 3.0])
    first, _, last = frame["time"].to_list()
    missing = frame.with_columns(time=pl.Series([first, None, last], dtype=frame.schema["time"]))
    (block,) = blocks(missing, CURRENT)
    assert (np.diff(block.time_us) / 1e6).tolist() == [0.0, 120.0]
    nowhere = frame.with_columns(time=pl.lit(None, frame.schema["time"]))
    (block,) = blocks(nowhere, CURRENT)
    assert block.time_us.tolist() == [0, 0, 0]
