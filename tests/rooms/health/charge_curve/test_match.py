from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from batteryloop.errors import InputWrong
from batteryloop.health.charge_curve.curve import POSITIONS, ChargeCurve, charge_curve
from batteryloop.health.charge_curve.family import (
    HEALTHS,
    family_of,
    learn_charge_family,
    on_grids,
    prediction,
    thinned,
)
from batteryloop.health.charge_curve.match import (
    CapacityDistribution,
    capacity_distribution,
    capacity_from_partial_charge,
)
from batteryloop.health.open_circuit.curve import typical_ocv
from batteryloop.reference.charge_families import charge_doubt, charge_families

RATED_AH, AMPS, END_V = 10.0, 5.0, 4.2


def charged(soh, *, ohm=0.02, chemistry="NMC622", span_s=60.0):
    """Return time, current, voltage of a whole charge at C/2 of a made cell of that health.

    Half of what it lost is lost all along the curve, half at the empty end; resistance grows.
    """
    lost = 1 - soh
    whole = RATED_AH * (1 - lost / 2)
    curve, ohms = typical_ocv(chemistry), ohm * (1 + 3 * lost)
    end_v = END_V if chemistry == "NMC622" else float(curve.voltage_v[-1])
    soc = 0.06 + RATED_AH * lost / 2 / whole
    rows, seconds, amps = [], 0.0, AMPS
    while amps > 0.05 * AMPS:
        volts = float(curve.voltage_at(soc))
        amps = min(AMPS, (end_v - volts) / ohms)
        rows.append((seconds, amps, volts + amps * ohms))
        soc += amps * span_s / 3600 / whole
        seconds += span_s
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def capacity(soh, *, ohm=0.02):
    """Return the charge that the made cell takes, in Ah."""
    return charge_curve(*charged(soh, ohm=ohm)).charge_ah


def window(samples, begin, width):
    time, amps, volts = samples
    flowed = np.concatenate([[0], np.cumsum(np.diff(time) * (amps[1:] + amps[:-1]) / 2)])
    is_in = (flowed >= begin * flowed[-1]) & (flowed <= (begin + width) * flowed[-1])
    return time[is_in], amps[is_in], volts[is_in]


@cache
def family():
    """Return the family learnt from two made cells that differ a little."""
    return learn_charge_family(
        [
            [charge_curve(*charged(s, ohm=o)) for s in np.linspace(1.02, 0.4, 90)]
            for o in (0.018, 0.022)
        ],
        rated_capacity_ah=capacity(1.0),
        name="made",
        doubt=charge_doubt("CS2-LCO-C2"),
    )


@cache
def young() -> ChargeCurve:
    return charge_curve(*charged(0.99))


@pytest.mark.parametrize("soh", [0.97, 0.85, 0.7])
@pytest.mark.parametrize(("begin", "width"), [(0.0, 0.3), (0.2, 0.4), (0.45, 0.35), (0.6, 0.4)])
def test_a_window_anywhere_gives_the_capacity_within_its_interval(soh, begin, width):
    found = capacity_from_partial_charge(
        *window(charged(soh), begin, width), young(), family=family()
    )
    assert found.low <= capacity(soh) <= found.high
    assert found.value == pytest.approx(capacity(soh), rel=0.06)
    assert "made family" in found.method


def test_a_longer_window_is_surer():
    short, long = (
        capacity_from_partial_charge(*window(charged(0.8), 0.2, w), young(), family=family())
        for w in (0.15, 0.5)
    )
    assert long.high - long.low < short.high - short.low


def test_noise_widens_the_interval_and_leaves_the_truth_in_it():
    rng = np.random.default_rng(2)
    time, amps, volts = window(charged(0.8), 0.1, 0.4)
    clean = capacity_from_partial_charge(time, amps, volts, young(), family=family())
    noisy = capacity_from_partial_charge(
        time, amps, volts + rng.normal(size=volts.size) * 0.005, young(), family=family()
    )
    assert noisy.high - noisy.low > clean.high - clean.low
    assert noisy.low <= capacity(0.8) <= noisy.high


def test_ten_millivolt_steps_of_a_vehicle_are_taken_for_what_they_are():
    time, amps, volts = window(charged(0.8), 0.1, 0.5)
    found = capacity_from_partial_charge(time, amps, volts.round(2), young(), family=family())
    assert found.low <= capacity(0.8) <= found.high


def test_a_pack_of_96_cells_gives_what_its_mean_cell_gives():
    time, amps, volts = window(charged(0.8), 0.2, 0.4)
    one = capacity_from_partial_charge(time, amps, volts, young(), family=family())
    pack = capacity_from_partial_charge(
        time, amps, 96 * volts, young(), family=family(), n_cells_series=96
    )
    assert pack.value == pytest.approx(one.value, rel=1e-6)


def test_when_the_window_began_does_not_matter_nor_do_samples_without_voltage():
    time, amps, volts = window(charged(0.8), 0.2, 0.4)
    one = capacity_from_partial_charge(time, amps, volts, young(), family=family())
    later = capacity_from_partial_charge(time + 1e6, amps, volts, young(), family=family())
    assert later.value == pytest.approx(one.value, rel=1e-6)
    holed = volts.copy()
    holed[::7] = np.nan
    found = capacity_from_partial_charge(time, amps, holed, young(), family=family())
    assert found.value == pytest.approx(one.value, rel=0.03)


def test_an_unknown_kind_of_cell_is_not_guessed_from_a_short_stretch():
    found = capacity_from_partial_charge(*window(charged(0.8), 0.5, 0.12), young(), family="none")
    assert not found.is_known
    assert "says too little" in found.reason


