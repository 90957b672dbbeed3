"""The health report against Oak Ridge's own figures for a cell of a 2013 Leaf (rated 33.1 Ah).

The tester's step counters are the truth: 30.33 to 30.29 Ah a 1C discharge, 29.97 to 29.89 Ah at 2C,
28.72 to 28.40 Ah at 3C, as they stand in the original files.
"""

import numpy as np
import polars as pl
import pytest

from batteryloop.health import evaluate
from batteryloop.record import BatteryIdentity
from batteryloop.samples import sample

CELL = BatteryIdentity("ORNL-LEAF-2013", "LMO-NCA", rated_capacity_ah=33.1)
COUNTED_AH = {
    "1c": [30.33, 30.34, 30.30, 30.29],
    "2c": [29.97, 29.93, 29.91, 29.89],
    "3c": [28.72, 28.53, 28.52, 28.40],
}


@pytest.fixture(scope="module")
def whole():
    return evaluate(sample(), CELL)


@pytest.fixture(scope="module")
def pulses():
    return {t: evaluate(sample(f"leaf_cell_2013_pulses_{t}degc"), CELL) for t in (10, 25, 40)}


@pytest.mark.parametrize("rate", COUNTED_AH)
def test_every_discharge_is_found_and_counted_as_the_tester_did(rate):
    report = evaluate(sample(f"leaf_cell_2013_discharge_{rate}"), CELL)
    found = report.capacity_history.get_column("capacity_ah").to_numpy()
    assert found == pytest.approx(COUNTED_AH[rate], abs=0.011)


@pytest.mark.parametrize("rate", COUNTED_AH)
def test_current_alone_counts_what_the_tester_counted(rate):
    frame = sample(f"leaf_cell_2013_discharge_{rate}").drop(
        "charge_capacity_ah", "discharge_capacity_ah", "charge_energy_wh", "discharge_energy_wh"
    )
    found = evaluate(frame, CELL).capacity_history.get_column("capacity_ah").to_numpy()
    assert found == pytest.approx(COUNTED_AH[rate], rel=0.002)


def test_capacity_of_all_tests_is_the_slow_one_at_25_degrees(whole):
    # 10 h of pulses and 10 A steps down to 3.0 V: 31.07 Ah out less 0.59 Ah of charge pulses.
    assert whole.capacity_ah.value == pytest.approx(30.48, abs=0.01)
    assert whole.capacity_ah.method == "full-discharge-count v1 (0.35 C, 25 °C)"
    assert whole.soh_frac.value == pytest.approx(30.48 / 33.1, abs=0.001)
    assert 0.9 < whole.soh_frac.low < whole.soh_frac.high < 0.94


def test_slow_count_agrees_with_the_charge_that_went_in_before(pulses):
    # The charge before the pulse test took 30.18 Ah from 3.33 V at rest; 10 A to 3.0 V gives more.
    frame = sample("leaf_cell_2013_pulses_25degc")
    taken = frame.filter(pl.col("step_index") == 4).get_column("charge_capacity_ah")[-1]
    assert pulses[25].capacity_ah.value == pytest.approx(taken, rel=0.015)


def test_samples_without_counters_own_up_to_the_tester_pausing_its_record(pulses):
    counters = ["charge_capacity_ah", "discharge_capacity_ah"]
    blind = evaluate(sample("leaf_cell_2013_pulses_25degc").drop(counters), CELL).capacity_ah
    assert blind.low <= pulses[25].capacity_ah.value <= blind.high
    assert blind.high - blind.low > pulses[25].capacity_ah.high - pulses[25].capacity_ah.low


def test_warmer_cell_gives_more_charge_and_resists_less(pulses):
    capacity = [pulses[t].capacity_ah.value for t in (10, 25, 40)]
    assert capacity == sorted(capacity)
    ohm = [raw_median(pulses[t]) for t in (10, 25, 40)]
    assert ohm[0] > 1.5 * ohm[1] > ohm[1] > ohm[2]


def raw_median(report):
    near_a_second = report.pulses.filter(pl.col("span_s").is_between(0.3, 2.5))
    return float(np.median(near_a_second.get_column("resistance_ohm").to_numpy()))


def test_step_resistance_by_hand(pulses):
    # 25 degC, 79 % charged: 4.048 V at rest, half a second at -30 A 4.001 V: 1.57 mohm.
    row = (
        pulses[25]
        .pulses.filter((pl.col("current_step_a") < -29) & pl.col("soc_frac").is_between(0.78, 0.81))
        .row(0, named=True)
    )
    assert row["voltage_v"] == pytest.approx(4.048, abs=0.0005)
    assert row["resistance_ohm"] == pytest.approx(0.047 / 30.01, rel=0.02)
    assert row["resistance_10s_ohm"] > row["resistance_1s_ohm"] >= row["resistance_ohm"]


def test_cold_and_warm_pulses_taken_to_25_degrees_hold_what_was_measured_there(pulses):
    at_25 = pulses[25].resistance_ohm.value
    for t in (10, 40):
        taken = pulses[t].resistance_ohm
        assert taken.low <= at_25 <= taken.high, t


def test_activation_energy_of_the_reference_table_is_what_these_pulses_give(pulses):
    from batteryloop.reference import resistance_activation

    inverse = [1 / (273.15 + t) for t in (10, 25, 40)]
    slope = np.polyfit(inverse, [np.log(raw_median(pulses[t])) for t in (10, 25, 40)], 1)[0]
    cited = resistance_activation("LMO-NCA")
    assert slope * 8.314 == pytest.approx(cited.activation_energy_j_per_mol, rel=0.1)


def test_coulombic_efficiency_is_one_within_an_interval_that_the_tester_allows(whole):
    one_c = evaluate(sample("leaf_cell_2013_discharge_1c"), CELL)
    for report in (whole, one_c):
        estimate = report.coulombic_efficiency_frac
        assert estimate.value == pytest.approx(1.0, abs=0.0015)
        assert estimate.low < 1.0 < estimate.high
    # 113.7 Wh out of 119.4 Wh in, as the tester counted.
    assert one_c.energy_efficiency_frac.value == pytest.approx(113.75 / 119.4, abs=0.001)


def test_no_chemistry_and_no_rated_capacity_still_give_the_capacity():
    report = evaluate(sample("leaf_cell_2013_discharge_1c"), BatteryIdentity("ORNL"))
    assert report.capacity_ah.value == pytest.approx(30.315, abs=0.01)
    assert "rated capacity is not given" in report.soh_frac.reason


def test_short_rests_are_the_reason_why_no_self_discharge_is_given(whole):
    assert whole.self_discharge_per_day.reason.startswith("the longest rest lasts 7.4 h")
