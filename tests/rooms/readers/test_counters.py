import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.readers.counters import growth, with_one_count, with_split_half_cycles


def test_what_is_counted_at_rest_goes_to_the_last_direction():
    frame = pl.DataFrame(
        {"current_a": [1.0, 1.0, 0.0, -1.0], "half_cycle_capacity_ah": [0.1, 0.2, 0.25, 0.05]}
    )
    split = with_split_half_cycles(frame)
    assert split["charge_capacity_ah"].to_list() == pytest.approx([0.0, 0.1, 0.15, 0.15])
    assert split["discharge_capacity_ah"].to_list() == pytest.approx([0, 0, 0, 0.05])


def test_counters_that_are_given_apart_are_kept():
    frame = pl.DataFrame(
        {"current_a": [1.0], "half_cycle_capacity_ah": [0.1], "charge_capacity_ah": [7.0]}
    )
    assert with_split_half_cycles(frame)["charge_capacity_ah"].to_list() == [7.0]


def test_noise_is_no_restart():
    grown = pl.DataFrame({"q": [1.0, 0.999, 1.1, 0.01]}).select(growth(pl.col("q"))).to_series()
    assert grown.to_list() == pytest.approx([0.0, 0.0, 0.101, 0.01])


def test_a_counter_begins_at_nothing_in_each_part():
    frame = pl.DataFrame({"part": [0, 0, 1, 1], "q": [0.5, 1.0, 2.0, 3.0]})
    assert with_one_count(frame, ("q",), "part")["q"].to_list() == [0.5, 1.0, 3.0, 4.0]


@given(
    st.lists(st.tuples(st.sampled_from([1.0, -1.0]), st.floats(0.01, 5.0)), min_size=1, max_size=10)
)
def test_charge_and_discharge_together_are_all_that_was_counted(half_cycles):
    current, counted = [0.0], [0.0]
    for sign, amount in half_cycles:
        for share in (0.1, 0.5, 1.0):
            current.append(sign)
            counted.append(amount * share)
        current.append(0.0)
        counted.append(0.0)
    frame = pl.DataFrame({"current_a": current, "half_cycle_capacity_ah": counted})
    split = with_split_half_cycles(frame)
    charge = sum(amount for sign, amount in half_cycles if sign > 0)
    discharge = sum(amount for sign, amount in half_cycles if sign < 0)
    assert split["charge_capacity_ah"][-1] == pytest.approx(charge)
    assert split["discharge_capacity_ah"][-1] == pytest.approx(discharge)
    assert split["charge_capacity_ah"].is_sorted()
