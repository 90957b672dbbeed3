import numpy as np
import polars as pl
import pytest

from batteryloop.health import evaluate
from batteryloop.health.trace import trace_of
from batteryloop.health.usage import equivalent_full_cycles, time_in_bands
from batteryloop.quantities import Estimate
from batteryloop.record import BatteryIdentity

CELL = BatteryIdentity("CELL", "NMC", rated_capacity_ah=10.0)


def test_equivalent_cycles_are_throughput_over_twice_the_capacity():
    flowed = Estimate("throughput_ah", 600.0, 594.0, 606.0, 0.9, "m")
    one = Estimate("capacity_ah", 30.0, 29.7, 30.3, 0.9, "m")
    cycles = equivalent_full_cycles(flowed, one, "measured")
    assert cycles.value == 10.0
    # One percent each, joined: 1.41 %.
    assert cycles.low == pytest.approx(10 * (1 - np.hypot(0.01, 0.01)))
    assert cycles.high == pytest.approx(10 * (1 + np.hypot(0.01, 0.01)))


def test_unknown_capacity_gives_a_reason_instead_of_cycles():
    flowed = Estimate("throughput_ah", 600.0, 594.0, 606.0, 0.9, "m")
    none = Estimate.unknown("capacity_ah", "m", "only partial charges")
    assert "only partial charges" in equivalent_full_cycles(flowed, none, "measured").reason


def test_three_cycles_are_three_equivalent_cycles(cycled):
    report = evaluate(cycled, CELL)
    # Begun half charged: half a charge less.
    assert report.equivalent_full_cycles.value == pytest.approx(2.71, abs=0.05)
    assert report.throughput_ah.value == pytest.approx(2.71 * 20, abs=1.0)


def test_hours_in_bands_add_up_to_the_record(cycled):
    frame = cycled.with_columns(
        pl.when(pl.int_range(pl.len()) < 900).then(5.0).otherwise(30.0).alias("temperature_degc"),
        pl.lit(0.9).alias("soc_frac"),
    )
    bands = time_in_bands(trace_of(frame))
    hours = bands.group_by("quantity").agg(pl.col("hours").sum()).sort("quantity")
    span = (frame.height - 1) * 10 / 3600
    assert hours.get_column("hours").to_list() == pytest.approx([span, span])
    cold = bands.filter((pl.col("quantity") == "temperature_degc") & (pl.col("low") == 0.0))
    assert cold.item(0, "hours") == pytest.approx(2.5)
