import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from batteryloop.evaluation.rainflow import joined, rainflow, turning_points

LEVELS = arrays.arrays(
    float, st.integers(2, 60), elements=st.floats(0.0, 1.0, allow_nan=False, width=32)
)


def test_the_example_of_the_standard_is_counted_as_the_standard_counts_it():
    # ASTM E1049-85, figure 6: ranges 3, 4, 6, 8, 9 with counts 0.5, 1.5, 0.5, 1.0, 0.5.
    found = rainflow(np.array([-2.0, 1, -3, 5, -1, 3, -4, 4, -2]))
    counted = {d: found.counts[found.depth_frac == d].sum() for d in (3.0, 4.0, 6.0, 8.0, 9.0)}
    assert counted == {3.0: 0.5, 4.0: 1.5, 6.0: 0.5, 8.0: 1.0, 9.0: 0.5}


@given(LEVELS)
def test_nothing_is_lost_depth_times_count_is_half_of_the_way(levels):
    turning = turning_points(levels, least_frac=1e-12)
    way = float(np.abs(np.diff(levels)).sum())
    assert rainflow(turning).full_cycles == pytest.approx(way / 2, abs=1e-6)


@given(LEVELS, st.floats(0.01, 0.5))
def test_turning_points_turn_each_time_by_at_least_the_least(levels, least):
    steps = np.diff(turning_points(levels, least_frac=least))
    assert (np.abs(steps) >= least - 1e-12).all()
    assert (steps[1:] * steps[:-1] < 0).all()


@given(LEVELS, st.floats(0.01, 0.5))
def test_leaving_small_reversals_out_never_adds_cycles(levels, least):
    fine = rainflow(turning_points(levels, least_frac=1e-12)).full_cycles
    assert rainflow(turning_points(levels, least_frac=least)).full_cycles <= fine + 1e-9


def test_a_still_battery_has_no_cycle():
    assert rainflow(turning_points(np.full(9, 0.5), least_frac=0.01)).counts.size == 0
    assert joined([]).full_cycles == 0.0