def test_an_unknown_kind_of_cell_is_told_from_nearly_its_whole_charge():
    found = capacity_from_partial_charge(*window(charged(0.8), 0, 0.95), young(), family="none")
    assert found.low <= capacity(0.8) <= found.high
    assert "unknown family" in found.method


def test_a_worn_out_cell_of_an_unknown_kind_is_not_told():
    found = capacity_from_partial_charge(*window(charged(0.45), 0, 1), young(), family="none")
    assert not found.is_known
    assert "not known how it wears out" in found.reason


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (lambda: window(charged(0.9), 0.3, 0.01), "of the reference's charge"),
        (
            lambda: tuple(
                a * f for a, f in zip(window(charged(0.9), 0, 0.4), (1, 2, 1), strict=True)
            ),
            "the curves differ by more than age",
        ),
        (
            lambda: tuple(
                a * f for a, f in zip(window(charged(0.9), 0, 0.4), (1, -1, 1), strict=True)
            ),
            "no charge flows",
        ),
        (lambda: window(charged(0.9, chemistry="LFP"), 0.2, 0.4), "another battery"),
        (lambda: ([], [], []), "no charge flows"),
    ],
)
def test_what_says_nothing_is_refused_with_its_reason(samples, words):
    found = capacity_from_partial_charge(*samples(), young(), family=family())
    assert not found.is_known
    assert words in found.reason


def test_arrays_of_different_length_are_refused_by_name():
    with pytest.raises(InputWrong, match="window of a charge"):
        capacity_from_partial_charge([0, 1], [1], [3.6], young(), family=family())


def test_shares_of_the_probability_add_up_to_one():
    seen = capacity_distribution(*window(charged(0.8), 0.2, 0.4), young(), family=family())
    assert seen.probability_frac.sum() == pytest.approx(1.0)
    assert seen.quantile(0.05) < seen.quantile(0.5) < seen.quantile(0.95)


def test_a_distribution_as_wide_as_its_middle_is_no_answer():
    flat = CapacityDistribution(np.linspace(5, 10, 51), np.full(51, 1 / 51), "made")
    assert not flat.estimate().is_known
    assert flat.estimate(confidence_frac=0.3).is_known


def test_a_family_gives_back_the_curves_it_was_learnt_from():
    made = on_grids(family())
    for soh in (0.95, 0.8, 0.6):
        curve = charge_curve(*charged(soh))
        health = curve.charge_ah / capacity(1.0)
        row = np.array([np.interp(health, HEALTHS, column) for column in made.T])
        off = row - curve.compensated(family().polarisation_v)
        assert np.abs(off[POSITIONS > 0.05]).max() < 0.008
        assert np.median(np.abs(off)) < 0.001


def test_a_thinned_family_still_says_the_same():
    off = on_grids(thinned(family())) - on_grids(family())
    inner = (HEALTHS > 0.45) & (HEALTHS < 1.0)
    assert np.abs(off[inner][:, POSITIONS > 0.05]).max() < 0.003


def test_too_few_charges_make_no_family():
    with pytest.raises(InputWrong, match="at least 34"):
        learn_charge_family([[young()] * 10], rated_capacity_ah=RATED_AH, name="few")
    with pytest.raises(InputWrong, match="no charges"):
        learn_charge_family([], rated_capacity_ah=RATED_AH, name="none")


def shipped_curve(soh, *, rate=None):
    """Return an early charge as the family that ships has it."""
    known = charge_families()["CS2-LCO-C2"]
    volts = on_grids(known)[np.searchsorted(HEALTHS, soh)]
    amps = (rate or known.c_rate_per_h) * 1.1
    return ChargeCurve(POSITIONS, volts, np.ones(POSITIONS.size), amps, 1.1 * soh, 1.1 * soh)


def test_the_family_that_ships_knows_its_own_and_no_other():
    assert family_of(shipped_curve(1.02)).name == "CS2-LCO-C2"
    assert family_of(shipped_curve(1.02, rate=1.0)) is None
    assert family_of(young()) is None
    assert family_of(charge_curve(*charged(0.99, chemistry="LFP"))) is None


def test_every_curve_that_ships_rises_along_the_charge_and_with_age():
    known = charge_families()["CS2-LCO-C2"]
    assert (np.diff(known.voltage_v, axis=1) > -1e-3).all()
    middle = known.voltage_v[:, np.abs(known.position_frac - 0.5) < 0.011].mean(axis=1)
    worn, fresh = middle[known.soh_frac < 0.6].mean(), middle[known.soh_frac > 0.95].mean()
    assert worn > fresh + 0.05


def test_a_reference_that_had_an_odd_day_is_believed_less():
    def bump(volts):
        return 4.0 * volts * np.exp(-(((POSITIONS - 0.3) / 0.1) ** 2))

    base = shipped_curve(1.02)
    known = charge_families()["CS2-LCO-C2"]
    plain = prediction(base, known).voltage_v[0]
    kept = []
    for volts in (0.0005, 0.005):
        odd = replace(base, voltage_v=base.voltage_v + bump(volts))
        moved = prediction(odd, known).voltage_v[0] - plain
        kept.append(np.ptp(moved[60]) / np.ptp(bump(volts)))
    assert 0.2 < kept[0] <= 0.55
    assert kept[1] < 0.15


def test_the_rated_capacity_tells_how_old_the_reference_already_was():
    known = charge_families()["CS2-LCO-C2"]
    taken_for_new = prediction(shipped_curve(0.9), known)
    stated = prediction(replace(shipped_curve(0.9), rated_capacity_ah=1.1), known)
    assert stated.reference_soh_frac == pytest.approx(0.9, abs=0.011)
    assert taken_for_new.reference_soh_frac > 0.95
