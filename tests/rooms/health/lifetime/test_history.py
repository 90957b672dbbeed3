from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from batteryloop.errors import NotKnown, OptionWrong
from batteryloop.health import evaluate
from batteryloop.health.lifetime.duty import Duty
from batteryloop.health.lifetime.history import (
    capacity_record_of,
    pace_of,
    past_duty,
    stated_duty,
)
from batteryloop.record import BatteryIdentity
from batteryloop.telemetry.frame import as_frame

N_CYCLES = 12


@pytest.fixture(scope="module")
def report():
    """A 2 Ah cell at 30 °C, full cycles at 1C, two hours each, losing 1 % a cycle."""
    begin, rows = datetime(2026, 1, 1, tzinfo=UTC), []
    for cycle in range(N_CYCLES):
        capacity = 2.0 * (1.0 - 0.01 * cycle)
        for half, sign in enumerate((1.0, -1.0)):
            for k in range(61):
                share = k / 60 if sign > 0 else 1.0 - k / 60
                at = begin + timedelta(seconds=7200 * cycle + 3600 * half + 59.0 * k)
                rows.append((at, sign * capacity * 60 / 59 if k else 0.0, 2.5 + 1.7 * share))
    times, currents, volts = zip(*rows, strict=True)
    frame = as_frame(
        pl.DataFrame({"time": times, "current_a": currents, "voltage_v": volts}).with_columns(
            pl.lit("C1").alias("battery_id"),
            pl.lit(30.0).alias("temperature_min_degc"),
            pl.lit(30.0).alias("temperature_max_degc"),
        ),
        subject="C1",
    )
    return evaluate(frame, BatteryIdentity("C1", "NMC622", rated_capacity_ah=2.0))


def test_ages_count_the_charge_taken_out(report):
    record = capacity_record_of(report)
    taken = np.cumsum(2.0 * (1.0 - 0.01 * np.arange(N_CYCLES))) / 2.0
    assert record.capacity_ah[0] == pytest.approx(2.0, rel=0.02)
    assert record.ages_efc[-1] == pytest.approx(taken[-1], rel=0.02)
    assert np.all(np.diff(record.ages_efc) > 0)


def test_an_age_at_the_start_is_added(report):
    plain, older = (capacity_record_of(report, age_at_start_efc=a) for a in (0.0, 300.0))
    assert older.ages_efc == pytest.approx(plain.ages_efc + 300.0)


def test_a_report_without_full_swings_has_no_record():
    frame = as_frame(
        pl.DataFrame(
            {
                "battery_id": ["C"] * 3,
                "time": [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=k) for k in range(3)],
                "current_a": [0.0, 0.0, 0.0],
                "voltage_v": [3.6, 3.6, 3.6],
            }
        ),
        subject="C",
    )
    assert capacity_record_of(evaluate(frame, BatteryIdentity("C"))).ages_efc.size == 0


def test_the_past_duty_is_that_of_the_samples(report):
    duty, assumed = past_duty(report, 11.0)
    assert duty.temperature_degc == pytest.approx(30.0)
    assert duty.dod_frac == pytest.approx(1.0, abs=0.1)
    assert duty.c_rate_per_h == pytest.approx(1.0, rel=0.1)
    assert duty.efc_per_day == pytest.approx(11.0, rel=0.1)
    assert assumed == ("past soc_frac is not recorded: 0.5 assumed",)


def test_without_a_stated_duty_the_future_is_like_the_past(report):
    pace = pace_of(report, capacity_record_of(report), None)
    assert pace.duty_ratio_frac == 1.0
    assert pace.future_efc_per_day == pytest.approx(pace.past_efc_per_day)


def test_a_rest_at_high_charge_and_few_cycles_ages_more_for_each_cycle(report):
    pace = pace_of(report, capacity_record_of(report), "efc_per_day=0.2, soc_frac=0.9")
    assert pace.future_efc_per_day == pytest.approx(0.2)
    assert pace.duty_ratio_frac > 1.5


def test_saying_the_past_duty_changes_nothing(report):
    record = capacity_record_of(report)
    duty, _ = past_duty(report, float(record.ages_efc[-1] - record.ages_efc[0]))
    pace = pace_of(report, record, f"temperature_degc={duty.temperature_degc!r}")
    assert pace.duty_ratio_frac == pytest.approx(1.0)


@pytest.mark.parametrize("text", ["soc_frac=80", "soc_frac=", "efc_per_day=0", "dod_frac=nan"])
def test_a_value_that_cannot_be_is_refused(text):
    with pytest.raises(OptionWrong):
        stated_duty(text, Duty())


def test_a_wrong_name_gets_the_nearest():
    with pytest.raises(NotKnown, match="temperature_degc"):
        stated_duty("temperature=30", Duty())


def test_an_empty_duty_is_the_past_one():
    assert stated_duty("", Duty(31.0)) == Duty(31.0)
