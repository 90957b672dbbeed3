import polars as pl
import pytest

from batteryloop.readers.sign import direction_from_voltage, with_opposite_sign, with_sign_of
from batteryloop.readers.tabular import Table


def test_where_nothing_says_the_direction_the_sign_stays():
    table = Table(pl.DataFrame({"current_a": [1.0, -1.0, 1.0], "way": [0, 0, -1]}))
    turned = with_sign_of(table, pl.col("way"), said_by="way")
    assert turned.frame["current_a"].to_list() == [1.0, -1.0, -1.0]
    assert turned.findings[0].n_rows == 1


def test_power_turns_with_the_current():
    table = Table(pl.DataFrame({"current_a": [1.0], "power_w": [3.7], "voltage_v": [3.7]}))
    turned = with_opposite_sign(table, because="it says so").frame
    assert turned.rows() == [(-1.0, -3.7, 3.7)]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_step_that_was_running_already_goes_by_its_trend(sign):
    frame = pl.DataFrame(
        {"current_a": [2.0, 2.0, 2.0], "voltage_v": [3.6, 3.6 + sign * 0.05, 3.6 + sign * 0.1]}
    )
    assert direction_from_voltage(frame).to_list() == [sign] * 3


def test_steps_of_the_tester_are_kept_apart():
    frame = pl.DataFrame(
        {
            "current_a": [1.0, 1.0, 1.0, 1.0],
            "voltage_v": [3.6, 3.7, 3.6, 3.5],
            "step_index": [1, 1, 2, 2],
        }
    )
    assert direction_from_voltage(frame).to_list() == [1, 1, -1, -1]


def test_rest_has_no_direction():
    frame = pl.DataFrame({"current_a": [0.0, 0.0, None], "voltage_v": [3.6, 3.7, 3.8]})
    assert direction_from_voltage(frame).to_list() == [0, 0, 0]
