import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import ColumnMissing, InputWrong, NotKnown, ValueOutOfRange
from batteryloop.health.open_circuit.curve import (
    OcvCurve,
    Sweep,
    ocv_from_sweeps,
    ocv_from_table,
    typical_ocv,
)

LINE = OcvCurve(np.array([0.0, 1.0]), np.array([3.0, 4.0]), voltage_sd_v=0.0)


def table(soc, voltage):
    return pl.DataFrame({"soc_frac": soc, "voltage_v": voltage})


def test_voltage_and_charge_are_each_other_s_inverse():
    for chemistry in ("NMC622", "LCO", "NCA"):
        curve = typical_ocv(chemistry)
        soc = np.linspace(0.05, 0.95, 19)
        assert np.allclose(curve.soc_at(curve.voltage_at(soc)), soc, atol=1e-6)


def test_beyond_the_ends_the_charge_is_that_of_the_end():
    assert LINE.soc_at([2.0, 5.0]).tolist() == [0.0, 1.0]


def test_the_slope_of_a_line_is_its_slope_up_to_the_ends():
    assert LINE.slope_at([0.0, 0.5, 1.0]) == pytest.approx([1.0, 1.0, 1.0])


def test_ten_millivolts_on_a_volt_a_charge_are_one_hundredth():
    assert float(LINE.soc_sd_at(3.5, voltage_sd_v=0.01)) == pytest.approx(0.01)


def test_at_an_end_the_charge_is_no_surer_than_within():
    assert float(LINE.soc_sd_at(4.0, voltage_sd_v=0.01)) == pytest.approx(0.01)


def test_on_the_plateau_of_iron_phosphate_a_voltage_says_next_to_nothing():
    lfp, nmc = typical_ocv("LFP"), typical_ocv("NMC622")
    on_plateau = lfp.soc_sd_at(lfp.voltage_at(0.45), voltage_sd_v=0.005)
    assert on_plateau > 0.15
    assert nmc.soc_sd_at(nmc.voltage_at(0.45), voltage_sd_v=0.005) < 0.06


def test_a_table_in_any_order_with_gaps_gives_the_curve():
    mixed = table([1.0, 0.0, None, 0.5, 0.5, 0.8], [4.2, 3.0, 3.3, 3.6, 3.7, 4.0])
    curve = ocv_from_table(mixed)
    assert curve.soc_frac.tolist() == [0.0, 0.5, 0.8, 1.0]
    assert float(curve.voltage_at(0.5)) == pytest.approx(3.65)
    assert curve.findings == ()


def test_a_small_fall_is_made_monotone_and_said():
    curve = ocv_from_table(table([0.0, 0.3, 0.6, 1.0], [3.0, 3.605, 3.6, 4.2]), subject="a.csv")
    assert (np.diff(curve.voltage_v) > 0).all()
    assert float(curve.voltage_at(0.45)) == pytest.approx(3.6025, abs=1e-5)
    assert curve.findings[0].rule == "ocv-not-monotone"
    assert "a.csv" in curve.findings[0].found


def test_equal_voltages_are_a_plateau_not_a_fault():
    curve = ocv_from_table(table([0.0, 0.3, 0.6, 1.0], [3.0, 3.3, 3.3, 3.6]))
    assert curve.findings == ()
    assert (np.diff(curve.voltage_v) > 0).all()


@pytest.mark.parametrize(
    ("soc", "voltage", "error", "words"),
    [
        ([0, 30, 60, 100], [3.0, 3.5, 3.7, 4.2], ValueOutOfRange, "divide percent by 100"),
        ([0.0, 0.3, 0.6, 1.0], [3000, 3500, 3700, 4200], ValueOutOfRange, "millivolts"),
        ([0.0, 0.3, 0.6, 1.0], [288.0, 340.0, 355.0, 400.0], ValueOutOfRange, "cells in series"),
        ([0.0, 0.3, 0.6, 1.0], [4.2, 3.8, 3.6, 3.0], ValueOutOfRange, "1 for full"),
        ([0.5, 0.52, 0.54, 0.6], [3.6, 3.61, 3.62, 3.63], ValueOutOfRange, "more of the curve"),
        ([0.0, 1.0], [3.0, 4.2], InputWrong, "at least 4"),
        ([0.0, None, 0.5, 1.0], [3.0, 3.5, float("nan"), 4.2], InputWrong, "2 usable rows"),
        (["empty", "b", "c", "full"], [3.0, 3.5, 3.7, 4.2], InputWrong, "not numeric"),
    ],
)
def test_a_table_that_is_no_curve_is_refused_with_the_next_step(soc, voltage, error, words):
    with pytest.raises(error, match=words):
        ocv_from_table(table(soc, voltage))


def test_a_missing_column_is_named():
    with pytest.raises(ColumnMissing, match=r"no column soc_frac.*SOC"):
        ocv_from_table(pl.DataFrame({"SOC": [0.0], "voltage_v": [3.0]}))


def test_a_chemistry_without_curve_is_not_guessed():
    with pytest.raises(NotKnown):
        typical_ocv("unobtainium")


def test_two_sweeps_give_the_middle_and_half_their_distance_as_doubt():
    q = np.linspace(0, 2.0, 50)
    up, down = Sweep(q, 3.0 + q / 2 + 0.02, 0.05), Sweep(-q, 4.0 - q / 2 - 0.02, 0.05)
    curve = ocv_from_sweeps(up, down, chemistry="NMC622")
    assert float(curve.voltage_at(0.25)) == pytest.approx(3.25, abs=1e-6)
    assert curve.voltage_sd_v == pytest.approx(np.hypot(0.01, 0.002), abs=1e-4)


def test_one_sweep_alone_is_less_sure_than_two():
    q = np.linspace(0, 2.0, 50)
    up, down = Sweep(q, 3.0 + q / 2 + 0.005, 0.05), Sweep(-q, 4.0 - q / 2 - 0.005, 0.05)
    assert ocv_from_sweeps(None, down).voltage_sd_v > ocv_from_sweeps(up, down).voltage_sd_v


def test_a_fast_sweep_is_no_open_circuit():
    q = np.linspace(0, 2.0, 50)
    with pytest.raises(ValueOutOfRange, match="slower"):
        ocv_from_sweeps(Sweep(q, 3.0 + q / 2, 1.0), None)
    with pytest.raises(InputWrong, match="neither"):
        ocv_from_sweeps(None, None)


@given(st.lists(st.floats(0.001, 0.3), min_size=4, max_size=30), st.floats(0.001, 0.05))
def test_every_rising_curve_keeps_charge_within_its_bounds_and_doubt_positive(steps, sd):
    voltage = 2.5 + np.cumsum(steps) / sum(steps) * 1.5
    curve = ocv_from_table(table(np.linspace(0, 1, len(steps)), voltage))
    probe = np.linspace(2.0, 4.5, 40)
    soc = curve.soc_at(probe)
    assert ((soc >= 0) & (soc <= 1)).all()
    assert (np.diff(soc) >= 0).all()
    doubt = curve.soc_sd_at(probe, voltage_sd_v=sd)
    assert ((doubt > 0) & (doubt <= 0.5)).all()
