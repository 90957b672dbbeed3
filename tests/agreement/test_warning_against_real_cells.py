"""Early warning against a real Leaf, and against a short that others simulated."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from batteryloop.health.warning import watch_frame
from batteryloop.health.warning.cells import as_matrix
from batteryloop.readers import read
from batteryloop.record.types import BatteryIdentity
from batteryloop.telemetry.frame import TIME

LEAF = BatteryIdentity("LEAF-2013", "LMO", 66.0, 96)


@pytest.fixture(scope="module")
def leaf(shared_data: Path) -> pl.DataFrame:
    return read(shared_data / "field_ev" / "leaf_2013.parquet").frame


def with_added(frame: pl.DataFrame, cell: int, added_v: np.ndarray) -> pl.DataFrame:
    cells = as_matrix(frame.get_column("cell_voltages_v")).copy()
    cells[:, cell] = np.rint((cells[:, cell] + added_v) * 1000.0) / 1000.0
    return frame.with_columns(pl.Series("cell_voltages_v", cells).cast(pl.List(pl.Float32)))


def days_since(frame: pl.DataFrame, onset_day: float) -> np.ndarray:
    time_us = frame.get_column("time").to_physical().to_numpy()
    return np.maximum((time_us - time_us[0]) / 86_400e6 - onset_day, 0.0)


@pytest.mark.shared_data
def test_short_of_one_ohm_in_cell_1_is_named_within_three_minutes(shared_data: Path) -> None:
    raw = pl.read_csv(shared_data / "fault" / "internal_short_SIMULATED.csv")
    cells = raw.select(pl.col("^U_.*_V$")).to_numpy().astype(np.float32)
    frame = pl.DataFrame(
        {
            "battery_id": ["BATTDIAG"] * raw.height,
            "time": pl.Series(np.arange(raw.height, dtype=np.int64) * 100_000).cast(TIME),
            "current_a": raw.get_column("I_A"),
            "cell_voltages_v": pl.Series(values=cells).cast(pl.List(pl.Float32)),
        }
    )
    warnings = watch_frame(frame, BatteryIdentity("BATTDIAG", n_cells_series=12))
    assert [(w.kind, w.cell_label, w.severity) for w in warnings] == [
        ("internal-short", "cell 1", 3)
    ]
    assert 900 < warnings[0].raised_at.timestamp() <= 900 + 3 * 60


@pytest.mark.shared_data
def test_untouched_car_raises_nothing_grave_and_its_stale_row_is_seen(leaf: pl.DataFrame) -> None:
    warnings = watch_frame(leaf, LEAF)
    assert all(w.severity < 3 for w in warnings)
    # a log's first row still holds the values of an earlier trip: 63 % and 12 % off at no current
    stale = {w.raised_at.date().isoformat(): w.estimate.value for w in warnings}
    assert {w.kind for w in warnings} == {"soc-jump"}
    assert stale["2018-09-05"] == pytest.approx(0.63, abs=0.01)


@pytest.mark.shared_data
def test_loose_contact_of_1_mohm_in_a_real_cell_is_named(leaf: pl.DataFrame) -> None:
    current = leaf.get_column("current_a").fill_null(0.0).to_numpy()
    added = current * 1e-3 * np.minimum(days_since(leaf, 200.0) / 30.0, 1.0)
    new = [w for w in watch_frame(with_added(leaf, 40, added), LEAF) if w.cell is not None]
    assert ("loose-connection", 40) in {(w.kind, w.cell) for w in new}
    assert {w.cell for w in new if w.kind != "cooling-loss"} == {40}


@pytest.mark.shared_data
def test_sensor_that_drifts_by_20_mv_in_a_month_is_named(leaf: pl.DataFrame) -> None:
    added = 0.02 * np.minimum(days_since(leaf, 200.0) / 30.0, 2.0)
    new = [w for w in watch_frame(with_added(leaf, 17, added), LEAF) if w.cell is not None]
    assert ("voltage-sensor", 17) in {(w.kind, w.cell) for w in new}
    assert {w.cell for w in new if w.kind != "cooling-loss"} == {17}
