"""The open-circuit curves: rising, inside their limits, and made from the published electrodes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import NotKnown
from batteryloop.reference.chemistries import chemistry
from batteryloop.reference.half_cells import HALF_CELLS, half_cell
from batteryloop.reference.ocv import electrode_windows, ocv_chemistries, ocv_curve


@pytest.mark.parametrize("chemistry", ocv_chemistries())
def test_every_curve_rises_from_empty_to_full(chemistry):
    curve = ocv_curve(chemistry)
    assert curve.soc_frac[0] == 0
    assert curve.soc_frac[-1] == 1
    assert (np.diff(curve.soc_frac) > 0).all()
    assert (np.diff(curve.voltage_v) > 0).all()


@pytest.mark.parametrize("chemistry", sorted(electrode_windows()))
def test_the_table_is_what_the_published_electrodes_give(chemistry):
    curve = ocv_curve(chemistry)
    computed = electrode_windows()[chemistry].voltage_at(curve.soc_frac)
    assert np.abs(curve.voltage_v - computed).max() < 2e-4


def test_potentials_agree_with_values_computed_by_hand_from_the_papers():
    assert graphite_at(0.394) == pytest.approx(0.123, abs=0.001)  # Schimpe 2018: U_a at 50 % SoC
    # NMC532 at y = 0: the polynomial's constant term
    assert float(half_cell("nmc532-mohtat-2020")(np.array(0.0))) == pytest.approx(4.3452)
    # LFP: 3.4323 + (3.2482 - 3.2474) µV-scale terms at mid lithiation
    assert float(half_cell("lfp-safari-2011")(np.array(0.5))) == pytest.approx(3.4323, abs=1e-4)
    # titanate between its two phases
    assert float(half_cell("lto-yao-2024")(np.array(0.5))) == pytest.approx(1.6145, abs=1e-3)


def graphite_at(x):
    return float(half_cell("graphite-safari-2011")(np.array(x)))


def test_titanate_joins_its_phases_without_a_jump():
    x = np.linspace(0.10, 0.87, 4001)
    assert np.abs(np.diff(half_cell("lto-yao-2024")(x))).max() < 2e-3


def test_iron_phosphate_is_flat_where_manganate_and_nickel_are_not():
    spans = {
        name: float(np.ptp(ocv_curve(name).voltage_at([0.2, 0.9]))) for name in ("LFP", "NMC811")
    }
    assert spans["LFP"] < 0.11
    assert spans["NMC811"] > 0.5


@pytest.mark.parametrize("name", ocv_chemistries())
def test_every_curve_lies_within_its_chemistry_s_voltage_limits(name):
    curve, limits = ocv_curve(name), chemistry(name)
    assert curve.voltage_v[0] >= limits.cell_voltage_min_v - 1e-3
    assert curve.voltage_v[-1] <= limits.cell_voltage_max_v + 1e-3


@given(st.sampled_from(ocv_chemistries()), st.floats(0, 1))
def test_voltage_and_state_of_charge_undo_each_other(chemistry, soc):
    curve = ocv_curve(chemistry)
    assert float(curve.soc_at(curve.voltage_at(soc))) == pytest.approx(soc, abs=1e-9)


def test_an_unknown_chemistry_is_refused_with_the_nearest_names():
    with pytest.raises(NotKnown, match="did you mean NMC"):
        ocv_curve("NMC6222")
    with pytest.raises(NotKnown, match="open-circuit curve of 'NMC'"):
        ocv_curve("NMC")  # which one is not said
    with pytest.raises(NotKnown):
        half_cell("graphite")
    assert len(HALF_CELLS) == 16
