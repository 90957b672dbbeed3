"""Lakes and samples for the tests of storage."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from batteryloop.storage import open_lake

DAY = datetime(2024, 5, 1, tzinfo=UTC)


def make_samples(battery_id="B1", n=5, start_s=0, **columns):
    """Return `n` samples, one a second, that are unlike those of any other start."""
    seconds = range(start_s, start_s + n)
    plain = {
        "battery_id": [battery_id] * n,
        "time": [DAY + timedelta(seconds=s) for s in seconds],
        "current_a": [float(s) for s in seconds],
        "voltage_v": [3.0 + s / 1000 for s in seconds],
    }
    frame = pl.DataFrame(plain | {k: [v] * n for k, v in columns.items()})
    return frame.with_columns(pl.col("time").cast(pl.Datetime("us", "UTC")))


@pytest.fixture
def samples():
    return make_samples


@pytest.fixture
def day():
    return DAY


@pytest.fixture(params=["parquet", "delta"])
def kind(request):
    return request.param


@pytest.fixture
def lake(tmp_path, kind):
    return open_lake(tmp_path / "lake", kind=kind)
