"""Small frames whose answers can be worked out in the head."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from batteryloop.telemetry.frame import as_frame

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def frame_of() -> Callable[..., pl.DataFrame]:
    """Return a maker of frames: current in A, one sample every `step_s`, other columns by name."""

    def make(
        current_a: Sequence[float | None],
        *,
        step_s: float = 60.0,
        battery_id: str = "A",
        **columns: Any,
    ) -> pl.DataFrame:
        n = len(current_a)
        columns.setdefault("voltage_v", 3.7)
        columns.setdefault("time", [START + timedelta(seconds=step_s * k) for k in range(n)])
        raw = pl.DataFrame(
            {"current_a": pl.Series(current_a, dtype=pl.Float64), **columns}
        ).with_columns(battery_id=pl.lit(battery_id))
        return as_frame(raw, subject="test")

    return make
