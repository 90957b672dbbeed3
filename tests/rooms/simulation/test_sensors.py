"""What is observed differs from what is true by noise, offset and steps, and by no more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.reference.chemistries import chemistry
from batteryloop.reference.ocv import ocv_curve
from batteryloop.simulation.faults import Effects
from batteryloop.simulation.layout import CURRENT
from batteryloop.simulation.schedule import day_of
from batteryloop.simulation.sensors import _in_steps, make_unit, observe
from batteryloop.simulation.types import Sensing

N = 6


def rng(seed=2):
    return np.random.Generator(np.random.PCG64(seed))


@pytest.fixture
def seen(string_of):
    """Return a function that runs a parked day at a current and returns what was seen and true."""

    def see(sensing, effects=None, request=0.0, name="NMC622"):
        string = string_of(name, n_cells=N, soc=0.6)
        day = day_of([], sampling_s=10.0, parked_sampling_s=60.0)
        n_steps = day.dt_s.shape[0]
        truth = string.go(n_steps, dt=60.0, mode=CURRENT, request=request)
        kind = chemistry(name)
        unit = make_unit(sensing, kind, ocv_curve(name), 100.0, N, 0.6, rng())
        frame = observe(
            unit,
            day,
            truth,
            effects or Effects.none(N),
            np.full(n_steps, 20.0),
            (day.end_s * 1e6).astype(np.int64),
            rng(),
        )
        return frame, truth, unit

    return see


def cells(frame):
    return np.array(frame["cell_voltages_v"].to_list())


def test_ideal_sensors_tell_the_truth(seen):
    frame, truth, _ = seen(Sensing.ideal(), request=5.0)
    assert cells(frame) == pytest.approx(truth.cell_v, abs=1e-6)
    assert frame["current_a"].to_numpy() == pytest.approx(truth.current_a)
    assert frame["soc_frac"].to_numpy() == pytest.approx(truth.soc_frac)
    total = truth.cell_v.astype(float).sum(axis=1)
    assert frame["voltage_v"].to_numpy() == pytest.approx(total, abs=1e-5)


def test_readings_come_in_steps(seen):
    frame, _, _ = seen(
        Sensing(cell_voltage_step_v=0.005, current_step_a=0.5, temperature_step_degc=1.0),
        request=2.3,
    )
    for values, step in (
        (cells(frame), 0.005),
        (frame["current_a"].to_numpy(), 0.5),
        (frame["temperature_max_degc"].to_numpy(), 1.0),
        (frame["soc_frac"].to_numpy(), 0.005),
    ):
        assert np.abs(values / step - np.rint(values / step)).max() < 1e-3


def test_noise_and_offset_have_the_width_that_was_asked(seen):
    frame, truth, unit = seen(
        Sensing(
            cell_voltage_step_v=0.0,
            cell_voltage_noise_v=0.004,
            current_step_a=0.0,
            current_noise_a=0.3,
        )
    )
    apart = cells(frame) - truth.cell_v
    assert apart.std(axis=0) == pytest.approx(0.004, rel=0.1)
    assert apart.mean(axis=0) == pytest.approx(unit.voltage_offset_v, abs=4e-4)
    noise = frame["current_a"].to_numpy() - truth.current_a
    assert noise.std() == pytest.approx(0.3, rel=0.1)
    assert noise.mean() == pytest.approx(unit.current_offset_a, abs=0.03)


def test_a_drifting_voltage_sensor_lies_about_one_cell_only(seen):
    effects = Effects.none(N)
    effects.voltage_offset_v[3] = 0.05
    frame, truth, _ = seen(Sensing.ideal(), effects)
    apart = (cells(frame) - truth.cell_v).mean(axis=0)
    assert apart == pytest.approx([0, 0, 0, 0.05, 0, 0], abs=1e-6)


def test_a_current_offset_is_read_and_not_there(seen):
    effects = Effects.none(N)
    effects.current_offset_a = 1.5
    frame, truth, _ = seen(Sensing.ideal(), effects)
    assert frame["current_a"].to_numpy() - truth.current_a == pytest.approx(1.5)


def test_gaps_lose_about_their_share_of_the_rows(seen):
    shares = []
    for share in (0.1, 0.3):
        effects = Effects.none(N)
        effects.lost_rows_frac = share
        shares.append(1 - seen(Sensing.ideal(), effects)[0].height / 1440)
    assert 0.02 < shares[0] <= 0.11
    assert shares[0] < shares[1] <= 0.31


def test_counting_with_an_offset_drifts_until_it_is_set_right(seen):
    honest, truth, _ = seen(Sensing.ideal(), request=1.0)
    assert (honest["soc_frac"].to_numpy() == truth.soc_frac).all()
    _, truth, unit = seen(Sensing(current_offset_sd_a=0.0), request=1.0)
    assert abs(unit.soc_frac - truth.soc_frac[-1]) < 0.3  # asleep: it does not count at all


def test_poor_insulation_and_a_cell_apart_raise_their_alarms(seen):
    effects = Effects.none(N)
    effects.insulation_kohm = 40.0
    effects.voltage_offset_v[0] = -0.2
    frame, _, _ = seen(Sensing.ideal(), effects)
    assert set(frame["alarm_bits"]) == {(1 << 11) | (1 << 10)}
    quiet, _, _ = seen(Sensing.ideal())
    assert set(quiet["alarm_bits"]) == {0}


@given(st.floats(-1e3, 1e3), st.sampled_from([0.001, 0.005, 0.1, 0.25, 0.5, 1.0, 2.0]))
def test_rounding_moves_a_value_by_half_a_step_at_most(value, step):
    rounded = float(_in_steps(np.array(value), step))
    assert abs(rounded - value) <= step / 2 + 1e-9
    assert float(_in_steps(np.array(rounded), step)) == rounded
