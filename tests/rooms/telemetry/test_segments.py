from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.errors import ColumnMissing, InputWrong
from batteryloop.telemetry.frame import as_frame
from batteryloop.telemetry.segments import SCHEMA, segments

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_charge_rest_and_discharge_are_told_apart_with_their_sums(frame_of):
    current = [0.0] * 10 + [2.0] * 60 + [0.0] * 30 + [-4.0] * 31
    voltage = [3.5] * 10 + [4.0] * 60 + [3.9] * 30 + [3.6] * 31
    soc = list(np.linspace(0.2, 0.5, 131))
    found = segments(frame_of(current, voltage_v=voltage, soc_frac=soc, temperature_degc=25.0))
    assert found["kind"].to_list() == ["rest", "charge", "rest", "discharge"]
    assert found["segment_id"].to_list() == [0, 1, 2, 3]
    assert found["n_rows"].to_list() == [10, 60, 30, 31]
    # a sample a minute, each with half of the minutes on either side
    assert found["charge_ah"].to_list() == pytest.approx([0, 2.0, 0, -4 * 30.5 / 60])
    assert found["energy_wh"].to_list() == pytest.approx([0, 8.0, 0, -4 * 30.5 / 60 * 3.6])
    assert found["current_mean_a"].to_list() == pytest.approx([0, 2, 0, -4])
    assert found["current_max_a"].to_list() == [0, 2, 0, -4]
    assert found["voltage_min_v"].to_list() == [3.5, 4.0, 3.9, 3.6]
    assert found["soc_start_frac"][0] == pytest.approx(0.2)
    assert found["soc_end_frac"][3] == pytest.approx(0.5)
    assert found["temperature_mean_degc"].to_list() == pytest.approx([25.0] * 4)
    assert (found["row_first"].to_list(), found["row_last"].to_list()) == (
        [0, 10, 70, 100],
        [9, 69, 99, 130],
    )
    assert found["duration_s"].to_list() == [540, 3540, 1740, 1800]


def test_a_lazy_frame_gives_a_lazy_table_of_the_same_rows(frame_of, tmp_path):
    both = pl.concat(
        [frame_of([1.0] * 5 + [-1.0] * 5, battery_id=name) for name in ("A", "B", "C")]
    )
    both.write_parquet(tmp_path / "lake.parquet", row_group_size=4)
    lazy = segments(pl.scan_parquet(tmp_path / "lake.parquet"))
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect().equals(segments(both))
    assert dict(segments(both).schema) == SCHEMA


def test_a_gap_ends_a_segment_and_nothing_is_summed_over_it(frame_of):
    time = [START + timedelta(minutes=m) for m in (0, 1, 2, 602, 603, 604)]
    found = segments(frame_of([6.0] * 6, time=time))
    assert found["is_after_gap"].to_list() == [False, True]
    assert found["charge_ah"].to_list() == pytest.approx([0.2, 0.2])


def test_within_one_step_of_a_tester_a_long_interval_is_no_gap(frame_of):
    time = [START + timedelta(minutes=m) for m in (0, 1, 2, 3, 63)]
    found = segments(frame_of([6.0] * 5, time=time, step_index=1))
    assert found.height == 1
    assert found["charge_ah"].item() == pytest.approx(6.3)


def test_where_the_step_changes_the_interval_is_the_new_steps(frame_of):
    # the tester wrote the rest's last moment, then switched 6 A on: a full minute of 6 A
    found = segments(frame_of([0.0, 0.0, 6.0, 6.0], step_index=[1, 1, 2, 2]))
    assert found["charge_ah"].to_list() == pytest.approx([0.0, 0.2])


def test_small_currents_are_rest_by_the_data_or_by_request(frame_of):
    current = [0.2] * 10 + [100.0] * 20
    assert segments(frame_of(current))["kind"].to_list() == ["rest", "charge"]
    asked = segments(frame_of(current), rest_current_a=0.1)
    assert asked["kind"].to_list() == ["charge"]


def test_a_noisy_zero_is_one_rest():
    rng = np.random.default_rng(1)
    n = 2000
    current = np.concatenate([rng.normal(0, 0.2, n), np.full(n, 50.0), rng.normal(0, 0.2, n)])
    raw = pl.DataFrame(
        {"current_a": current, "time": [START + timedelta(seconds=k) for k in range(3 * n)]}
    ).with_columns(battery_id=pl.lit("A"), voltage_v=pl.lit(350.0))
    found = segments(as_frame(raw, subject="test"))
    assert found["kind"].to_list() == ["rest", "charge", "rest"]


def test_a_drive_that_brakes_is_one_discharge(frame_of):
    drive = [-40.0, -30.0, 15.0] * 200  # ten minutes at a sample a second
    found = segments(frame_of([0.0] * 600 + drive + [0.0] * 600 + [20.0] * 1200, step_s=1.0))
    assert found["kind"].to_list() == ["rest", "discharge", "rest", "charge"]
    assert found["charge_ah"][1] == pytest.approx(sum(drive) / 3600, rel=1e-6)
    apart = segments(frame_of(drive, step_s=1.0), merge_shorter_s=0.0)
    assert apart.height == 400


