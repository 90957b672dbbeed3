import polars as pl
import pytest

from batteryloop.errors import FileDamaged, FormatUnknown
from batteryloop.readers import read


@pytest.fixture
def data(tmp_path):
    frame = pl.DataFrame({"Time_s": [0.0, 1.0], "Current_A": [1.0, 1.0], "Voltage_V": [3.7, 3.8]})
    frame.write_parquet(tmp_path / "p")
    return (tmp_path / "p").read_bytes()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_parquet_file_cut_short_is_damaged(share, data, tmp_path):
    (tmp_path / "cut").write_bytes(data[: int(share * len(data))])
    with pytest.raises(FileDamaged):
        read(tmp_path / "cut")


def test_unknown_columns_are_named(tmp_path):
    pl.DataFrame({"apples": [1], "pears": [2]}).write_parquet(tmp_path / "p")
    with pytest.raises(FormatUnknown, match="apples, pears"):
        read(tmp_path / "p")


def test_moments_and_spans_of_parquet_are_understood(tmp_path):
    frame = pl.DataFrame(
        {"Timestamp": ["2024-01-01 00:00:00", "2024-01-01 00:00:09"], "I": [1, 2], "U": [3, 4]}
    ).with_columns(pl.col("Timestamp").str.to_datetime())
    frame.write_parquet(tmp_path / "p")
    assert read(tmp_path / "p").frame["time"].dt.epoch("s").diff()[1] == 9
    spans = frame.with_columns(pl.col("Timestamp") - pl.col("Timestamp").first())
    spans.rename({"Timestamp": "Time"}).write_parquet(tmp_path / "q")
    recording = read(tmp_path / "q")
    assert recording.source.is_time_relative
    assert recording.frame["time"].dt.epoch("s").to_list() == [0, 9]
