from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batteryloop.errors import ColumnMissing, InputWrong, NotKnown
from batteryloop.health import evaluate
from batteryloop.health.open_circuit.curve import ocv_from_table
from batteryloop.health.types import CAPACITY_HISTORY, ESTIMATES, PULSES, VOLTAGE_CURVES
from batteryloop.record import BatteryIdentity
from batteryloop.telemetry import Finding

CELL = BatteryIdentity("CELL", "NMC", rated_capacity_ah=10.0)


def test_full_cycles_give_the_capacity_that_the_cell_has(cycled):
    report = evaluate(cycled, CELL)
    # 3.0 V under 5 A is 3.05 V open circuit, 1.5 % charged; 4.2 V tapered to 0.25 A is full.
    assert report.capacity_ah.value == pytest.approx(10.0 * (1 - 0.015), rel=0.005)
    assert report.capacity_ah.low < report.capacity_ah.value < report.capacity_ah.high
    assert report.soh_frac.value == pytest.approx(0.985, rel=0.005)
    assert report.capacity_ah.method.startswith("full-discharge-count v1")
    assert report.energy_wh.value == pytest.approx(9.85 * 3.7, rel=0.02)


def test_every_estimate_has_a_value_in_its_interval_or_a_reason(cycled):
    report = evaluate(cycled, CELL)
    for name, estimate in report.estimates.items():
        if estimate.is_known:
            assert estimate.low <= estimate.value <= estimate.high, name
            assert estimate.method
            assert not estimate.reason
        else:
            assert len(estimate.reason) > 10, name
    assert set(report.estimates) == set(ESTIMATES)
    assert report.reasons.keys() == {n for n, e in report.estimates.items() if not e.is_known}


def test_json_entry_carries_what_the_command_promises(cycled):
    entry = evaluate(cycled, CELL).as_dict()
    promised = {
        "battery_id", "soh_frac", "soh_low_frac", "soh_high_frac", "capacity_ah",
        "capacity_low_ah", "capacity_high_ah", "confidence_frac", "method", "n_rows", "findings",
        "reason", "resistance_ohm", "energy_wh", "equivalent_full_cycles", "is_simulated",
    }  # fmt: skip
    assert promised <= entry.keys()
    assert entry["battery_id"] == "CELL"
    assert entry["n_rows"] == cycled.height
    assert entry["is_simulated"] is False


@pytest.mark.parametrize("n_rows", [0, 1, 2])
def test_hardly_any_rows_give_reasons_not_errors(cycled, n_rows):
    report = evaluate(cycled.head(n_rows), CELL)
    assert report.n_rows == n_rows
    assert not report.capacity_ah.is_known
    assert report.capacity_ah.reason
    assert not report.resistance_ohm.is_known


def test_rows_without_a_current_are_left_out(cycled):
    holes = cycled.with_columns(
        pl.when(pl.int_range(pl.len()) % 7 == 3)
        .then(None)
        .otherwise(pl.col("current_a"))
        .alias("current_a")
    )
    report = evaluate(holes, CELL)
    assert report.capacity_ah.value == pytest.approx(9.85, rel=0.01)


def test_nothing_but_missing_currents_is_a_reason(cycled):
    empty = cycled.with_columns(pl.lit(None, dtype=pl.Float64).alias("current_a"))
    report = evaluate(empty, CELL)
    assert not report.throughput_ah.is_known
    assert report.started_at is None


def test_missing_voltages_do_not_spread(cycled):
    holes = cycled.with_columns(
        pl.when(pl.int_range(pl.len()) % 11 == 3)
        .then(float("nan"))
        .otherwise(pl.col("voltage_v"))
        .alias("voltage_v")
    )
    report = evaluate(holes, CELL)
    assert report.capacity_ah.value == pytest.approx(9.85, rel=0.01)
    assert np.isfinite(report.energy_wh.value)


def test_frame_without_voltage_is_refused(cycled):
    with pytest.raises(ColumnMissing):
        evaluate(cycled.drop("voltage_v"), CELL)


def test_two_batteries_at_once_are_refused(cycled):
    other = cycled.with_columns(pl.lit("OTHER").alias("battery_id"))
    with pytest.raises(InputWrong, match="2 batteries"):
        evaluate(pl.concat([cycled, other]), CELL)


