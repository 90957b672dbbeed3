import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from batteryloop.errors import NotKnown
from batteryloop.telemetry.clean import clean
from batteryloop.telemetry.rules import RULES, TYPES_RULE
from batteryloop.telemetry.validate import validate

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def sound(frame_of):
    """Three cycles of a cell, in which no rule finds anything."""
    current = np.array(([2.0] * 60 + [0.0] * 20 + [-2.0] * 60 + [0.0] * 20) * 3)
    volts = 3.7 + 0.05 * current + np.linspace(0, 0.01, current.size)
    step_h = 1 / 60

    def summed(flow):
        inner = (flow[1:] + flow[:-1]) / 2 * step_h
        return np.concatenate([[0.0], np.cumsum(inner)])

    return frame_of(
        list(current),
        voltage_v=volts,
        charge_capacity_ah=summed(np.clip(current, 0, None)),
        discharge_capacity_ah=summed(np.clip(-current, 0, None)),
        charge_energy_wh=summed(np.clip(current * volts, 0, None)),
        discharge_energy_wh=summed(np.clip(-current * volts, 0, None)),
        power_w=current * volts,
        temperature_degc=25.0,
    )


def rules_of(frame, **options):
    return [f.rule for f in validate(frame, **options)]


def changed(frame, row_first, row_last, **values):
    is_it = pl.int_range(pl.len()).is_between(row_first, row_last)
    return frame.with_columns(
        pl.when(is_it).then(pl.lit(v)).otherwise(pl.col(n)).cast(frame.schema[n]).alias(n)
        for n, v in values.items()
    )


def test_a_sound_frame_has_no_findings(sound):
    assert validate(sound) == ()
    assert validate(sound, chemistry="NMC622") == ()


def test_every_rule_has_a_name_of_its_own_a_question_and_a_next_step():
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(rule.asks.endswith("?") and rule.next_step for rule in RULES)


def test_wrong_types_are_all_that_is_said(sound):
    wrong = sound.with_columns(pl.col("current_a").cast(pl.String)).drop("voltage_v")
    findings = validate(wrong)
    assert {f.rule for f in findings} == {TYPES_RULE}
    assert {f.found for f in findings} >= {"column current_a is String, not Float64"}
    assert validate(sound.clear()) == ()


def test_time_that_goes_back(sound):
    wrong = changed(sound, 50, 50, time=START)
    findings = [f for f in validate(wrong) if f.rule == "time-falls"]
    assert [(f.row_first, f.row_last, f.severity) for f in findings] == [(50, 50, "error")]


def test_a_battery_whose_rows_are_apart(sound):
    other = sound.with_columns(battery_id=pl.lit("B"))
    findings = validate(pl.concat([sound, other, sound]))
    assert [f.battery_id for f in findings if f.rule == "battery-scattered"] == ["A"]


def test_missing_values(sound):
    assert rules_of(changed(sound, 10, 12, current_a=None)) == ["required-missing"]
    nan = changed(sound, 10, 12, voltage_v=float("nan"))
    (finding,) = [f for f in validate(nan) if f.rule == "required-missing"]
    assert (finding.row_first, finding.row_last, finding.n_rows) == (10, 12, 3)
    (note,) = validate(changed(sound, 0, 99, temperature_degc=None))
    assert (note.rule, note.found) == ("optional-missing", "no temperature_degc in 100 rows")
    (note,) = validate(sound.with_columns(temperature_degc=pl.lit(None, pl.Float64)))
    assert note.found == "no temperature_degc in every row"


def test_cells_without_values_and_of_changing_number(frame_of):
    cells = [[3.7, 3.7], [3.7, None], [3.7, 3.7], [3.7]]
    frame = frame_of([0.0] * 4, voltage_v=7.4, cell_voltages_v=cells)
    findings = [f for f in validate(frame) if f.rule == "cells-missing"]
    assert [(f.row_first, f.row_last) for f in findings] == [(1, 1), (3, 3)]


def test_gaps_are_counted_with_their_hours(frame_of):
    time = [START + timedelta(minutes=m) for m in (0, 1, 2, 602, 603, 1203)]
    (finding,) = validate(frame_of([0.0] * 6, time=time))
    assert finding.rule == "gaps"
    assert finding.found.startswith("2 gaps longer than 1200 s, 20 h in all")
    assert (finding.row_first, finding.row_last) == (3, 5)


@pytest.mark.parametrize(
    ("column", "value"), [("voltage_v", 2500.0), ("temperature_degc", 200.0), ("current_a", 1e6)]
)
def test_values_that_the_quantity_cannot_have(sound, column, value):
    findings = [
        f for f in validate(changed(sound, 5, 6, **{column: value})) if f.rule == "out-of-range"
    ]
    assert [(f.row_first, f.row_last) for f in findings] == [(5, 6)]
    assert column in findings[0].found


def test_cells_are_held_against_their_chemistry(sound, frame_of):
    high = changed(sound, 30, 31, voltage_v=4.4)
    assert "cell-voltage-high" in rules_of(high, chemistry="NMC622")
    assert "cell-voltage-high" not in rules_of(high)
    low = changed(sound, 100, 101, voltage_v=2.2)
    assert "cell-voltage-low" in rules_of(low, chemistry="ncm622")
    pack = frame_of([0.0] * 3, voltage_v=96 * 4.3)
    assert rules_of(pack, chemistry="NMC622", n_cells_series=96) == ["cell-voltage-high"]
    extremes = frame_of([0.0] * 3, voltage_v=7.4, cell_voltage_min_v=3.1, cell_voltage_max_v=4.5)
    assert "cell-voltage-high" in rules_of(extremes, chemistry="NMC622", n_cells_series=2)
    with pytest.raises(NotKnown):
        validate(sound, chemistry="granite")


