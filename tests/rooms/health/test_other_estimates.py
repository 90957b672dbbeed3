import numpy as np
import polars as pl
import pytest

from batteryloop.health import evaluate
from batteryloop.health.ocv import OcvCurve
from batteryloop.health.soc_window import soc_windows, turning_points
from batteryloop.health.trace import trace_of
from batteryloop.health.usage import equivalent_full_cycles, time_in_bands
from batteryloop.quantities import Estimate
from batteryloop.record import BatteryIdentity
from batteryloop.reference.instruments import instruments

CELL = BatteryIdentity("CELL", "NMC", rated_capacity_ah=10.0)
STRAIGHT = OcvCurve(np.array([0.0, 1.0]), np.array([3.0, 4.2]))


# ---- efficiency


def test_energy_efficiency_is_the_loss_in_the_resistance(cycled):
    report = evaluate(cycled, CELL)
    # 5 A over 10 mohm is 50 mV each way at about 3.72 V: (3.72 - 0.05) / (3.72 + 0.05) = 0.973
    assert report.energy_efficiency_frac.value == pytest.approx(0.973, abs=0.004)
    assert report.coulombic_efficiency_frac.value == pytest.approx(1.0, abs=0.002)
    assert report.coulombic_efficiency_frac.low < 1.0 < report.coulombic_efficiency_frac.high


def test_leaking_cell_gives_back_less_than_it_took(cell):
    made = cell()
    for _ in range(4):
        made.charge(5.0).rest(0.2)
        made.soc -= 0.05
        made.discharge(5.0).rest(0.2)
    assert evaluate(made.frame(), CELL).coulombic_efficiency_frac.value == pytest.approx(
        0.95, abs=0.005
    )


def test_discharges_alone_have_no_efficiency(cell):
    made = cell()
    made.soc = 1.0
    report = evaluate(made.rest(0.2).discharge(5.0).frame(), CELL)
    assert "full charge is followed" in report.coulombic_efficiency_frac.reason


# ---- self-discharge


def rested(cell, per_day, days=6.0, soc=0.5):
    made = cell(span_s=600.0)
    made.soc = soc
    rows = round(days * 144)
    for _ in range(rows):
        made.soc -= per_day / 144
        made._sample(0.0)
    # One short load, so that rest is told from load.
    made.span_s = 10.0
    for _ in range(30):
        made._sample(-5.0)
    return made.frame()


def test_voltage_that_falls_at_rest_gives_the_self_discharge(cell):
    frame = rested(cell, 0.002).with_columns(
        pl.when(pl.col("current_a") == 0)
        .then(3.0 + 1.2 * (0.5 - 0.002 / 144 * pl.int_range(1, pl.len() + 1)))
        .otherwise(3.5)
        .alias("voltage_v")
    )
    estimate = evaluate(frame, CELL, ocv=STRAIGHT).self_discharge_per_day
    assert estimate.value == pytest.approx(0.002, rel=0.02)
    assert estimate.low < 0.002 < estimate.high


def test_steady_voltage_at_rest_is_no_self_discharge_within_its_interval(cell):
    frame = rested(cell, 0.0)
    estimate = evaluate(frame, CELL, ocv=STRAIGHT).self_discharge_per_day
    assert estimate.low <= 0.0 <= estimate.high
    assert estimate.high < 0.005


def test_short_rest_is_a_reason(cycled):
    assert "longest rest lasts 0.5 h" in evaluate(cycled, CELL).self_discharge_per_day.reason


def test_flat_curve_is_a_reason(cell):
    flat = OcvCurve(np.array([0.0, 0.05, 0.95, 1.0]), np.array([2.8, 3.6, 3.7, 4.2]))
    frame = rested(cell, 0.001)
    reason = evaluate(frame, CELL, ocv=flat).self_discharge_per_day.reason
    assert "open-circuit voltage is flat (0.11 V" in reason


def test_without_a_curve_there_is_no_self_discharge(cell):
    report = evaluate(rested(cell, 0.001), BatteryIdentity("CELL"))
    assert "open-circuit curve" in report.self_discharge_per_day.reason


# ---- usage


def test_equivalent_cycles_are_throughput_over_twice_the_capacity():
    flowed = Estimate("throughput_ah", 600.0, 594.0, 606.0, 0.9, "m")
    one = Estimate("capacity_ah", 30.0, 29.7, 30.3, 0.9, "m")
    cycles = equivalent_full_cycles(flowed, one, "measured")
    assert cycles.value == 10.0
    # One percent each, joined: 1.41 %.
    assert cycles.low == pytest.approx(10 * (1 - np.hypot(0.01, 0.01)))
    assert cycles.high == pytest.approx(10 * (1 + np.hypot(0.01, 0.01)))


