import numpy as np
import polars as pl
import pytest

from batteryloop.evaluation.degradation import telling
from batteryloop.evaluation.events import bounds_of
from batteryloop.evaluation.inputs import Statement
from batteryloop.evaluation.power import power_left, powers
from batteryloop.evaluation.provenance import complement, exact, first_known, ratio
from batteryloop.evaluation.trend import trend
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.quantities import Estimate
from batteryloop.record import BatteryIdentity
from batteryloop.record.categories import Application
from batteryloop.reference.chemistries import chemistry
from batteryloop.samples import sample

CURVE = OcvCurve(np.array([0.0, 1.0]), np.array([3.0, 4.0]))


def power(capacity_ah: float, rated_ah: float | None) -> dict[str, Estimate]:
    return powers(
        Estimate("resistance_ohm", 0.1, 0.09, 0.11, 0.9, "pulse v1"),
        Estimate("capacity_ah", capacity_ah, capacity_ah, capacity_ah, 0.9, "m"),
        CURVE,
        bounds_of(Statement(cell_voltage_min_v=2.5), None),
        n_cells_series=10,
        rated_capacity_ah=rated_ah,
        confidence_frac=0.9,
    )


def test_power_is_that_of_one_cell_times_the_cells():
    # One cell: 2.5 V × (3.8 V − 2.5 V) ÷ 0.01 Ω = 325 W; ten of them 3,250 W.
    told = power(10.0, 10.0)["power_soc80_w"]
    assert told.value == pytest.approx(3250.0)
    assert told.low < 3250 * 0.1 / 0.11 + 1e-9
    assert told.high > 3250 * 0.1 / 0.09 - 1e-9


def test_eighty_per_cent_of_rated_cannot_be_reached_by_an_aged_battery():
    aged = power(7.0, 10.0)
    assert "cannot be reached: 70% is left" in aged["power_rated80_w"].reason
    # 20 % of rated is 2 of its 7 Ah: 3.286 V.
    expected = 100 * 2.5 * (3 + 2 / 7 - 2.5) / 0.1
    assert aged["power_rated20_w"].value == pytest.approx(expected)
    assert aged["power_soc80_w"].is_known


def test_power_left_goes_by_the_stated_power_first():
    now = Estimate("power_soc80_w", 900.0, 800.0, 1000.0, 0.9, "m")
    grown = Estimate("resistance_ratio_frac", 1.25, 1.2, 1.3, 0.9, "m")
    assert power_left(now, grown, 1000.0).value == pytest.approx(0.9)
    assert power_left(now, grown, None).value == pytest.approx(0.8)


def test_energy_left_is_over_the_certified_energy_where_it_is_stated(evaluated, leaf_cell):
    frame = sample("leaf_cell_2013_discharge_1c")
    rated = evaluated(frame, leaf_cell).figure("soh_energy_frac").estimate
    stated = Statement(application=Application.CAR, certified_energy_wh=130.0)
    certified = evaluated(frame, leaf_cell, statement=stated)
    energy = certified.figure("energy_wh").estimate.value
    assert certified.figure("soh_energy_frac").estimate.value == pytest.approx(energy / 130)
    assert rated.value == pytest.approx(energy / (33.1 * 3.75))


def test_fades_are_what_is_not_left(leaf):
    for fade, left in (("capacity_fade_frac", "soh_frac"), ("energy_fade_frac", "soh_energy_frac")):
        gone, kept = leaf.figure(fade).estimate, leaf.figure(left).estimate
        assert gone.value == pytest.approx(1 - kept.value)
        assert (gone.low, gone.high) == (pytest.approx(1 - kept.high), pytest.approx(1 - kept.low))


