import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.errors import InputWrong, ValueOutOfRange
from batteryloop.health.charge_curve.curve import POSITIONS, charge_curve

MINUTES = np.arange(0.0, 120.0)


def constant(amps=2.0, **options):
    """Two hours at a constant current, 3.5 V to 4.1 V."""
    return charge_curve(MINUTES * 60, np.full(120, amps), 3.5 + MINUTES / 200, **options)


def test_the_charge_is_the_integral_of_the_current():
    curve = constant()
    assert curve.charge_ah == pytest.approx(2.0 * 119 / 60)
    assert curve.capacity_ah == curve.charge_ah
    assert curve.current_a == 2.0
    assert curve.position_frac[[0, -1]].tolist() == [0.0, 1.0]


def test_a_tester_s_counter_and_a_measured_capacity_are_preferred():
    counter = 5.0 + MINUTES / 119 * 4.2
    curve = constant(charge_ah=counter, capacity_ah=4.1)
    assert curve.charge_ah == pytest.approx(4.2)
    assert curve.capacity_ah == 4.1


def test_a_pack_s_voltage_is_that_of_its_mean_cell():
    pack = charge_curve(
        MINUTES * 60, np.full(120, 2.0), 96 * (3.5 + MINUTES / 200), n_cells_series=96
    )
    assert np.allclose(pack.voltage_v, constant().voltage_v)


def test_without_a_taper_nothing_is_compensated():
    curve = constant()
    assert curve.polarisation_v() == 0.0
    assert np.allclose(curve.compensated(0.1), 3.5 + 119 / 200 * POSITIONS)


def test_with_the_polarisation_taken_out_the_taper_goes_on_rising(cell):
    made = cell(span_s=30.0, ohm=0.03)
    made.soc = 0.0
    made.charge(5.0)
    seconds, amps, volts, *_ = (np.array(c) for c in zip(*made.rows, strict=True))
    curve = charge_curve(seconds, amps, volts)
    drop = curve.polarisation_v()
    # The ohmic drop is 0.03 ohm at 5 A; the slope at the end is that of the last tenth.
    assert 0.05 < drop <= 0.15
    assert (np.diff(curve.compensated(drop)) > 0).all()
    assert (np.diff(curve.compensated(0.0))[-5:] < 1e-6).all()


def test_samples_just_after_the_current_came_back_are_left_out():
    amps, volts = np.full(120, 2.0), 3.5 + MINUTES / 200
    amps[60:65], volts[60:65], volts[65] = 0.0, 3.6, 9.9
    curve = charge_curve(MINUTES * 60, amps, volts)
    assert curve.voltage_v.max() < 4.2
    # five at rest, then three within 150 s (0, 60 and 120 s after)
    assert curve.voltage_v.size == 120 - 5 - 3


def test_the_begin_of_the_charge_itself_is_kept():
    amps, volts = np.full(120, 2.0), 3.5 + MINUTES / 200
    amps[0] = 0.0
    assert charge_curve(MINUTES * 60, amps, volts).voltage_v.size == 119


def test_samples_with_an_unknown_value_are_passed_over():
    volts = 3.5 + MINUTES / 200
    volts[[5, 50]] = np.nan
    assert charge_curve(MINUTES * 60, np.full(120, 2.0), volts).voltage_v.size == 118


@pytest.mark.parametrize(
    ("time", "amps", "volts", "error", "words"),
    [
        (MINUTES * 60, np.full(119, 2.0), MINUTES, InputWrong, "one length"),
        (-MINUTES, np.full(120, 2.0), MINUTES, InputWrong, "time falls"),
        (MINUTES[:9], np.full(9, 2.0), MINUTES[:9], InputWrong, "sampled more often"),
        (MINUTES * 60, np.full(120, -2.0), MINUTES, ValueOutOfRange, "above 0 Ah"),
        (MINUTES * 60, np.full(120, 2.0), -MINUTES, ValueOutOfRange, "a voltage that rises"),
        ([], [], [], ValueOutOfRange, "above 0 Ah"),
    ],
)
def test_what_is_no_charge_is_refused_by_name(time, amps, volts, error, words):
    with pytest.raises(error, match=words):
        charge_curve(time, amps, volts)


def test_a_counter_with_holes_is_refused():
    with pytest.raises(InputWrong, match="leave it out"):
        constant(charge_ah=np.full(120, np.nan))


@settings(max_examples=30, deadline=None)
@given(factor=st.floats(0.01, 1000))
def test_a_bigger_battery_has_the_same_curve(factor):
    big, small = constant(2.0 * factor), constant(2.0)
    assert big.charge_ah == pytest.approx(factor * small.charge_ah)
    assert np.allclose(big.position_frac, small.position_frac)
    assert np.allclose(big.current_ratio_frac, small.current_ratio_frac)
