import numpy as np
import polars as pl
import pytest

from batteryloop.health import evaluate
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.record import BatteryIdentity

CELL = BatteryIdentity("CELL", "NMC", rated_capacity_ah=10.0)
STRAIGHT = OcvCurve(np.array([0.0, 1.0]), np.array([3.0, 4.2]))


def rested(cell, per_day, days=6.0, soc=0.5):
    made = cell(span_s=600.0)
    made.soc = soc
    rows = round(days * 144)
    for _ in range(rows):
        made.soc -= per_day / 144
        made._sample(0.0)
    # One short load, so that rest is told from load.
    made.span_s = 10.0
    for _ in range(30):
        made._sample(-5.0)
    return made.frame()


def test_voltage_that_falls_at_rest_gives_the_self_discharge(cell):
    frame = rested(cell, 0.002).with_columns(
        pl.when(pl.col("current_a") == 0)
        .then(3.0 + 1.2 * (0.5 - 0.002 / 144 * pl.int_range(1, pl.len() + 1)))
        .otherwise(3.5)
        .alias("voltage_v")
    )
    estimate = evaluate(frame, CELL, ocv=STRAIGHT).self_discharge_per_day
    assert estimate.value == pytest.approx(0.002, rel=0.02)
    assert estimate.low < 0.002 < estimate.high


def test_steady_voltage_at_rest_is_no_self_discharge_within_its_interval(cell):
    frame = rested(cell, 0.0)
    estimate = evaluate(frame, CELL, ocv=STRAIGHT).self_discharge_per_day
    assert estimate.low <= 0.0 <= estimate.high
    assert estimate.high < 0.005


def test_short_rest_is_a_reason(cycled):
    assert "longest rest lasts 0.5 h" in evaluate(cycled, CELL).self_discharge_per_day.reason


def test_flat_curve_is_a_reason(cell):
    flat = OcvCurve(np.array([0.0, 0.05, 0.95, 1.0]), np.array([2.8, 3.6, 3.7, 4.2]))
    frame = rested(cell, 0.001)
    reason = evaluate(frame, CELL, ocv=flat).self_discharge_per_day.reason
    assert "open-circuit voltage is flat (0.11 V" in reason


def test_without_a_curve_there_is_no_self_discharge(cell):
    report = evaluate(rested(cell, 0.001), BatteryIdentity("CELL"))
    assert "open-circuit curve" in report.self_discharge_per_day.reason