def test_changes_since_new_want_what_was_new(evaluated, leaf_cell):
    frame = sample("leaf_cell_2013_discharge_1c")
    stated = Statement(application=Application.CAR, initial_resistance_ohm=0.0015)
    told = evaluated(frame, leaf_cell, statement=stated)
    now = told.figure("resistance_ohm").estimate
    grown = told.figure("resistance_increase_frac").estimate
    if now.is_known:
        assert grown.value == pytest.approx(now.value / 0.0015 - 1)
    else:
        assert grown.reason == now.reason
    assert (
        "not stated" in told.figure("efficiency_fade_frac").estimate.reason
        or not told.figure("energy_efficiency_frac").estimate.is_known
    )


def test_cells_of_a_pack_are_told_by_their_place(evaluated, cycling):
    frame = cycling([0.8, 0.5, 0.5]).with_columns(
        pl.concat_list(
            pl.col("voltage_v"), pl.col("voltage_v") - 0.03, pl.col("voltage_v") + 0.001
        ).cast(pl.List(pl.Float32)).alias("cell_voltages_v"),
        pl.col("voltage_v") * 3,
    )  # fmt: skip
    # Ten minutes of rest at the end of each charge.
    still = pl.when(pl.col("current_a") == 0).then(pl.lit(0.0)).otherwise("current_a")
    stretched = frame.with_columns(still.alias("current_a")).with_columns(
        (pl.datetime(2024, 1, 1, time_zone="UTC") + pl.duration(minutes=3 * pl.int_range(pl.len())))
        .cast(pl.Datetime("us", "UTC")).alias("time")
    )  # fmt: skip
    told = evaluated(stretched, BatteryIdentity("CYC", "NMC622", 30.0, 3))
    spread = told.figure("cell_voltage_spread_v").estimate
    assert spread.value == pytest.approx(0.031, abs=1e-4)
    assert np.argmin(told.health.cells.deviations_v) == 1
    assert told.health.cells.n_rests >= 3
    share = told.figure("cell_soc_spread_frac").estimate
    assert share.value == pytest.approx(0.031 / 1.2, rel=0.6)


def test_one_cell_has_no_other_to_be_apart_from(leaf):
    assert leaf.figure("cell_voltage_spread_v").estimate.reason == "one cell alone"
    assert leaf.health.no_notice_reason.startswith("not watched")


def test_a_trend_wants_points_and_is_told_with_its_interval():
    rng = np.random.Generator(np.random.PCG64(1))
    ages = np.linspace(0, 3, 60)
    soh = 1 - 0.04 * ages + 0.004 * rng.standard_normal(60)
    soh[7] = 0.2
    fall = trend(ages, soh, "fade_per_year", too_short="", confidence_frac=0.9)
    assert fall.low < 0.04 < fall.high
    assert fall.high - fall.low < 0.004
    few = trend(ages[:3], soh[:3], "fade_per_year", too_short="", confidence_frac=0.9)
    assert few.reason == "3 capacities; a trend needs 6 or more"


def test_a_remaining_life_that_tells_nothing_is_not_told():
    wide = Estimate("remaining_efc", 19.0, 0.3, 31811.0, 0.9, "m")
    assert "tells nothing" in telling(wide).reason
    reached = Estimate("remaining_efc", 0.0, 0.0, 0.0, 0.9, "m")
    assert telling(reached) == reached


def test_joining_estimates_keeps_the_reasons_of_what_is_missing():
    none = Estimate.unknown("a", "m", "too little")
    other = Estimate.unknown("b", "m", "too short")
    assert ratio(none, exact("b", 1.0, "s"), "c", "w").reason == "too little"
    assert complement(none, "c").reason == "too little"
    assert first_known([none, other]).reason == "too little; too short"


def test_limits_are_typical_where_none_is_stated():
    bounds = bounds_of(Statement(temperature_max_degc=40.0), chemistry("LFP"))
    assert bounds.temperature_max_degc.value == 40.0
    assert bounds.charge_temperature_max_degc.source == "as stated"
    assert bounds.temperature_min_degc.source == "typical of LFP"
