import numpy as np
import polars as pl
import pytest

from batteryloop.health.trace import cells_in_series, trace_of
from batteryloop.record import BatteryIdentity


def with_counters(frame):
    hours = pl.col("time").diff().dt.total_microseconds().fill_null(0) / 3.6e9
    moved = pl.col("current_a") * hours
    return frame.with_columns(
        moved.clip(0).cum_sum().alias("charge_capacity_ah"),
        (-moved.clip(upper_bound=0)).cum_sum().alias("discharge_capacity_ah"),
    )


def test_charge_is_the_current_over_time(cell):
    frame = cell().discharge(5.0, to_soc=0.3).frame()
    trace = trace_of(frame)
    # The first sample has nothing before it: 10 s of 5 A are not counted.
    hours = (frame.height - 1) * 10 / 3600
    assert trace.charge_ah[-1] == pytest.approx(-5.0 * hours)
    assert trace.discharged_ah[-1] == pytest.approx(5.0 * hours)
    assert trace.throughput_ah == pytest.approx(5.0 * hours)


def test_counters_are_believed_where_they_agree_with_the_current(cycled):
    trace = trace_of(with_counters(cycled))
    assert trace.is_counted
    assert (trace.slack_ah == 0).all()
    assert trace.instrument.name == "tester"


def test_counters_that_disagree_are_not_believed(cycled):
    frame = with_counters(cycled).with_columns(pl.col("charge_capacity_ah") * 3)
    assert not trace_of(frame).is_counted


def test_counter_that_falls_in_the_middle_is_not_believed(cycled):
    middle = cycled.height // 2
    frame = with_counters(cycled).with_columns(
        pl.when(pl.int_range(pl.len()) == middle)
        .then(0.0)
        .otherwise(pl.col("charge_capacity_ah"))
        .alias("charge_capacity_ah")
    )
    assert not trace_of(frame).is_counted


def test_counters_of_the_next_test_begin_a_new_stretch(cycled):
    from datetime import timedelta

    one = with_counters(cycled)
    both = pl.concat([one, one.with_columns(pl.col("time") + timedelta(days=9))])
    trace = trace_of(both)
    assert trace.is_counted
    assert trace.part[-1] == 1
    assert trace.discharged_ah[-1] == pytest.approx(2 * trace_of(one).discharged_ah[-1])


def test_nothing_is_counted_over_a_gap(cell):
    made = cell().discharge(5.0, to_soc=0.4)
    made.seconds += 3600
    made.discharge(5.0, to_soc=0.3)
    trace = trace_of(made.frame())
    assert trace.part[-1] == 1
    assert trace.charge_ah[-1] == pytest.approx(-2.0, abs=0.03)


def test_current_that_jumps_between_far_samples_is_owned_up_to(cell):
    made = cell().rest(0.1)
    made.seconds += 110
    made.discharge(5.0, to_soc=0.4)
    slack = trace_of(made.frame()).slack_ah[-1]
    # Half of 5 A over 120 s is 0.083 Ah either way; even between the bounds that is / sqrt 3.
    assert slack == pytest.approx(5.0 * 120 / 3600 / 2 / np.sqrt(3), rel=0.05)


def test_cycles_go_on_where_the_tester_starts_again(cycled):
    frame = cycled.with_columns(
        (pl.int_range(pl.len()) % 900 // 300 + 1).cast(pl.Int64).alias("cycle_count")
    )
    counts = trace_of(frame).cycle_count
    assert (np.diff(counts) >= 0).all()
    assert counts[:1200:300].tolist() == [1, 2, 3, 4]


def test_surroundings_stand_in_where_the_cell_has_no_sensor(cycled):
    frame = cycled.drop("temperature_degc").with_columns(
        pl.lit(7.0).alias("ambient_temperature_degc")
    )
    assert (trace_of(frame).temperature_degc == 7.0).all()


@pytest.mark.parametrize(
    ("columns", "stated", "expected"),
    [
        ({"voltage_v": [360.0], "cell_voltage_mean_v": [3.75]}, 1, 96),
        ({"voltage_v": [360.0], "cell_voltage_mean_v": [3.75]}, 100, 100),
        ({"voltage_v": [360.0]}, 1, 1),
        ({"cell_voltages_v": [[3.7, 3.7, 3.7]]}, 1, 3),
        ({"voltage_v": [None], "cell_voltage_mean_v": [None]}, 1, 1),
    ],
)
def test_cells_in_series(columns, stated, expected):
    frame = pl.DataFrame(columns)
    assert cells_in_series(frame, BatteryIdentity("A", n_cells_series=stated)) == expected
