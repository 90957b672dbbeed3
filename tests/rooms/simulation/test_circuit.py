"""The compiled loop obeys what a string of cells obeys: charge, energy, limits, rest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.reference.cells import cell_parameters
from batteryloop.reference.chemistries import chemistry
from batteryloop.reference.ocv import ocv_curve
from batteryloop.simulation import layout
from batteryloop.simulation.layout import CHARGE, CURRENT, FAST_CHARGE, POWER, REST

CAPACITY_AH = 100.0
currents = st.lists(st.floats(-150.0, 150.0), min_size=1, max_size=40)


@settings(max_examples=40, deadline=None)
@given(currents, st.floats(0.0, 0.02))
def test_every_ampere_second_is_accounted_for(string_of, request, leak_s):
    string = string_of(n_cells=3, is_equal=False)
    string.cells[layout.LEAK_S, 1] = leak_s
    before = string.soc.copy()
    run = string.go(len(request), mode=CURRENT, request=request)
    passed_as = run.current_a.sum() * 10.0
    gone_as = run.sums[[layout.LEAKED_AS, layout.SELF_AS, layout.BLED_AS]].sum(axis=0)
    moved = (string.soc - before) * string.cells[layout.CAPACITY_AS]
    assert moved == pytest.approx(passed_as - gone_as, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-400e3, 400e3), min_size=1, max_size=60),
    st.sampled_from(["NMC622", "LFP", "LTO", "Na-ion-NVPF"]),
    st.floats(0.05, 0.95),
    st.floats(-10.0, 40.0),
)
def test_no_cell_leaves_its_limits_whatever_power_is_asked(string_of, request, name, soc, degc):
    string = string_of(name, soc=soc, degc=degc, is_equal=False)
    # a step cannot undo what lies beyond a limit at rest, so begin inside
    run = string.go(len(request), mode=POWER, request=np.array(request) / 50.0, target=-1.0)
    limits = chemistry(name)
    assert run.cell_v.min() > limits.cell_voltage_min_v - 0.01
    assert run.cell_v.max() < limits.cell_voltage_max_v + 0.01


def test_voltage_after_a_step_of_current_is_that_of_the_circuit(string_of):
    string = string_of(soc=0.5)
    ocv = float(ocv_curve("NMC622").voltage_at(0.5))
    r0, r1, r2 = (string.cells[row, 0] for row in (layout.R0_OHM, layout.R1_OHM, layout.R2_OHM))
    rise = string.tables.rise[1000]  # at half charge
    run = string.go(6, dt=10.0, mode=CURRENT, request=-50.0)
    soc = 0.5 - 50.0 * 60.0 / string.cells[layout.CAPACITY_AS, 0]
    expected = float(ocv_curve("NMC622").voltage_at(soc)) - 50.0 * rise * (
        r0 + r1 * (1 - np.exp(-60.0 / 20.0)) + r2 * (1 - np.exp(-60.0 / 900.0))
    )
    assert ocv > expected
    assert float(run.cell_v[-1, 0]) == pytest.approx(expected, abs=3e-4)


@pytest.mark.parametrize("name", ["NMC622", "LFP", "LCO"])
def test_a_rested_cell_shows_its_open_circuit_voltage(string_of, name):
    string = string_of(name, soc=0.7)
    string.go(180, mode=CURRENT, request=-60.0)
    run = string.go(6 * 360, mode=REST, is_awake=False)
    rested = float(run.cell_v[-1, 0])
    expected = float(ocv_curve(name).voltage_at(string.soc[0]))
    within = cell_parameters(name).hysteresis_v + 5e-4
    assert rested == pytest.approx(expected, abs=within)


def test_iron_phosphate_rests_lower_after_a_discharge_than_after_a_charge(string_of):
    rested = []
    for current in (60.0, -60.0):
        string = string_of("LFP", soc=0.5)
        string.go(60, mode=CURRENT, request=-current)
        string.go(60, mode=CURRENT, request=current)
        run = string.go(12 * 360, mode=REST, is_awake=False)
        rested.append(float(run.cell_v[-1, 0]))
    assert rested[0] - rested[1] == pytest.approx(2 * 0.008, abs=0.004)


def test_terminal_energy_is_stored_energy_and_heat(string_of):
    string = string_of(soc=0.3)
    curve = ocv_curve("NMC622")
    soc = np.linspace(0.3, 0.8, 20_001)
    run = string.go(3600, dt=1.0, mode=CURRENT, request=50.0)
    power_w = run.cell_v.astype(float).sum(axis=1) * run.current_a
    soc = np.linspace(0.3, string.soc[0], 20_001)
    stored_j = 4 * np.trapezoid(curve.voltage_at(soc), soc) * string.cells[layout.CAPACITY_AS, 0]
    heat_j = run.sums[layout.HEAT_J].sum()
    assert heat_j > 0
    assert power_w.sum() == pytest.approx(stored_j + heat_j, rel=2e-4)


def test_without_cooling_all_heat_stays_in_the_cell(string_of):
    string = string_of()
    string.rules = string.rules._replace(passive_cooling_s=1e15, cool_above_degc=1e3)
    run = string.go(360, mode=CURRENT, request=-100.0)
    warmer = string.run.state[layout.TEMPERATURE] - 25.0
    expected = run.sums[layout.HEAT_J] / string.cells[layout.HEAT_J_PER_K]
    assert warmer == pytest.approx(expected, rel=1e-9)
    assert 1.0 < warmer[0] < 15.0


def test_a_parked_pack_takes_on_the_temperature_around_it(string_of):
    string = string_of(degc=35.0)
    string.go(24 * 6, dt=600.0, degc=5.0, is_awake=False)
    assert string.run.state[layout.TEMPERATURE] == pytest.approx(5.0, abs=0.2)


def test_cold_raises_resistance_as_its_activation_energy_says(string_of):
    drops = []
    for degc in (25.0, 5.0):
        string = string_of(degc=degc)
        before = string.go(1, dt=1.0, degc=degc).cell_v[-1, 0]
        after = string.go(1, dt=1.0, mode=CURRENT, request=-50.0, degc=degc).cell_v[-1, 0]
        drops.append(float(before - after))
    factor = np.exp(20_000 / 8.314462 * (1 / 278.15 - 1 / 298.15))
    assert drops[1] / drops[0] == pytest.approx(factor, rel=0.01)


def test_a_charge_holds_the_voltage_limit_and_ends_when_the_current_has_fallen(string_of):
    string = string_of(soc=0.6)
    run = string.go(3000, mode=CHARGE, request=4 * 3.9 * 100.0)
    held = run.cell_v.max(axis=1) > 4.199
    assert held.sum() > 60
    assert run.cell_v.max() < 4.2005
    flowing = run.current_a[run.current_a > 0]
    assert flowing[-1] == pytest.approx(0.04 * CAPACITY_AH, rel=0.05)
    assert run.current_a[-1] == 0.0
    assert 0.985 < string.soc.mean() < 1.005


def test_a_charge_ends_at_the_wanted_charge_and_stays_ended(string_of):
    string = string_of(soc=0.5)
    run = string.go(2000, mode=CHARGE, request=4 * 3.9 * 50.0, target=0.8)
    assert string.soc.mean() == pytest.approx(0.8, abs=0.003)
    ended = np.flatnonzero(run.current_a == 0.0)[0]
    assert (run.current_a[ended:] == 0.0).all()


def test_a_fast_charge_tapers_with_the_charge(string_of):
    string = string_of(soc=0.3)
    run = string.go(600, mode=FAST_CHARGE, request=4 * 3.9 * 150.0, target=0.95)
    early = run.current_a[np.searchsorted(run.soc_frac, 0.45)]
    late = run.current_a[np.searchsorted(run.soc_frac, 0.85)]
    assert late == pytest.approx(0.3 * early, rel=0.1)  # (1 - 0.85) / (1 - 0.5)


def test_a_discharge_ends_at_its_reserve(string_of):
    string = string_of(soc=0.2)
    run = string.go(2000, mode=POWER, request=-4 * 3.6 * 60.0, target=0.1)
    assert string.soc.mean() == pytest.approx(0.1, abs=0.003)
    assert run.current_a[-1] == 0.0


def test_a_leak_takes_from_its_cell_alone_the_integral_of_its_current(string_of):
    string = string_of(soc=0.6, n_cells=5)
    string.cells[layout.LEAK_S, 2] = 1.0 / 100.0
    string.cells[layout.SELF_A] = 0.0
    run = string.go(24 * 6, dt=600.0, is_awake=False)
    volts = float(run.cell_v[:, 2].mean())
    lost = volts / 100.0 * 24.0 / (string.cells[layout.CAPACITY_AS, 2] / 3600.0)
    assert 0.6 - string.soc[2] == pytest.approx(lost, rel=1e-3)
    assert np.delete(string.soc, 2) == pytest.approx(0.6, abs=1e-12)


def test_a_loose_contact_shows_as_current_times_resistance_at_its_cell_alone(string_of):
    string = string_of(n_cells=5)
    string.cells[layout.CONTACT_OHM, 3] = 2e-3
    run = string.go(1, dt=1.0, mode=CURRENT, request=-100.0, wobble=0.5)
    apart = run.cell_v[-1] - run.cell_v[-1, 0]
    assert apart[3] == pytest.approx(-0.1, abs=1e-4)
    assert np.delete(apart, 3) == pytest.approx(0.0, abs=1e-6)


def test_balancing_draws_the_full_cells_down_to_the_others_and_never_up(string_of):
    string = string_of(soc=0.95, n_cells=4)
    string.soc[:] = [0.95, 0.955, 0.96, 0.95]
    before = string.soc.copy()
    run = string.go(24 * 60, dt=60.0)
    assert (string.soc <= before + 1e-12).all()
    assert np.ptp(string.soc) < 0.5 * np.ptp(before)
    assert run.n_balancing[0] == 2
    assert run.sums[layout.BLED_AS][0] == 0.0


def test_an_over_full_cell_shows_it_steeply(string_of):
    string = string_of(soc=0.999)
    run = string.go(30, mode=CURRENT, request=0.0)
    string.soc[:] = 1.01
    over = string.go(1, mode=REST)
    assert float(over.cell_v[-1, 0] - run.cell_v[-1, 0]) == pytest.approx(0.3, abs=0.02)
