from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.telemetry.cycles import SCHEMA, cycles, end_of_life
from batteryloop.telemetry.frame import as_frame

START = datetime(2026, 1, 1, tzinfo=UTC)


def one_cycle(amps: float = 2.0) -> list[float]:
    """A rest, an hour's charge, a rest, an hour's discharge: a sample a minute."""
    return [0.0] * 10 + [amps] * 60 + [0.0] * 10 + [-amps] * 60 + [0.0] * 10


@pytest.fixture
def two_cycles(frame_of):
    current = one_cycle() * 2
    volts = [3.6 + 0.05 * c for c in current]
    number = [1] * 150 + [2] * 150
    return frame_of(current, voltage_v=volts, cycle_count=number, temperature_degc=25.0)


def test_a_cycle_has_what_went_in_and_what_came_out(two_cycles):
    found = cycles(two_cycles)
    assert dict(found.schema) == SCHEMA
    assert found["cycle_count"].to_list() == [1, 2]
    # 60 samples of 2 A, each with a full minute
    assert found["charge_capacity_ah"].to_list() == pytest.approx([2.0, 2.0])
    assert found["discharge_capacity_ah"].to_list() == pytest.approx([2.0, 2.0])
    assert found["charge_energy_wh"].to_list() == pytest.approx([7.4, 7.4])
    assert found["discharge_energy_wh"].to_list() == pytest.approx([7.0, 7.0])
    assert found["coulombic_efficiency_frac"].to_list() == pytest.approx([1.0, 1.0])
    assert found["energy_efficiency_frac"].to_list() == pytest.approx([7.0 / 7.4] * 2)
    assert set(found["capacity_method"]) == {"integral v1"}
    assert found["voltage_end_of_charge_v"].to_list() == pytest.approx([3.7, 3.7])
    assert found["voltage_end_of_discharge_v"].to_list() == pytest.approx([3.5, 3.5])
    assert found["discharge_c_rate_per_h"].to_list() == pytest.approx([1.0, 1.0])
    assert found["temperature_mean_degc"].to_list() == pytest.approx([25.0, 25.0])
    assert found["row_first"].to_list() == [0, 150]


def test_the_resistance_is_that_of_the_current_steps(two_cycles):
    found = cycles(two_cycles)
    # 0 -> 2, 2 -> 0, 0 -> -2, -2 -> 0: each 0.1 V over 2 A
    assert found["n_steps"].to_list() == [4, 4]
    assert found["resistance_ohm"].to_list() == pytest.approx([0.05, 0.05])
    assert found["resistance_step_s"].to_list() == [60.0, 60.0]


def test_a_step_caught_in_its_ramp_is_measured_over_two_samples(frame_of):
    current = [0.0] * 5 + [0.8] + [2.0] * 5
    volts = [3.6 + 0.05 * c for c in current]
    found = cycles(frame_of(current, voltage_v=volts, cycle_count=1, step_s=10.0))
    assert (found["n_steps"].item(), found["resistance_step_s"].item()) == (1, 20.0)
    assert found["resistance_ohm"].item() == pytest.approx(0.05)


def test_steps_that_take_too_long_or_answer_the_wrong_way_count_for_nothing(frame_of):
    current = [0.0] * 5 + [2.0] * 5
    slow = cycles(frame_of(current, cycle_count=1, step_s=90.0, voltage_v=[3.6] * 5 + [3.7] * 5))
    assert (slow["n_steps"].item(), slow["resistance_ohm"].item()) == (0, None)
    wrong = cycles(frame_of(current, cycle_count=1, voltage_v=[3.7] * 5 + [3.6] * 5))
    assert wrong["n_steps"].item() == 0


def test_the_testers_counters_are_preferred_and_may_restart(two_cycles):
    n = two_cycles.height
    gained = np.clip(two_cycles["current_a"].to_numpy(), 0, None) / 60 * 1.01
    lost = np.clip(-two_cycles["current_a"].to_numpy(), 0, None) / 60 * 0.99
    per_cycle = [np.concatenate([np.cumsum(x[:150]), np.cumsum(x[150:])]) for x in (gained, lost)]
    frame = two_cycles.with_columns(
        charge_capacity_ah=pl.Series(per_cycle[0]), discharge_capacity_ah=pl.Series(per_cycle[1])
    )
    found = cycles(frame)
    assert n == 300
    assert set(found["capacity_method"]) == {"tester's counter v1"}
    assert set(found["energy_method"]) == {"integral v1"}
    assert found["charge_capacity_ah"].to_list() == pytest.approx([2.02, 2.02])
    assert found["discharge_capacity_ah"].to_list() == pytest.approx([1.98, 1.98])
    integral = cycles(frame, prefer="integral")
    assert integral["charge_capacity_ah"].to_list() == pytest.approx([2.0, 2.0])


def test_a_counter_that_stands_still_is_not_believed(two_cycles):
    frame = two_cycles.with_columns(charge_capacity_ah=0.0, discharge_capacity_ah=0.0)
    found = cycles(frame)
    assert set(found["capacity_method"]) == {"integral v1"}
    assert found["charge_capacity_ah"].to_list() == pytest.approx([2.0, 2.0])


def test_a_count_that_restarts_goes_on_rising(two_cycles):
    frame = two_cycles.with_columns(cycle_count=pl.Series([5] * 150 + [1] * 150))
    assert cycles(frame)["cycle_count"].to_list() == [5, 6]


