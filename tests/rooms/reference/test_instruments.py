import pytest

from batteryloop.errors import NotKnown
from batteryloop.reference.instruments import instrument, instruments


def test_every_instrument_states_its_source():
    for row in instruments().values():
        assert len(row.source) > 30
        assert 0 < row.current_gain_sd_frac < 0.05


def test_a_tester_is_taken_to_be_more_exact_than_a_vehicle():
    tester, vehicle = instrument("tester"), instrument("vehicle")
    assert tester.current_gain_sd_frac < vehicle.current_gain_sd_frac
    assert tester.cell_voltage_sd_v < vehicle.cell_voltage_sd_v


def test_wrong_name_gets_the_nearest():
    with pytest.raises(NotKnown, match="did you mean tester"):
        instrument("testre")
