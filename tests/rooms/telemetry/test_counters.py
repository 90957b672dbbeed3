from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.errors import ColumnMissing
from batteryloop.telemetry.counters import unroll_counters

START = datetime(2026, 1, 1, tzinfo=UTC)


def unrolled(frame_of, counter, **columns):
    frame = frame_of([1.0] * len(counter), charge_capacity_ah=counter, **columns)
    out, findings = unroll_counters(frame)
    return out["charge_capacity_ah"].to_list(), findings


def test_a_counter_that_restarts_counts_on(frame_of):
    values, (finding,) = unrolled(frame_of, [0.0, 1.0, 2.0, 0.0, 1.0, 0.1, 0.6])
    assert values == pytest.approx([0.0, 1.0, 2.0, 2.0, 3.0, 3.1, 3.6])
    assert finding.rule == "counter-restarts"
    assert finding.severity == "note"
    assert "restarts 2 times, first at row 3" in finding.found


def test_it_counts_from_the_first_sample(frame_of):
    values, findings = unrolled(frame_of, [54.0, 54.5, 55.0])
    assert values == pytest.approx([0.0, 0.5, 1.0])
    assert findings == ()


def test_trembling_is_no_restart(frame_of):
    values, findings = unrolled(frame_of, [0.0, 1.0, 0.999999, 1.0, 1.5, -1e-9 + 1.5, 2.0])
    assert values == pytest.approx([0.0, 1.0, 1.0, 1.0, 1.5, 1.5, 2.0])
    assert findings == ()
    values, findings = unrolled(frame_of, [0.0, -1e-9, 0.0, 1e-9, 0.0, 1.0])
    assert values == pytest.approx([0.0, 0.0, 0.0, 0.0, 0.0, 1.0], abs=1e-8)
    assert findings == ()


def test_a_counter_that_runs_back_is_held_and_told_of(frame_of):
    values, (finding,) = unrolled(frame_of, [0.0, 1.0, 0.9, 0.8, 0.9, 1.1])
    assert values == pytest.approx([0.0, 1.0, 1.0, 1.0, 1.0, 1.1])
    assert (finding.rule, finding.severity) == ("counter-falls", "warning")


def test_counters_of_each_step_hold_their_charge_together(frame_of):
    # three steps of 0.5 Ah, each counted from 0
    step = list(np.linspace(0, 0.5, 6))
    values, (finding,) = unrolled(frame_of, step * 3)
    assert values[-1] == pytest.approx(1.5)
    assert "restarts 2 times" in finding.found


def test_where_a_named_column_changes_any_loss_is_a_restart(frame_of):
    counter = [0.0, 1.0, 0.7, 1.2]
    frame = frame_of([1.0] * 4, charge_capacity_ah=counter, step_index=[1, 1, 2, 2])
    held, _ = unroll_counters(frame)
    assert held["charge_capacity_ah"].to_list() == pytest.approx([0.0, 1.0, 1.0, 1.2])
    marked, _ = unroll_counters(frame, by="step_index")
    assert marked["charge_capacity_ah"].to_list() == pytest.approx([0.0, 1.0, 1.7, 2.2])
    with pytest.raises(ColumnMissing):
        unroll_counters(frame, by="file")


def test_what_was_not_read_stays_unread(frame_of):
    values, _ = unrolled(frame_of, [0.0, None, 2.0, 0.0, None, 1.0])
    assert values == [0.0, None, 2.0, 2.0, None, 3.0]


def test_a_cycle_count_that_falls_is_numbered_through(frame_of):
    frame = frame_of([1.0] * 7, cycle_count=[1, 1, 2, 1, 2, 2, 1])
    out, (finding,) = unroll_counters(frame)
    assert out["cycle_count"].to_list() == [1, 1, 2, 3, 4, 4, 5]
    assert finding.rule == "cycle-count-restarts"
    assert finding.row_first == 3


def test_files_of_one_cycle_each_are_told_apart_by_gap_step_and_counters(frame_of):
    time = [START + timedelta(hours=h, minutes=m) for h in (0, 20, 40) for m in range(4)]
    frame = frame_of(
        [1.0, 1.0, -1.0, -1.0] * 3,
        time=time,
        cycle_count=1,
        step_index=[1, 1, 2, 2] * 3,
        charge_capacity_ah=[0.0, 0.5, 0.5, 0.5] * 3,
        discharge_capacity_ah=[0.0, 0.0, 0.2, 0.5] * 3,
    )
    out, _ = unroll_counters(frame)
    assert out["cycle_count"].to_list() == [1] * 4 + [2] * 4 + [3] * 4
    # a mere gap makes no new cycle
    kept, _ = unroll_counters(frame.drop("charge_capacity_ah", "discharge_capacity_ah"))
    assert kept["cycle_count"].n_unique() == 1


def test_each_battery_counts_for_itself_and_rows_are_those_of_the_frame(frame_of):
    a = frame_of([1.0] * 3, charge_capacity_ah=[5.0, 6.0, 7.0])
    b = frame_of([1.0] * 3, charge_capacity_ah=[1.0, 2.0, 0.0], battery_id="B")
    out, (finding,) = unroll_counters(pl.concat([a, b]))
    assert out["charge_capacity_ah"].to_list() == [0.0, 1.0, 2.0, 0.0, 1.0, 1.0]
    assert (finding.battery_id, finding.row_first) == ("B", 5)


def test_a_frame_without_counters_or_rows_is_returned_as_it_is(frame_of):
    frame = frame_of([1.0] * 3)
    assert unroll_counters(frame) == (frame, ())
    empty = frame_of([1.0], charge_capacity_ah=[0.0]).clear()
    assert unroll_counters(empty)[0].is_empty()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.05, 5.0), st.booleans()), min_size=1, max_size=40))
def test_unrolling_gives_back_what_was_added_and_never_falls(additions):
    total, reading, readings, truth = 0.0, 0.0, [0.0], [0.0]
    for gain, is_restart in additions:
        # a tester restarts after a step that held more than the first reading of the next
        reading = gain * 0.01 if is_restart and reading > gain else reading + gain
        total = truth[-1] + (gain * 0.01 if reading == gain * 0.01 else gain)
        readings.append(reading)
        truth.append(total)
    frame = pl.DataFrame(
        {
            "battery_id": "A",
            "time": [START + timedelta(seconds=k) for k in range(len(readings))],
            "current_a": 1.0,
            "voltage_v": 3.7,
            "charge_capacity_ah": readings,
        }
    ).with_columns(pl.col("time").cast(pl.Datetime("us", "UTC")))
    out, _ = unroll_counters(frame)
    assert out["charge_capacity_ah"].to_list() == pytest.approx(truth)
    assert (out["charge_capacity_ah"].diff().drop_nulls() >= 0).all()
    again, findings = unroll_counters(out)
    assert again["charge_capacity_ah"].to_list() == pytest.approx(truth)
    assert findings == ()