def test_unknown_chemistry_gets_the_nearest_names(cycled):
    with pytest.raises(NotKnown, match="NMC"):
        evaluate(cycled, replace(CELL, chemistry="NMX"))


def test_findings_of_the_reader_come_first(cycled):
    given_one = Finding("gap", "note", "CELL", "a gap", "nothing")
    hot = cycled.with_columns(pl.lit(55.0).alias("temperature_degc"))
    report = evaluate(hot, CELL, findings=[given_one])
    assert report.findings[0] is given_one
    assert "capacity-off-reference-temperature" in {f.rule for f in report.findings[1:]}


def test_simulated_telemetry_is_said_to_be_simulated(cycled):
    assert evaluate(cycled, CELL, is_simulated=True).as_dict()["is_simulated"] is True


def test_more_confidence_means_a_wider_interval(cycled):
    narrow, wide = (evaluate(cycled, CELL, confidence_frac=c) for c in (0.8, 0.95))
    for name in ("capacity_ah", "energy_wh", "throughput_ah", "energy_efficiency_frac"):
        one, other = narrow.estimates[name], wide.estimates[name]
        assert other.high - other.low > one.high - one.low, name


def test_tables_have_their_columns_even_when_empty(cycled):
    for report in (evaluate(cycled, CELL), evaluate(cycled.head(1), CELL)):
        assert dict(report.capacity_history.schema) == CAPACITY_HISTORY
        assert dict(report.pulses.schema) == PULSES
        assert dict(report.voltage_curves.schema) == VOLTAGE_CURVES


def test_without_rated_capacity_health_is_relative_to_the_beginning(cell):
    made = cell()
    for n in range(12):
        made.capacity_ah = 10.0 if n < 6 else 9.0
        made.charge(5.0).rest(0.2).discharge(5.0).rest(0.2)
    report = evaluate(made.frame(), BatteryIdentity("CELL", "NMC"))
    assert report.soh_frac.value == pytest.approx(0.9, abs=0.005)
    assert report.soh_frac.method.startswith("relative-to-first v1")


def test_one_cycle_without_rated_capacity_has_no_state_of_health(cell):
    made = cell().charge(5.0).discharge(5.0).rest(0.2)
    report = evaluate(made.frame(), BatteryIdentity("CELL", "NMC"))
    assert report.capacity_ah.is_known
    assert "rated capacity is not given" in report.soh_frac.reason


def test_wrong_rated_capacity_is_noticed(cycled):
    report = evaluate(cycled, replace(CELL, rated_capacity_ah=2.0))
    assert "soh-implausible" in {f.rule for f in report.findings}


def test_wrong_chemistry_is_noticed(cycled):
    report = evaluate(cycled, replace(CELL, chemistry="LTO"))
    assert "voltage-outside-chemistry" in {f.rule for f in report.findings}


@pytest.mark.parametrize("column", ["cell_voltage_mean_v", "cell_voltage_max_v"])
def test_cell_voltage_alone_is_enough(cycled, column):
    frame = cycled.rename({"voltage_v": column})
    report = evaluate(frame, CELL)
    assert report.capacity_ah.value == pytest.approx(9.85, rel=0.005)


def test_cells_in_series_are_read_from_the_voltages(cycled):
    pack = cycled.with_columns(
        pl.col("voltage_v").alias("cell_voltage_mean_v"), pl.col("voltage_v") * 12
    )
    report = evaluate(pack, CELL)
    assert report.identity.n_cells_series == 12
    assert "cells-in-series-inferred" in {f.rule for f in report.findings}
    assert report.energy_wh.value == pytest.approx(12 * evaluate(cycled, CELL).energy_wh.value)
    assert report.capacity_ah.value == pytest.approx(9.85, rel=0.005)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(scale=st.floats(0.01, 100))
