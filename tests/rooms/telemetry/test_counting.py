import numpy as np
import polars as pl

from batteryloop.telemetry.counting import count_cycles


def test_a_cycle_begins_with_the_charge_after_a_discharge(frame_of):
    current = ([2.0] * 60 + [0.0] * 5 + [-2.0] * 60 + [0.0] * 5) * 3
    assert count_cycles(frame_of(current))["cycle_count"].to_list() == [
        number for number in (1, 2, 3) for _ in range(130)
    ]


def test_braking_and_short_top_ups_begin_no_cycle(frame_of):
    drive = [-20.0, -20.0, 5.0] * 40
    day = drive + [10.0] * 10 + drive + [20.0] * 120
    counted = count_cycles(frame_of(day * 2))["cycle_count"]
    assert counted.n_unique() == 3  # the first day, its night's charge with the second day, …
    assert counted[len(drive) + 20] == 1
    assert counted[-1] == 3


def test_the_discharge_that_is_enough_can_be_said(frame_of):
    current = ([-2.0] * 30 + [2.0] * 30) * 4
    assert count_cycles(frame_of(current), min_discharge_ah=0.9)["cycle_count"][-1] == 5
    assert count_cycles(frame_of(current), min_discharge_ah=1.5)["cycle_count"][-1] == 1


def test_a_reported_state_of_charge_counts_over_gaps_that_hide_the_charge(frame_of):
    # only drives are recorded; each night the car charges unseen
    soc = list(np.linspace(0.9, 0.3, 60)) * 4
    frame = frame_of([-20.0] * 240, soc_frac=soc)
    assert count_cycles(frame)["cycle_count"].n_unique() == 4
    assert count_cycles(frame.drop("soc_frac"))["cycle_count"].n_unique() == 1


def test_a_single_odd_state_of_charge_begins_no_cycle(frame_of):
    soc = list(np.linspace(0.9, 0.3, 60))
    soc[20] = 0.0
    assert count_cycles(frame_of([-20.0] * 60, soc_frac=soc))["cycle_count"].n_unique() == 1


def test_batteries_are_counted_each_for_itself_and_empty_frames_stay_empty(frame_of):
    cycled = frame_of(([2.0] * 30 + [-2.0] * 30) * 2)
    both = pl.concat([cycled, cycled.with_columns(battery_id=pl.lit("B"))])
    assert count_cycles(both)["cycle_count"].to_list() == ([1] * 60 + [2] * 60) * 2
    assert count_cycles(both.clear()).is_empty()
    assert count_cycles(frame_of([0.0] * 5))["cycle_count"].to_list() == [1] * 5