def test_a_halt_in_a_drive_shorter_than_asked_for_is_taken_in(frame_of):
    current = [-20.0] * 300 + [0.0] * 50 + [-20.0] * 300
    assert segments(frame_of(current, step_s=1.0), merge_shorter_s=60.0).height == 1
    assert segments(frame_of(current, step_s=1.0), merge_shorter_s=40.0).height == 3


def test_pulses_of_a_tester_are_not_taken_together(frame_of):
    pulse = [0.0] * 40 + [-10.0] * 10 + [0.0] * 40 + [7.5] * 10
    found = segments(frame_of(pulse * 12, step_s=1.0))
    assert found.height == 48


def test_samples_without_current_are_passed_over_and_missing_voltage_is_bridged(frame_of):
    found = segments(
        frame_of([6.0, None, 6.0, 6.0], voltage_v=[None, 4.0, 4.0, None], temperature_degc=None)
    )
    (row,) = found.rows(named=True)
    assert (row["n_rows"], row["row_first"], row["row_last"]) == (3, 0, 3)
    assert row["charge_ah"] == pytest.approx(0.3)
    assert row["energy_wh"] == pytest.approx(1.2)
    assert row["temperature_mean_degc"] is None


def test_no_rows_and_no_currents_give_no_segments(frame_of):
    empty = segments(frame_of([1.0]).clear())
    assert empty.is_empty()
    assert dict(empty.schema) == SCHEMA
    assert segments(frame_of([None, None, None])).is_empty()


def test_a_voltage_nowhere_known_leaves_energy_unknown(frame_of):
    found = segments(frame_of([1.0, 1.0], voltage_v=pl.Series([None, None], dtype=pl.Float64)))
    assert found["energy_wh"].item() is None
    assert found["voltage_min_v"].item() is None
    assert found["charge_ah"].item() > 0


def test_one_sample_is_a_segment_without_charge(frame_of):
    (row,) = segments(frame_of([5.0])).rows(named=True)
    assert (row["kind"], row["charge_ah"], row["current_mean_a"]) == ("charge", 0.0, 5.0)


def test_cell_voltages_serve_where_the_pack_has_none(frame_of):
    frame = frame_of([1.0] * 3, cell_voltage_mean_v=3.5).drop("voltage_v")
    assert segments(frame, n_cells_series=96)["voltage_end_v"].item() == pytest.approx(336.0)
    with pytest.raises(ColumnMissing):
        segments(frame.drop("cell_voltage_mean_v"))


def test_a_battery_in_two_places_is_refused(frame_of):
    a, b = frame_of([1.0] * 3), frame_of([1.0] * 3, battery_id="B")
    with pytest.raises(InputWrong, match="battery A: its rows are in two places"):
        segments(pl.concat([a, b, a]))


def test_long_names_that_differ_late_are_told_apart(frame_of):
    names = [f"a-very-long-name-of-a-battery-{k}" for k in range(3)]
    frame = pl.concat([frame_of([1.0, 1.0], battery_id=name) for name in names])
    assert segments(frame)["battery_id"].to_list() == names
    assert segments(frame)["row_first"].to_list() == [0, 2, 4]


currents = st.lists(
    st.one_of(st.just(0.0), st.floats(-100, 100), st.just(None)), min_size=1, max_size=60
)


@settings(max_examples=60, deadline=None)
@given(
    currents,
    st.lists(st.sampled_from([0.0, 1.0, 10.0, 60.0, 4000.0]), min_size=60, max_size=60),
    st.sampled_from([None, 0.0, 30.0, 500.0]),
)
def test_charges_of_the_segments_add_up_to_the_integral_and_rows_are_each_in_one(
    current, steps, merge_s
):
    seconds = np.cumsum(steps[: len(current)])
    raw = pl.DataFrame(
        {
            "current_a": pl.Series(current, dtype=pl.Float64),
            "time": [START + timedelta(seconds=float(s)) for s in seconds],
        }
    ).with_columns(battery_id=pl.lit("A"), voltage_v=pl.lit(3.7))
    frame = as_frame(raw, subject="law")
    found = segments(frame, gap_s=300.0, merge_shorter_s=merge_s)
    known = np.array([k for k, c in enumerate(current) if c is not None], dtype=int)
    whole = 0.0
    for before, after in pairwise(known):
        step = seconds[after] - seconds[before]
        whole += (current[before] + current[after]) / 2 * (step if step <= 300 else 0)
    assert found["charge_ah"].sum() == pytest.approx(whole / 3600, abs=1e-9)
    assert found["n_rows"].sum() == len(known)
    assert (found["row_first"].diff().drop_nulls() > 0).all()
    assert (found["row_last"] >= found["row_first"]).all()
