import numpy as np
import polars as pl
import pytest

from batteryloop.health import evaluate
from batteryloop.health.capacity.soc_window import soc_windows, turning_points
from batteryloop.health.trace import trace_of
from batteryloop.record import BatteryIdentity


def drives(capacity, n=6):
    """Drives from 90 to 30 % and charges back, never full and never empty, no gap."""
    soc = np.concatenate([np.linspace(0.9, 0.3, 600), np.linspace(0.3, 0.9, 600)] * n)
    amps = np.append(np.diff(soc), 0) * capacity * 360
    start = pl.Series([0]).cast(pl.Datetime("us", "UTC"))[0]
    return pl.DataFrame(
        {
            "battery_id": "CAR",
            "time": pl.Series(np.arange(soc.size) * 10_000_000).cast(pl.Datetime("us", "UTC")),
            "current_a": amps,
            "voltage_v": 3.6 + 0.4 * soc,
            "soc_frac": soc,
        }
    ).filter(pl.col("time") >= start)


def test_reported_state_of_charge_gives_the_capacity_it_implies():
    report = evaluate(drives(50.0), BatteryIdentity("CAR", "NMC", rated_capacity_ah=60.0))
    assert report.capacity_ah.value == pytest.approx(50.0, rel=0.005)
    assert "trusts the reported state of charge" in report.capacity_ah.method
    # It is no better than the report: a few percent.
    assert (report.capacity_ah.high - report.capacity_ah.low) / 50.0 > 0.04
    assert "no discharge goes to the end" in report.energy_wh.reason


def test_jump_to_zero_in_the_reported_state_of_charge_does_no_harm():
    frame = drives(50.0).with_columns(
        pl.when(pl.int_range(pl.len()) == 1500)
        .then(0.0)
        .otherwise(pl.col("soc_frac"))
        .alias("soc_frac")
    )
    report = evaluate(frame, BatteryIdentity("CAR", "NMC", rated_capacity_ah=60.0))
    assert report.capacity_ah.value == pytest.approx(50.0, rel=0.01)


def test_without_full_swings_curve_or_report_the_capacity_is_unknown_and_says_why():
    frame = drives(50.0).drop("soc_frac")
    report = evaluate(frame, BatteryIdentity("CAR"))
    assert not report.capacity_ah.is_known
    for words in ("no discharge goes to the end", "reports no state of charge"):
        assert words in report.capacity_ah.reason
    assert report.soh_frac.reason == report.capacity_ah.reason


def test_windows_never_cross_a_gap():
    frame = drives(50.0, n=1)
    middle = frame.height // 4
    late = frame.with_columns(
        pl.when(pl.int_range(pl.len()) >= middle)
        .then(pl.col("time") + pl.duration(hours=5))
        .otherwise(pl.col("time"))
        .alias("time")
    )
    windows = soc_windows(trace_of(late))
    assert middle not in range(*windows.select("index_first", "index_last").row(0))


@pytest.mark.parametrize(
    ("values", "turns"),
    [
        ([0.5], [0]),
        ([0.5, 0.51, 0.5], [0, 2]),
        ([0.5, 0.4, 0.3, 0.31, 0.2], [0, 4]),
        ([0.2, 0.9, 0.2], [0, 1, 2]),
    ],
)
def test_turning_points_pass_over_small_turns(values, turns):
    assert turning_points(np.array(values)) == turns
