"""A day of steps is a day: nothing overlaps, nothing is lost, the unit wakes and sleeps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.simulation.layout import CHARGE, POWER, REST
from batteryloop.simulation.schedule import DAY_S, Block, day_of


def block(start_s, n_steps, mode=POWER):
    return Block(start_s, mode, np.full(n_steps, -1000.0), 0.1)


blocks = st.lists(st.builds(block, st.floats(0, DAY_S), st.integers(1, 2000)), max_size=6)


@given(blocks, st.sampled_from([1.0, 10.0, 60.0]), st.sampled_from([None, 300.0, 3600.0]))
def test_the_steps_add_up_to_one_day(plan, sampling_s, parked_s):
    day = day_of(plan, sampling_s=sampling_s, parked_sampling_s=parked_s)
    assert day.dt_s.sum() == pytest.approx(DAY_S, abs=1e-6)
    assert (day.dt_s > 0).all()
    assert (day.is_awake | (day.mode == REST)).all()


def test_a_parked_day_is_sparse_or_silent():
    sparse = day_of([], sampling_s=10.0, parked_sampling_s=600.0)
    silent = day_of([], sampling_s=10.0, parked_sampling_s=None)
    assert sparse.is_recorded.sum() == 144
    assert silent.is_recorded.sum() == 0


def test_the_unit_wakes_before_a_drive_and_sleeps_a_minute_after():
    day = day_of([block(3600.0, 30)], sampling_s=10.0, parked_sampling_s=None)
    awake = np.flatnonzero(day.is_awake)
    assert day.mode[awake].tolist() == [REST] * 2 + [POWER] * 30 + [REST] * 6
    assert day.end_s[awake[0]] == pytest.approx(3600.0 - 10.0)
    assert day.end_s[awake[-1]] == pytest.approx(3600.0 + 300.0 + 60.0)


def test_a_block_that_would_overlap_follows_at_once():
    day = day_of(
        [block(1000.0, 200), block(1500.0, 10, CHARGE)], sampling_s=10.0, parked_sampling_s=600.0
    )
    first = np.flatnonzero(day.mode == CHARGE)[0]
    assert day.end_s[first] == pytest.approx(3010.0)


def test_what_reaches_past_the_day_is_cut():
    day = day_of([block(DAY_S - 600.0, 500)], sampling_s=10.0, parked_sampling_s=600.0)
    assert (day.mode == POWER).sum() == 60
    assert day.end_s[-1] == pytest.approx(DAY_S)


def test_a_day_begins_at_four_in_the_morning():
    day = day_of([], sampling_s=10.0, parked_sampling_s=3600.0)
    assert day.second_of_day[0] == pytest.approx(5 * 3600.0)
    assert day.second_of_day[-1] == pytest.approx(4 * 3600.0)
