import numpy as np
import polars as pl
import pytest

from batteryloop.health import evaluate
from batteryloop.health.resistance.at_steps import activation_of, normalised
from batteryloop.health.resistance.steps import step_pulses
from batteryloop.health.trace import trace_of
from batteryloop.record import BatteryIdentity
from batteryloop.reference import resistance_activation

CELL = BatteryIdentity("CELL", "NMC", rated_capacity_ah=10.0)


def pulsed(cell, ohms, temperature=25.0):
    """Full, then a pulse at each of the resistances on the way down."""
    made = cell().charge(5.0).rest(1.0)
    for number, ohm in enumerate(ohms):
        made.ohm = ohm
        made.temperature = temperature if np.isscalar(temperature) else temperature[number]
        made.pulse(-20.0).rest(0.05).discharge(5.0, to_soc=made.soc - 0.9 / len(ohms)).rest(0.3)
    made.ohm = 0.01
    return made.discharge(5.0).rest(0.1)


def test_pulses_give_the_resistance_that_the_cell_has(cell):
    report = evaluate(pulsed(cell, [0.02] * 10).frame(), CELL)
    assert report.resistance_ohm.value == pytest.approx(0.02, rel=0.02)
    assert report.resistance_ohm.low <= 0.02 <= report.resistance_ohm.high
    assert "20-80 % charged" in report.resistance_ohm.method


def test_one_and_ten_seconds_later_are_read_while_the_current_stands(cell):
    trace = trace_of(pulsed(cell, [0.02] * 6).frame())
    pulses = step_pulses(trace).filter((pl.col("current_step_a") < -15) & (pl.col("span_s") < 2))
    assert pulses.height == 6
    assert pulses.get_column("resistance_1s_ohm").to_numpy() == pytest.approx(0.02, rel=0.05)
    assert pulses.get_column("resistance_10s_ohm").null_count() == 0


def test_arrhenius_by_hand():
    # exp(-20000/8.314 (1/283.15 - 1/298.15)) = exp(-0.4274) = 0.6522
    assert normalised(np.array([1.0]), np.array([10.0]), 20_000.0)[0] == pytest.approx(
        0.6522, rel=1e-3
    )
    assert normalised(np.array([1.0]), np.array([25.0]), 20_000.0)[0] == 1.0
    assert normalised(np.array([1.0]), np.array([np.nan]), 20_000.0)[0] == 1.0


def test_cold_pulses_are_taken_to_25_degrees_with_a_wider_interval(cell):
    warm = evaluate(pulsed(cell, [0.02] * 10).frame(), CELL).resistance_ohm
    cold_ohm = 0.02 / normalised(np.array([1.0]), np.array([10.0]), 20_000.0)[0]
    cold = evaluate(pulsed(cell, [cold_ohm] * 10, 10.0).frame(), CELL).resistance_ohm
    assert cold.value == pytest.approx(0.02, rel=0.02)
    assert cold.high - cold.low > 5 * (warm.high - warm.low)
    assert "10 °C taken to 25 °C by the reference table" in cold.method


def test_own_pulses_over_a_span_of_temperatures_give_the_activation_energy():
    degc = np.linspace(0, 40, 60)
    ohm = 0.02 / normalised(np.ones(60), degc, 30_000.0)
    pulses = pl.DataFrame({"temperature_degc": degc, "resistance_ohm": ohm})
    own = activation_of(pulses, resistance_activation(None))
    assert own.energy_j_per_mol == pytest.approx(30_000, rel=1e-3)
    assert own.source.startswith("own fit")


def test_few_temperatures_leave_the_cited_energy():
    pulses = pl.DataFrame({"temperature_degc": [20.0] * 40, "resistance_ohm": [0.02] * 40})
    assert activation_of(pulses, resistance_activation("LMO-NCA")).energy_j_per_mol == 13_600


def test_ramp_is_not_taken_for_a_step(cell):
    made = cell()
    for amps in np.linspace(0, -20, 200):
        made._sample(float(amps))
    assert step_pulses(trace_of(made.frame())).is_empty()


def test_battery_at_rest_has_a_reason_instead_of_a_resistance(cell):
    report = evaluate(cell().rest(5.0).frame(), CELL)
    assert report.resistance_ohm.reason == "no current flows"


def test_resistance_that_grew_by_a_half_over_its_life(cell):
    made = cell()
    for n in range(60):
        made.ohm = 0.010 if n < 30 else 0.015
        made.charge(10.0).rest(0.2).pulse(-20.0).rest(0.1).discharge(10.0).rest(0.2)
    ratio = evaluate(made.frame(), CELL).resistance_ratio_frac
    assert ratio.value == pytest.approx(1.5, rel=0.03)
    assert ratio.low <= 1.5 <= ratio.high


def test_short_record_has_no_ratio(cell):
    ratio = evaluate(pulsed(cell, [0.02] * 20).frame(), CELL).resistance_ratio_frac
    assert not ratio.is_known
    assert "spans too little" in ratio.reason or "too few" in ratio.reason


def test_pack_resistance_is_that_between_its_terminals(cell):
    frame = pulsed(cell, [0.02] * 10).frame()
    pack = frame.with_columns(
        pl.col("voltage_v").alias("cell_voltage_mean_v"), pl.col("voltage_v") * 10
    )
    assert evaluate(pack, CELL).resistance_ohm.value == pytest.approx(0.2, rel=0.02)