def test_cycles_that_nobody_counted_are_counted_here(two_cycles):
    uncounted = cycles(two_cycles.drop("cycle_count"))
    assert uncounted["cycle_count"].to_list() == [1, 2]
    assert uncounted["charge_capacity_ah"].to_list() == pytest.approx([2.0, 2.0])
    zero = cycles(two_cycles.with_columns(cycle_count=pl.lit(0, pl.Int64)))
    assert zero["cycle_count"].to_list() == [1, 2]


def test_a_discharge_counts_down_to_the_voltage_asked_for(frame_of):
    current = [0.0] * 5 + [-6.0] * 21 + [0.0] * 5
    volts = [4.0] * 5 + list(np.linspace(4.0, 3.0, 21)) + [3.3] * 5
    frame = frame_of(current, voltage_v=volts, cycle_count=1)
    # the sample at 3.45 V is the twelfth of the discharge: eleven minutes and half of one before
    found = cycles(frame, end_voltage_v=3.475)
    assert found["discharge_capacity_ah"].item() == pytest.approx(6 * 11.5 / 60)
    assert found["capacity_method"].item() == "integral v1"
    assert cycles(frame)["discharge_capacity_ah"].item() == pytest.approx(2.1)


def test_gaps_are_counted_and_not_integrated(frame_of):
    time = [START + timedelta(minutes=m) for m in (0, 1, 2, 702, 703)]
    found = cycles(frame_of([6.0] * 5, time=time, cycle_count=1))
    assert found["n_gaps"].item() == 1
    assert found["charge_capacity_ah"].item() == pytest.approx(0.3)


def test_a_cycle_without_charge_has_no_efficiency(frame_of):
    found = cycles(frame_of([-1.0] * 10, cycle_count=1))
    assert found["coulombic_efficiency_frac"].item() is None
    assert found["charge_capacity_ah"].item() == 0.0


def test_missing_values_are_bridged_or_passed_over(two_cycles):
    holes = two_cycles.with_columns(
        current_a=pl.when(pl.int_range(pl.len()) == 40).then(None).otherwise("current_a"),
        voltage_v=pl.when(pl.int_range(pl.len()) == 110).then(float("nan")).otherwise("voltage_v"),
    )
    found, whole = cycles(holes), cycles(two_cycles)
    assert found["charge_capacity_ah"].to_list() == pytest.approx([2.0, 2.0])
    assert found["discharge_energy_wh"].to_list() == pytest.approx([7.0, 7.0])
    assert found["n_rows"].to_list() == [149, 150]
    assert found["row_last"].to_list() == whole["row_last"].to_list()


def test_several_batteries_keep_their_rows_and_a_lazy_frame_gives_the_same(two_cycles, tmp_path):
    both = pl.concat([two_cycles, two_cycles.with_columns(battery_id=pl.lit("B"))])
    found = cycles(both)
    assert found["battery_id"].to_list() == ["A", "A", "B", "B"]
    assert found["row_first"].to_list() == [0, 150, 300, 450]
    both.write_parquet(tmp_path / "x.parquet", row_group_size=77)
    assert cycles(pl.scan_parquet(tmp_path / "x.parquet")).equals(found)


def test_no_rows_give_no_cycles(two_cycles):
    assert dict(cycles(two_cycles.clear()).schema) == SCHEMA


def table(capacities: list[float], battery_id: str = "A") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "battery_id": battery_id,
            "cycle_count": list(range(1, len(capacities) + 1)),
            "start_at": [START + timedelta(hours=4 * k) for k in range(len(capacities))],
            "discharge_capacity_ah": capacities,
        },
        schema_overrides={"start_at": pl.Datetime("us", "UTC")},
    )


def test_life_ends_at_the_cycle_from_which_the_smoothed_capacity_is_below():
    fading = [1.0 - 0.01 * k for k in range(50)]
    (row,) = end_of_life(table(fading)).rows(named=True)
    # the first is the median of cycles 1-3, 0.99; below 0.693 from cycle 32, 0.69
    assert row["first_capacity_ah"] == pytest.approx(0.99)
    assert row["end_of_life_cycle"] == 32
    assert row["end_of_life_at"] == START + timedelta(hours=4 * 31)


def test_a_single_short_cycle_ends_no_life():
    broken = [1.0] * 10 + [0.3] + [1.0] * 10
    (row,) = end_of_life(table(broken)).rows(named=True)
    assert row["end_of_life_cycle"] is None


def test_batteries_end_each_at_their_own_cycle():
    both = pl.concat([table([1.0] * 20), table([1.0] * 10 + [0.5] * 10, "B")])
    ends = end_of_life(both, threshold_frac=0.8)
    assert ends["end_of_life_cycle"].to_list() == [None, 11]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-50, 50), min_size=2, max_size=50),
    st.integers(min_value=1, max_value=10**8),
)
def test_shifting_time_changes_nothing_and_flipping_current_swaps_in_and_out(current, shift_s):
    n = len(current)
    raw = pl.DataFrame(
        {
            "current_a": current,
            "time": [START + timedelta(seconds=30 * k) for k in range(n)],
            "voltage_v": np.linspace(3.5, 3.9, n),
            "cycle_count": np.arange(n) // 20 + 1,
        }
    ).with_columns(battery_id=pl.lit("A"))
    frame = as_frame(raw, subject="law")
    columns = ["charge_capacity_ah", "discharge_capacity_ah", "charge_energy_wh", "n_rows"]
    here = cycles(frame)
    later = cycles(frame.with_columns(pl.col("time") + pl.duration(seconds=shift_s)))
    assert later.select(columns).equals(here.select(columns))
    flipped = cycles(frame.with_columns(-pl.col("current_a")))
    assert flipped["charge_capacity_ah"].to_list() == pytest.approx(
        here["discharge_capacity_ah"].to_list()
    )