def test_a_recorder_that_repeats_its_last_message(frame_of):
    frozen = frame_of([5.0] * 100 + [4.0] * 10, voltage_v=[3.7] * 100 + [3.65] * 10)
    (finding,) = [f for f in validate(frozen) if f.rule == "values-frozen"]
    assert (finding.row_first, finding.row_last) == (1, 99)
    assert "99 min" in finding.found
    assert "values-frozen" not in rules_of(frame_of([0.0] * 200))


def test_a_voltage_that_does_not_answer(frame_of):
    current = [5.0, -5.0] * 60
    assert rules_of(frame_of(current, voltage_v=3.7)) == ["voltage-stuck"]


def test_counters_are_held_against_the_integral(sound):
    doubled = sound.with_columns(pl.col("charge_capacity_ah") * 2)
    (finding,) = validate(doubled)
    assert finding.rule == "charge-counters"
    assert "counts 11.967 Ah, the integral of current_a gives 5.9833 Ah" in finding.found
    assert rules_of(sound.with_columns(pl.col("discharge_energy_wh") * 0.9)) == ["energy-counters"]


def test_sparse_sampling_excuses_a_counter(frame_of):
    # one sample in each hour: whether 0 or 6 A flowed between is not known
    frame = frame_of([0.0, 6.0, 0.0, 6.0], step_s=3600, charge_capacity_ah=[0.0, 1.0, 2.0, 3.0])
    assert "charge-counters" not in rules_of(frame)


def test_power_is_current_times_voltage(sound):
    wrong = sound.with_columns(-pl.col("power_w"))
    (finding,) = validate(wrong)
    assert finding.rule == "power-product"
    assert "in 6 places" in finding.found


def test_the_pack_is_the_sum_of_its_cells(frame_of):
    cells = [[3.7] * 4, [3.7] * 4, [3.6] * 4]
    frame = frame_of([0.0] * 3, voltage_v=14.8, cell_voltages_v=cells)
    (finding,) = [f for f in validate(frame, n_cells_series=4) if f.rule == "cells-sum"]
    assert finding.row_first == 2
    mean = frame_of([0.0] * 3, voltage_v=14.8, cell_voltage_mean_v=[3.7, 3.7, 3.6])
    assert rules_of(mean, n_cells_series=4) == ["cells-sum"]


def test_lowest_mean_and_highest_cell_are_in_order(frame_of):
    swapped = frame_of(
        [0.0] * 3, voltage_v=7.4, cell_voltage_min_v=3.8, cell_voltage_mean_v=3.7,
        cell_voltage_max_v=3.75,
    )  # fmt: skip
    found = [f.found for f in validate(swapped, n_cells_series=2) if f.rule == "cells-order"]
    assert found == [
        "cell_voltage_min_v above cell_voltage_mean_v",
        "cell_voltage_min_v above cell_voltage_max_v",
    ]
    listed = frame_of([0.0], voltage_v=7.4, cell_voltages_v=[[3.6, 3.8]], cell_voltage_max_v=3.7)
    assert rules_of(listed, n_cells_series=2) == ["cells-order"]


def test_a_flipped_sign_is_found_by_the_steps_or_by_the_flow(sound, frame_of):
    flipped = sound.select("battery_id", "time", -pl.col("current_a"), "voltage_v")
    assert rules_of(flipped) == ["sign-reversed"]
    one_discharge = frame_of([2.0] * 100, voltage_v=list(np.linspace(4.1, 3.1, 100)))
    assert rules_of(one_discharge) == ["sign-reversed"]
    assert rules_of(one_discharge.with_columns(-pl.col("current_a"))) == []


def test_many_runs_of_one_rule_become_one_finding(sound):
    spikes = sound.with_columns(
        voltage_v=pl.when(pl.int_range(pl.len()) % 40 == 7).then(4.5).otherwise("voltage_v")
    ).drop("charge_energy_wh", "discharge_energy_wh", "power_w")
    (finding,) = [f for f in validate(spikes, chemistry="NMC622") if f.rule == "cell-voltage-high"]
    assert finding.n_rows == 12
    assert "12 rows in 12 places, the first at rows 7-7" in finding.found


def test_findings_name_their_battery_and_the_frames_rows(sound):
    other = changed(sound.with_columns(battery_id=pl.lit("B")), 0, 1, voltage_v=2500.0)
    findings = [f for f in validate(pl.concat([sound, other])) if f.rule == "out-of-range"]
    assert [(f.battery_id, f.row_first, f.row_last) for f in findings] == [("B", 480, 481)]


def test_the_manual_names_every_finding_of_cleaning_and_holds_the_table_of_rules():
    page = (Path(__file__).parents[3] / "docs" / "concepts" / "telemetry-frame.md").read_text(
        "utf-8"
    )
    said = re.search(r"Rules (.*?)\.\n", clean.__doc__, re.DOTALL).group(1)
    for rule in [*re.findall(r"`([a-z-]+)`", said), TYPES_RULE]:
        assert f"`{rule}`" in page
    assert "<!-- made: rules -->" in page
