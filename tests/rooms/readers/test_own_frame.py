from datetime import UTC, datetime

import polars as pl

from batteryloop.readers import read
from batteryloop.telemetry.frame import dtype_of


def test_a_frame_written_as_parquet_comes_back_as_it_was(tmp_path):
    frame = pl.DataFrame(
        {
            "battery_id": ["A", "A", "B"],
            "time": [datetime(2024, 1, 1, 0, 0, s, tzinfo=UTC) for s in (0, 1, 0)],
            "current_a": [1.0, -1.0, None],
            "voltage_v": [3.7, 3.6, 3.5],
            "cell_voltages_v": [[3.7, 3.6], [3.5, None], None],
            "cycle_count": [1, 1, 2],
        }
    ).with_columns(pl.col(n).cast(dtype_of(n)) for n in ("time", "cell_voltages_v"))
    frame.write_parquet(tmp_path / "f")
    recording = read(tmp_path / "f")
    assert recording.source.format == "batteryloop-parquet"
    assert recording.frame.equals(frame.select(recording.frame.columns))


def test_what_is_simulated_says_so(tmp_path):
    frame = pl.DataFrame(
        {"elapsed_s": [0.0, 1.0], "current_a": [1.0, 1.0], "voltage_v": [3.7, 3.8]}
    )
    frame.write_parquet(tmp_path / "a", metadata={"batteryloop_is_simulated": "true"})
    frame.write_parquet(tmp_path / "b", metadata={"batteryloop_is_simulated": "false"})
    frame.write_csv(tmp_path / "pack_SIMULATED.csv")
    simulated = [read(tmp_path / n).source.is_simulated for n in ("a", "b", "pack_SIMULATED.csv")]
    assert simulated == [True, False, True]


def test_a_csv_with_a_list_of_cells_is_read(dialects, is_the_cell):
    recording = read(dialects / "own_frame.csv")
    is_the_cell(recording, has_counters=False)
    assert recording.source.format == "batteryloop"
    cells = recording.frame["cell_voltages_v"].cast(pl.List(pl.Float64))[0].round(4).to_list()
    assert cells == [3.59, 3.61]
    assert recording.frame["battery_id"][0] == "PACK-1"


def test_other_columns_are_left_out(tmp_path):
    (tmp_path / "x.csv").write_text(
        "elapsed_s,current_a,voltage_v,mood\n0,1,3.7,good\n1,1,3.8,bad\n"
    )
    assert read(tmp_path / "x.csv").frame.columns == [
        "battery_id",
        "time",
        "current_a",
        "voltage_v",
    ]
