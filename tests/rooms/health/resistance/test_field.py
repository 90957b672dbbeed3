import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.health.resistance.field import ResistanceState, judge, take_in
from batteryloop.reference.chemistries import resistance_activation

REFERENCE = resistance_activation(None)
SERIES, PAIR, TAU_S = 0.05, 0.03, 25.0
AFTER_10S = SERIES + PAIR * (1 - np.exp(-10 / TAU_S))


def drive(n=6000, *, span_s=5, growth=None, degc=25.0, seed=0, tau_s=TAU_S, step_v=0.0):
    """Rows of a battery with one pair under a wandering current, and its law's resistances."""
    rng = np.random.default_rng(seed)
    amps = np.repeat(rng.normal(-20, 40, n // 2 + 1), 2)[:n]
    growth = np.ones(n) if growth is None else growth
    heat = np.exp(
        REFERENCE.activation_energy_j_per_mol / 8.314 * (1 / (degc + 273.15) - 1 / 298.15)
    ) * np.ones(n)
    pair, volts = 0.0, np.empty(n)
    decay = np.exp(-span_s / tau_s)
    for k in range(n):
        pair = decay * pair + (1 - decay) * amps[k]
        volts[k] = (SERIES * amps[k] + PAIR * pair) * growth[k] * heat[k]
    charge = np.cumsum(amps) * span_s / 3600
    volts = 360 + 0.3 * charge / 10 + volts + rng.normal(0, 0.02, n)
    if step_v:
        volts = np.round(volts / step_v) * step_v
    time_us = (np.arange(n) * span_s * 1e6).astype(np.int64)
    return time_us, amps, volts, degc * np.ones(n), np.full(n, 0.5)


@pytest.mark.parametrize("span_s", [1, 5, 10, 30])
def test_resistances_of_a_known_circuit_are_found(span_s):
    found = judge(take_in(ResistanceState(), *drive(span_s=span_s)), REFERENCE)
    assert found.series_ohm.value == pytest.approx(SERIES, rel=0.03)
    assert found.resistance_10s_ohm.value == pytest.approx(AFTER_10S, rel=0.03)
    assert found.resistance_total_ohm.value == pytest.approx(SERIES + PAIR, rel=0.05)
    for estimate, truth in (
        (found.series_ohm, SERIES),
        (found.resistance_10s_ohm, AFTER_10S),
        (found.resistance_total_ohm, SERIES + PAIR),
    ):
        assert estimate.low <= truth <= estimate.high


def test_coarse_voltages_leave_it_standing():
    found = judge(take_in(ResistanceState(), *drive(step_v=0.5)), REFERENCE)
    assert found.resistance_10s_ohm.low <= AFTER_10S <= found.resistance_10s_ohm.high
    assert found.resistance_10s_ohm.value == pytest.approx(AFTER_10S, rel=0.05)


def test_another_time_constant_than_the_models_hardly_moves_it():
    rows = drive(tau_s=60.0)
    truth = SERIES + PAIR * (1 - np.exp(-10 / 60.0))
    found = judge(take_in(ResistanceState(), *rows), REFERENCE)
    assert found.resistance_10s_ohm.value == pytest.approx(truth, rel=0.05)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 2399), min_size=1, max_size=5, unique=True))
def test_rows_in_parts_give_what_they_give_at_once(cuts):
    rows = drive(2400)
    whole = take_in(ResistanceState(), *rows)
    state = ResistanceState()
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), 2400], strict=True):
        state = take_in(state, *(array[begin:end] for array in rows))
    assert np.array_equal(state.recursion, whole.recursion)
    assert np.array_equal(state.readings, whole.readings, equal_nan=True)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.2, 5.0))
def test_twice_the_voltage_swing_is_twice_the_resistance(factor):
    time_us, amps, volts, degc, soc = drive(3000)
    one = judge(take_in(ResistanceState(), time_us, amps, volts, degc, soc), REFERENCE)
    more = judge(take_in(ResistanceState(), time_us, amps, volts * factor, degc, soc), REFERENCE)
    ratio = more.resistance_10s_ohm.value / one.resistance_10s_ohm.value
    assert ratio == pytest.approx(factor, rel=1e-3)


def life(growth_per_year, seed=0):
    """Two drives a week for two years, warm in summer and cold in winter."""
    state = ResistanceState()
    for k in range(208):
        days = 3.5 * k
        degc = 15 - 12 * np.cos(2 * np.pi * days / 365.25)
        grown = np.full(900, (1 + growth_per_year) ** (days / 365.25))
        rows = drive(900, growth=grown, degc=degc, seed=1000 * seed + k)
        state = take_in(state, rows[0] + int(days * 8.64e10), *rows[1:])
    return state


@pytest.mark.parametrize("growth_per_year", [0.0, 0.08])
def test_growth_is_told_from_the_seasons(growth_per_year):
    trend = judge(life(growth_per_year), REFERENCE).trend_per_year
    assert trend.low <= growth_per_year <= trend.high
    assert trend.high - trend.low < 0.04


def test_a_cold_battery_is_not_a_bad_one():
    warm, cold = (
        judge(take_in(ResistanceState(), *drive(degc=degc)), REFERENCE) for degc in (25.0, 0.0)
    )
    assert cold.resistance_10s_ohm.value == pytest.approx(warm.resistance_10s_ohm.value, rel=0.03)
    assert cold.resistance_10s_ohm.high - cold.resistance_10s_ohm.low > 2 * (
        warm.resistance_10s_ohm.high - warm.resistance_10s_ohm.low
    )


def test_what_is_kept_stays_small_however_long_it_runs():
    state = ResistanceState()
    rows = drive(300_000, span_s=1)
    state = take_in(state, *rows)
    assert state.readings.shape[0] <= 512
    assert state.n_bytes < 80_000
    assert np.diff(state.readings[:, 0]).min() > 0
    assert judge(state, REFERENCE).resistance_10s_ohm.value == pytest.approx(AFTER_10S, rel=0.02)


def test_a_short_record_has_no_trend_and_says_why():
    found = judge(take_in(ResistanceState(), *drive()), REFERENCE)
    assert not found.trend_per_year.is_known
    assert "120 needed" in found.trend_per_year.reason


@pytest.mark.parametrize("amps", [0.0, -30.0])
def test_a_current_that_never_changes_shows_nothing(amps):
    n = 3000
    rows = (np.arange(n) * 1_000_000, np.full(n, amps), np.full(n, 350.0))
    found = judge(take_in(ResistanceState(), *rows, np.full(n, 25.0), np.full(n, 0.5)), REFERENCE)
    assert not found.series_ohm.is_known
    assert "0 usable readings" in found.series_ohm.reason


def test_gaps_and_missing_numbers_do_no_harm():
    time_us, amps, volts, degc, soc = drive(6000)
    volts[::7] = np.nan
    time_us[3000:] += int(5 * 3.6e9)
    volts[3000:] += 3.0
    found = judge(take_in(ResistanceState(), time_us, amps, volts, degc, soc), REFERENCE)
    assert found.resistance_10s_ohm.value == pytest.approx(AFTER_10S, rel=0.05)
