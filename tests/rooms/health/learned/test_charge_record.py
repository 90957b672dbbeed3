"""Whole charges found among stretches of current and rest."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from batteryloop.health.learned.charge_record import charges_of
from batteryloop.telemetry.segments import segments

START = datetime(2026, 3, 1, tzinfo=UTC)


def _charges(*parts):
    """Return the charges of (minutes, current) parts at a row every ten seconds, and the times."""
    current = np.concatenate([np.full(6 * minutes, amps) for minutes, amps in parts])
    time_s = 10.0 * np.arange(current.size)
    frame = pl.DataFrame(
        {
            "battery_id": "B1",
            "time": [START + timedelta(seconds=s) for s in time_s],
            "current_a": current,
            "voltage_v": 3.7 + 0.01 * current,
        }
    )
    return list(charges_of(segments(frame), time_s)), time_s


def test_a_short_rest_is_cut_out_and_a_long_one_ends_the_charge():
    (one,), _ = _charges((60, 1.0), (2, 0.0), (60, 0.5))
    assert one.row.size == 6 * 120
    np.testing.assert_allclose(np.diff(one.time_s), 10.0)
    two, _ = _charges((60, 1.0), (30, 0.0), (60, 0.5))
    assert [charge.row.size for charge in two] == [360, 360]


def test_a_discharge_ends_a_charge_at_once():
    found, time_s = _charges((60, 1.0), (5, -1.0), (60, 1.0))
    assert len(found) == 2
    assert found[1].started_at >= START + timedelta(minutes=65)
    np.testing.assert_array_equal(found[0].time_s, time_s[found[0].row])


def test_rests_alone_are_no_charge():
    assert _charges((60, 0.0), (30, -1.0))[0] == []
