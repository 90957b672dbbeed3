import numpy as np
import polars as pl
import pytest

from batteryloop.health import evaluate
from batteryloop.health.open_circuit.curve import OcvCurve, ocv_from_table
from batteryloop.record import BatteryIdentity

CAR = BatteryIdentity("CELL", rated_capacity_ah=10.0)


def plugged_in(cell, capacity_ah, *, low=0.2, high=0.7, n=3):
    """Charges from `low` to `high` at half the rate, each a recording of its own: no rest."""
    made = cell(capacity_ah=capacity_ah)
    for _ in range(n):
        made.soc = low
        made.seconds += 50_000
        while made.soc < high:
            made._sample(5.0)
    return made.frame()


@pytest.mark.parametrize("capacity_ah", [7.0, 9.0, 10.0])
@pytest.mark.parametrize("column", ["voltage_v", "cell_voltage_mean_v", "cell_voltage_min_v"])
def test_bare_charges_give_the_capacity_by_their_shape(cell, curve, capacity_ah, column):
    frame = plugged_in(cell, capacity_ah).rename({"voltage_v": column})
    estimate = evaluate(frame, CAR, ocv=ocv_from_table(curve)).capacity_ah
    assert estimate.method == "charge-shape-ocv v1"
    assert estimate.n_segments == 3
    assert estimate.low <= capacity_ah <= estimate.high
    assert estimate.value == pytest.approx(capacity_ah, rel=0.1)


def test_without_a_rated_capacity_the_shape_still_tells(cell, curve):
    frame = plugged_in(cell, 9.0, low=0.1, high=0.9)
    estimate = evaluate(frame, BatteryIdentity("CELL"), ocv=ocv_from_table(curve)).capacity_ah
    assert estimate.value == pytest.approx(9.0, rel=0.1)


def test_plateau_leaves_too_much_open(cell):
    plateau = OcvCurve(np.array([0.0, 0.1, 0.9, 1.0]), np.array([2.8, 3.29, 3.33, 3.6]), 0.01)
    flat = plugged_in(cell, 9.0, low=0.3, high=0.6).with_columns(
        (3.30 + pl.int_range(pl.len()) * 1e-6).alias("voltage_v")
    )
    report = evaluate(flat, CAR, ocv=plateau)
    assert not report.capacity_ah.is_known
    assert "the open-circuit curve is flat" in report.capacity_ah.reason


def test_charge_of_another_kind_of_cell_is_off_the_curve(cell, curve):
    other = plugged_in(cell, 9.0).with_columns((7.9 - pl.col("voltage_v")).alias("voltage_v"))
    report = evaluate(other, CAR, ocv=ocv_from_table(curve))
    assert not report.capacity_ah.is_known
    assert "off the open-circuit curve" in report.capacity_ah.reason


def test_short_top_ups_are_not_enough(cell, curve):
    report = evaluate(plugged_in(cell, 9.0, low=0.5, high=0.53), CAR, ocv=ocv_from_table(curve))
    assert not report.capacity_ah.is_known
