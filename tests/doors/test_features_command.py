"""`batteryloop health features`, as a person calls it: from samples to grades."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from batteryloop.health.learned.pulse_response import PULSE_AMPLITUDES, PULSE_VOLTAGES

START = datetime(2026, 3, 1, tzinfo=UTC)


def _frame(name, parts):
    """Samples every 20 s of (minutes, current as function of the share, voltage likewise)."""
    current, voltage = [], []
    for minutes, amps, volts in parts:
        share = np.linspace(0.0, 1.0, 3 * minutes)
        current.append(amps(share))
        voltage.append(volts(share))
    n = sum(len(c) for c in current)
    return pl.DataFrame(
        {
            "battery_id": name,
            "time": [START + timedelta(seconds=20 * k) for k in range(n)],
            "current_a": np.concatenate(current),
            "voltage_v": np.concatenate(voltage),
        }
    )


def _cycle(*, has_tail=True):
    """Charge at 1 A for two hours with a pause before the tail, then a discharge of 2.1 Ah."""
    still = (2, lambda x: 0.0 * x, lambda x: 4.1 + 0.0 * x)
    tail = (60, lambda x: np.exp(-4.0 * x), lambda x: 4.2 + 0.0 * x)
    return [
        (120, lambda x: 1.0 + 0.0 * x, lambda x: 3.0 + 1.2 * x**0.5),
        *([still, tail] if has_tail else []),
        (30, lambda x: 0.0 * x, lambda x: 4.15 - 0.01 * x),
        (126, lambda x: -1.0 + 0.0 * x, lambda x: 4.1 - 1.4 * x**3),
        (30, lambda x: 0.0 * x, lambda x: 3.0 + 0.1 * x),
    ]


@pytest.fixture(scope="module")
def cycled(tmp_path_factory):
    path = tmp_path_factory.mktemp("cycled") / "C1.parquet"
    parts = [part for _ in range(4) for part in _cycle()] + _cycle(has_tail=False)
    _frame("C1", parts).write_parquet(path)
    return path


def test_each_charge_gives_a_row_through_the_testers_pause(batteryloop, cycled, tmp_path):
    out = tmp_path / "charges.parquet"
    words = ("health", "features", cycled, "--out", out, "--rated-capacity-ah", "2.1")
    (entry,) = batteryloop(*words, "--with-capacity", "--json").document
    table = pl.read_parquet(out)
    assert entry["n_records"] == table.height == 4
    assert sum(entry["left_out"].values()) == 1
    assert "tail of the charge" in next(iter(entry["left_out"]))
    assert table["cell"].unique().to_list() == ["C1"]
    assert table["capacity"].to_numpy() == pytest.approx(2.1, rel=0.01)
    # The tail falls from 0.5 to 0.1 A: 60 min / 4 * ln 5.
    assert table["cv_charge_time"].to_numpy() == pytest.approx(3600 / 4 * np.log(5), rel=0.02)


def test_the_window_is_the_callers(batteryloop, cycled, tmp_path):
    out = tmp_path / "charges.csv"
    batteryloop("health", "features", cycled, "--out", out, "--current-low-a", "0.2", "--json")
    assert pl.read_csv(out)["cv_charge_time"].to_numpy() == pytest.approx(
        3600 / 4 * np.log(2.5), rel=0.02
    )


def test_a_pulse_test_becomes_a_record_to_grade(batteryloop, tmp_path):
    rows = [(0.0, 3.7)] * 30
    for amplitude in PULSE_AMPLITUDES:
        rows += [(amplitude, 3.7 + 0.02 * amplitude)] * 5 + [(0.0, 3.7)] * 25
    path, out = tmp_path / "P1.parquet", tmp_path / "pulses.parquet"
    pl.DataFrame(rows, schema=["current_a", "voltage_v"], orient="row").with_columns(
        battery_id=pl.lit("P1"),
        time=pl.Series([START + timedelta(seconds=k) for k in range(len(rows))]),
    ).write_parquet(path)
    (entry,) = batteryloop(
        "health", "features", path, "--kind", "pulses", "--out", out, "--json"
    ).document
    table = pl.read_parquet(out)
    assert entry["n_records"] == table.height == 1
    assert table.select(PULSE_VOLTAGES).row(0)[:3] == pytest.approx((3.7, 3.72, 3.72))


def test_a_record_without_pulses_is_refused_with_the_next_step(batteryloop, cycled, tmp_path):
    result = batteryloop(
        "health", "features", cycled, "--kind", "pulses", "--out", tmp_path / "x.csv"
    )
    assert result.code == 2
    assert "no train of pulses" in result.err