def test_a_current_times_k_is_a_capacity_times_k(cycled, scale):
    scaled = cycled.with_columns(pl.col("current_a") * scale)
    one, other = (evaluate(f, BatteryIdentity("CELL", "NMC")) for f in (cycled, scaled))
    assert other.capacity_ah.value == pytest.approx(one.capacity_ah.value * scale, rel=1e-6)
    assert other.capacity_ah.low == pytest.approx(one.capacity_ah.low * scale, rel=1e-6)
    assert other.coulombic_efficiency_frac.value == pytest.approx(
        one.coulombic_efficiency_frac.value
    )


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(days=st.integers(-10_000, 10_000))
def test_another_date_changes_no_figure(cycled, days):
    moved = cycled.with_columns(pl.col("time") + timedelta(days=days))
    one, other = evaluate(cycled, CELL), evaluate(moved, CELL)
    assert one.estimates == other.estimates


def test_rows_in_another_order_sorted_again_change_nothing(cycled):
    shuffled = cycled.sample(fraction=1.0, shuffle=True, seed=3).sort("time")
    assert evaluate(shuffled, CELL).estimates == evaluate(cycled, CELL).estimates


def partly_charged(cell, capacity_ah):
    """Charges from 20 to 85 % and back with rests of two hours, never full, never empty."""
    made = cell(capacity_ah=capacity_ah)
    made.discharge(5.0, to_soc=0.2).rest(2.0)
    for _ in range(3):
        while made.soc < 0.85:
            made._sample(5.0)
        made.rest(2.0).discharge(5.0, to_soc=0.2).rest(2.0)
    return made.frame()


@pytest.mark.parametrize("column", ["voltage_v", "cell_voltage_mean_v", "cell_voltage_max_v"])
def test_partial_charges_and_a_curve_give_the_capacity_from_any_voltage(cell, curve, column):
    frame = partly_charged(cell, 8.0).rename({"voltage_v": column})
    report = evaluate(
        frame, BatteryIdentity("CELL", rated_capacity_ah=10.0), ocv=ocv_from_table(curve)
    )
    assert report.capacity_ah.method.startswith("partial-charge-ocv")
    assert report.capacity_ah.value == pytest.approx(8.0, rel=0.03)
    assert report.capacity_ah.low <= 8.0 <= report.capacity_ah.high
    assert report.soh_frac.value == pytest.approx(0.8, rel=0.03)
    assert not report.partial_charges.is_empty()


def test_partial_charges_without_a_curve_say_what_is_missing(cell):
    report = evaluate(partly_charged(cell, 8.0), BatteryIdentity("CELL", rated_capacity_ah=10.0))
    assert not report.capacity_ah.is_known
    assert "give the chemistry, or a curve" in report.capacity_ah.reason


def test_methods_that_disagree_are_a_finding_and_the_more_trusted_one_stands(cycled):
    # The battery reports a state of charge that moves by half of what it does.
    net = (pl.col("current_a") * 10 / 3600 / 10).cum_sum()
    frame = cycled.with_columns((0.5 + net / 2).clip(0, 1).alias("soc_frac"))
    report = evaluate(frame, CELL)
    assert report.capacity_ah.method.startswith("full-discharge-count")
    assert report.others[0].value == pytest.approx(20.0, rel=0.02)
    assert "capacity-methods-disagree" in {f.rule for f in report.findings}


def test_capacity_between_the_tests_own_limits_is_named_for_what_it_is(cell):
    made = cell()
    for _ in range(4):
        made.charge(5.0, to_v=4.0, taper_to=1.1).rest(0.2).discharge(5.0, to_v=3.6).rest(0.2)
    frame = made.frame().with_columns(pl.lit(1).cast(pl.Int64).alias("step_index"))
    report = evaluate(frame, BatteryIdentity("CELL", rated_capacity_ah=10.0))
    assert report.capacity_ah.value < 6.0
    assert "capacity-between-test-limits" in {f.rule for f in report.findings}


def test_taper_below_the_usual_limit_is_owned_up_to_where_the_chemistry_is_unknown(cell):
    made = cell()
    for _ in range(3):
        made.charge(5.0, to_v=4.05).rest(0.2).discharge(5.0).rest(0.2)
    unknown = evaluate(made.frame(), BatteryIdentity("CELL", rated_capacity_ah=10.0))
    assert unknown.capacity_ah.value == pytest.approx(9.0 - 0.15, rel=0.02)
    assert "full-taken-from-taper" in {f.rule for f in unknown.findings}
    known = evaluate(made.frame(), CELL)
    assert not known.capacity_ah.is_known
    assert "NMC charges to 4.20 V" in known.capacity_ah.reason
