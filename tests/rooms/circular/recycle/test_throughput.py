"""Lines, shifts and buffers: what the events must add up to."""

from dataclasses import replace

import numpy as np
import pytest

from batteryloop.circular.recycle.throughput import (
    Line,
    default_lines,
    simulate_throughput,
    with_buffer,
)
from batteryloop.errors import ValueOutOfRange

SURE = Line("mill", "mill", 1, 2.0, 3, 1e12, 1.0, 10_000.0)


def run(*lines, arrivals_t=1000.0, days=30.0, seed=1, lot_t=10.0):
    rng = np.random.default_rng(seed)
    return simulate_throughput(arrivals_t, rng, span_days=days, lines=lines, lot_t=lot_t)


def test_a_machine_that_never_rests_works_at_its_rate():
    done = run(SURE, arrivals_t=1e5, days=30.0, lot_t=1.0)
    assert done.worked_t == pytest.approx(2.0 * 24 * 30, rel=0.02)
    assert done.lines[0].load_frac > 0.98


def test_one_shift_of_three_gives_a_third():
    one = run(replace(SURE, shifts=1), arrivals_t=1e4, lot_t=1.0)
    assert one.worked_t == pytest.approx(2.0 * 8 * 30, rel=0.03)
    assert one.lines[0].by_shift_t[1:] == (0.0, 0.0)
    assert one.lines[0].shares_frac["off_shift"] == pytest.approx(2 / 3, abs=0.02)


def test_breakdowns_cost_their_share():
    frail = replace(SURE, mtbf_h=5.0, mttr_h=5.0)
    done = run(frail, arrivals_t=1e5, days=300.0, lot_t=1.0, seed=3)
    assert done.lines[0].shares_frac["down"] == pytest.approx(0.5, abs=0.04)


def test_the_slowest_line_is_the_bottleneck_and_blocks_the_one_before():
    slow = replace(SURE, name="leach", rate_t_per_h=0.5, buffer_t=20.0)
    done = run(SURE, slow, arrivals_t=5000.0)
    assert done.bottleneck == "leach"
    assert done.lines[0].shares_frac["blocked"] > 0.5


def test_a_full_yard_turns_lots_away_and_a_larger_one_fewer():
    small = replace(SURE, rate_t_per_h=1.0, shifts=1, buffer_t=20.0)
    few = run(replace(small, buffer_t=200.0), arrivals_t=400.0)
    many = run(small, arrivals_t=400.0)
    assert many.refused_t > few.refused_t


def test_nothing_is_worked_off_that_did_not_arrive():
    for seed in range(5):
        done = simulate_throughput(50_000.0, np.random.default_rng(seed), span_days=60.0)
        assert done.worked_t + done.refused_t <= done.arrived_t
        for line in done.lines:
            assert sum(line.shares_frac.values()) == pytest.approx(1.0, abs=1e-6)


def test_the_same_seed_gives_the_same_year():
    assert run(*default_lines(), seed=5) == run(*default_lines(), seed=5)


def test_a_buffer_can_be_changed():
    assert with_buffer(default_lines(), "separation", 5.0)[2].buffer_t == 5.0


def test_a_line_that_cannot_be_is_refused():
    with pytest.raises(ValueOutOfRange, match="1 to 3 shifts"):
        run(replace(SURE, shifts=4))
