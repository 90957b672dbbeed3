import polars as pl
import pytest

from batteryloop.errors import ColumnMissing, InputWrong
from batteryloop.telemetry.frame import (
    COLUMNS,
    as_frame,
    dtype_of,
    highest_temperature,
    mean_temperature,
    pack_voltage,
)


def raw(**columns):
    time = pl.Series([3, 1, 2], dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))
    return pl.DataFrame({"battery_id": "A", "time": time, "current_a": [3.0, 1.0, 2.0], **columns})


def test_rows_are_sorted_and_columns_known_typed_and_in_order():
    frame = as_frame(raw(voltage_v=[3, 4, 4], cycle_count=[1.0, 1.0, 1.0], odd="x"), subject="f")
    assert frame["current_a"].to_list() == [1.0, 2.0, 3.0]
    assert frame.columns == [name for name in COLUMNS if name in frame.columns]
    assert "odd" not in frame.columns
    assert all(frame.schema[name] == dtype_of(name) for name in frame.columns)


def test_rows_of_one_moment_keep_their_order():
    time = pl.Series([1, 1, 0], dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))
    frame = as_frame(raw(voltage_v=3.7).with_columns(time=time), subject="f")
    assert frame["current_a"].to_list() == [2.0, 3.0, 1.0]


def test_what_is_missing_or_of_no_number_is_named():
    with pytest.raises(ColumnMissing, match="no column for current_a"):
        as_frame(raw(voltage_v=3.7).drop("current_a"), subject="f")
    with pytest.raises(ColumnMissing, match="no voltage column"):
        as_frame(raw(), subject="f")
    with pytest.raises(InputWrong, match="cannot take its type"):
        as_frame(raw(voltage_v="high"), subject="f")


@pytest.mark.parametrize(
    ("columns", "expected_v"),
    [
        ({"voltage_v": 350.0, "cell_voltage_mean_v": 3.0}, 350.0),
        ({"cell_voltage_mean_v": 3.5}, 336.0),
        ({"cell_voltage_min_v": 3.4, "cell_voltage_max_v": 3.6}, 336.0),
        ({"cell_voltage_max_v": 3.6}, 345.6),
        ({"cell_voltage_min_v": 3.4}, 326.4),
        ({"cell_voltages_v": [[3.25, 3.75]] * 3}, 336.0),
    ],
)
def test_the_packs_voltage_comes_from_whatever_is_there(columns, expected_v):
    frame = as_frame(raw(**columns), subject="f")
    assert frame.select(pack_voltage(frame, n_cells_series=96)).item(0, 0) == pytest.approx(
        expected_v
    )


@pytest.mark.parametrize(
    ("columns", "mean_degc", "highest_degc"),
    [
        ({"temperature_degc": 20.0, "temperature_max_degc": 30.0}, 20.0, 30.0),
        ({"temperature_min_degc": 20.0, "temperature_max_degc": 30.0}, 25.0, 30.0),
        ({"temperature_max_degc": 30.0}, 30.0, 30.0),
        ({"temperature_min_degc": 20.0}, 20.0, 20.0),
        ({"cell_temperatures_degc": [[20.0, 24.0]] * 3}, 22.0, 24.0),
    ],
)
def test_the_temperature_comes_from_whatever_is_there(columns, mean_degc, highest_degc):
    frame = as_frame(raw(voltage_v=3.7, **columns), subject="f")
    assert frame.select(mean_temperature(frame)).item(0, 0) == pytest.approx(mean_degc)
    assert frame.select(highest_temperature(frame)).item(0, 0) == pytest.approx(highest_degc)


def test_no_temperature_is_none():
    frame = as_frame(raw(voltage_v=3.7), subject="f")
    assert mean_temperature(frame) is None
    assert highest_temperature(frame) is None