def test_unknown_capacity_gives_a_reason_instead_of_cycles():
    flowed = Estimate("throughput_ah", 600.0, 594.0, 606.0, 0.9, "m")
    none = Estimate.unknown("capacity_ah", "m", "only partial charges")
    assert "only partial charges" in equivalent_full_cycles(flowed, none, "measured").reason


def test_three_cycles_are_three_equivalent_cycles(cycled):
    report = evaluate(cycled, CELL)
    # Begun half charged: half a charge less.
    assert report.equivalent_full_cycles.value == pytest.approx(2.71, abs=0.05)
    assert report.throughput_ah.value == pytest.approx(2.71 * 20, abs=1.0)


def test_hours_in_bands_add_up_to_the_record(cycled):
    frame = cycled.with_columns(
        pl.when(pl.int_range(pl.len()) < 900).then(5.0).otherwise(30.0).alias("temperature_degc"),
        pl.lit(0.9).alias("soc_frac"),
    )
    bands = time_in_bands(trace_of(frame))
    hours = bands.group_by("quantity").agg(pl.col("hours").sum()).sort("quantity")
    span = (frame.height - 1) * 10 / 3600
    assert hours.get_column("hours").to_list() == pytest.approx([span, span])
    cold = bands.filter((pl.col("quantity") == "temperature_degc") & (pl.col("low") == 0.0))
    assert cold.item(0, "hours") == pytest.approx(2.5)


# ---- reported state of charge


def drives(capacity, n=6):
    """Drives from 90 to 30 % and charges back, never full and never empty, no gap."""
    soc = np.concatenate([np.linspace(0.9, 0.3, 600), np.linspace(0.3, 0.9, 600)] * n)
    amps = np.append(np.diff(soc), 0) * capacity * 360
    start = pl.Series([0]).cast(pl.Datetime("us", "UTC"))[0]
    return pl.DataFrame(
        {
            "battery_id": "CAR",
            "time": pl.Series(np.arange(soc.size) * 10_000_000).cast(pl.Datetime("us", "UTC")),
            "current_a": amps,
            "voltage_v": 3.6 + 0.4 * soc,
            "soc_frac": soc,
        }
    ).filter(pl.col("time") >= start)


def test_reported_state_of_charge_gives_the_capacity_it_implies():
    report = evaluate(drives(50.0), BatteryIdentity("CAR", "NMC", rated_capacity_ah=60.0))
    assert report.capacity_ah.value == pytest.approx(50.0, rel=0.005)
    assert "trusts the reported state of charge" in report.capacity_ah.method
    # It is no better than the report: a few percent.
    assert (report.capacity_ah.high - report.capacity_ah.low) / 50.0 > 0.04
    assert "no discharge goes to the end" in report.energy_wh.reason


def test_jump_to_zero_in_the_reported_state_of_charge_does_no_harm():
    frame = drives(50.0).with_columns(
        pl.when(pl.int_range(pl.len()) == 1500)
        .then(0.0)
        .otherwise(pl.col("soc_frac"))
        .alias("soc_frac")
    )
    report = evaluate(frame, BatteryIdentity("CAR", "NMC", rated_capacity_ah=60.0))
    assert report.capacity_ah.value == pytest.approx(50.0, rel=0.01)


def test_without_full_swings_curve_or_report_the_capacity_is_unknown_and_says_why():
    frame = drives(50.0).drop("soc_frac")
    report = evaluate(frame, BatteryIdentity("CAR"))
    assert not report.capacity_ah.is_known
    for words in ("no discharge goes to the end", "reports no state of charge"):
        assert words in report.capacity_ah.reason
    assert report.soh_frac.reason == report.capacity_ah.reason


def test_windows_never_cross_a_gap():
    frame = drives(50.0, n=1)
    middle = frame.height // 4
    late = frame.with_columns(
        pl.when(pl.int_range(pl.len()) >= middle)
        .then(pl.col("time") + pl.duration(hours=5))
        .otherwise(pl.col("time"))
        .alias("time")
    )
    windows = soc_windows(trace_of(late))
    assert middle not in range(*windows.select("index_first", "index_last").row(0))


@pytest.mark.parametrize(
    ("values", "turns"),
    [
        ([0.5], [0]),
        ([0.5, 0.51, 0.5], [0, 2]),
        ([0.5, 0.4, 0.3, 0.31, 0.2], [0, 4]),
        ([0.2, 0.9, 0.2], [0, 1, 2]),
    ],
)
def test_turning_points_pass_over_small_turns(values, turns):
    assert turning_points(np.array(values)) == turns


def test_every_instrument_states_its_source():
    for row in instruments().values():
        assert len(row.source) > 30
        assert 0 < row.current_gain_sd_frac < 0.05
