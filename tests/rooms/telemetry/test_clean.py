from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.errors import NotKnown
from batteryloop.telemetry.clean import (
    clean,
    remove_offset,
    rescale,
    rest_offset,
    unit_slips,
    without_duplicates,
)
from batteryloop.telemetry.cycles import cycles
from batteryloop.telemetry.frame import as_frame
from batteryloop.telemetry.segments import segments
from batteryloop.telemetry.validate import validate

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def cycled(frame_of):
    """Three hours' cycles of a 2 Ah cell with the tester's counters."""
    current = np.array(([2.0] * 60 + [0.0] * 20 + [-2.0] * 60 + [0.0] * 20) * 3)
    return frame_of(
        list(current),
        voltage_v=3.7 + 0.05 * current,
        charge_capacity_ah=np.cumsum(np.clip(current, 0, None)) / 60,
        discharge_capacity_ah=np.cumsum(np.clip(-current, 0, None)) / 60,
        soc_frac=0.5,
        temperature_degc=25.0,
    )


def slips_of(frame, **options):
    return [(s.column, s.unit, s.is_certain) for s in unit_slips(frame, **options)]


def test_rows_given_twice_are_removed_and_told_of(frame_of):
    frame = frame_of([1.0, 2.0, 3.0])
    twice = pl.concat([frame, frame]).sort("time", maintain_order=True)
    out, findings = without_duplicates(twice)
    assert out.equals(frame)
    assert {(f.rule, f.severity, f.n_rows) for f in findings} == {("duplicate-rows", "warning", 1)}
    assert [(f.row_first, f.row_last) for f in findings] == [(1, 1), (3, 3), (5, 5)]


def test_rows_of_one_moment_that_differ_are_kept_and_told_of(frame_of):
    time = [START, START, START + timedelta(seconds=1)]
    frame = frame_of([1.0, 2.0, 3.0], time=time, cell_voltages_v=[[3.7], [3.7], [3.8]])
    out, (finding,) = without_duplicates(frame)
    assert out.equals(frame)
    assert (finding.rule, finding.row_first, finding.row_last) == ("duplicate-stamps", 1, 1)


def test_the_same_moment_of_two_batteries_is_no_repeat(frame_of):
    both = pl.concat([frame_of([1.0]), frame_of([1.0], battery_id="B")])
    assert without_duplicates(both) == (both, ())


def test_a_clean_frame_has_no_slips(cycled):
    assert slips_of(cycled) == []
    assert slips_of(cycled, chemistry="NMC622") == []


def test_voltage_in_millivolt(cycled):
    wrong = cycled.with_columns(pl.col("voltage_v") * 1000)
    assert slips_of(wrong) == [("voltage_v", "mV", True)]
    assert slips_of(wrong, chemistry="LCO") == [("voltage_v", "mV", True)]
    right = rescale(wrong, unit_slips(wrong))
    assert right["voltage_v"].to_list() == pytest.approx(cycled["voltage_v"].to_list())


def test_a_pack_of_many_volts_is_no_slip(frame_of):
    assert slips_of(frame_of([10.0] * 5, voltage_v=355.0), n_cells_series=96) == []
    assert slips_of(frame_of([10.0] * 5, voltage_v=800.0)) == []


def test_cells_in_millivolt(frame_of):
    frame = frame_of([1.0] * 3, voltage_v=355.0, cell_voltage_min_v=3690.0)
    assert slips_of(frame, n_cells_series=96) == [("cell_voltage_min_v", "mV", True)]


def test_current_in_milliampere_is_told_from_time_in_milliseconds_by_the_rate(cycled):
    assert slips_of(cycled.with_columns(pl.col("current_a") * 1000)) == [("current_a", "mA", True)]
    first = cycled["time"].min()
    slow = cycled.with_columns(time=first + (pl.col("time") - first) * 1000)
    assert slips_of(slow) == [("time", "ms", False)]


def test_time_in_minutes_and_counters_in_other_units(cycled):
    first = cycled["time"].min()
    quick = cycled.with_columns(time=first + (pl.col("time") - first) / 60)
    assert slips_of(quick) == [("time", "min", False)]
    right = rescale(quick, unit_slips(quick))
    assert (right["time"] - cycled["time"]).abs().max() < timedelta(milliseconds=1)
    counters = pl.col("charge_capacity_ah", "discharge_capacity_ah")
    milli = cycled.with_columns(counters * 1000)
    assert {s[1:] for s in slips_of(milli)} == {("mAh", True)}
    coulomb = cycled.with_columns(counters * 3600)
    assert {s[1:] for s in slips_of(coulomb)} == {("As", True)}


def test_percent_kelvin_and_fahrenheit(cycled):
    assert slips_of(cycled.with_columns(soc_frac=50.0)) == [("soc_frac", "percent", True)]
    assert slips_of(cycled.with_columns(temperature_degc=298.15)) == [
        ("temperature_degc", "K", True)
    ]
    warm = cycled.with_columns(temperature_degc=77.0)
    (slip,) = unit_slips(warm)
    assert (slip.unit, slip.is_certain) == ("°F", False)
    assert rescale(warm, [slip])["temperature_degc"][0] == pytest.approx(25.0)


def test_an_unknown_chemistry_is_named(cycled):
    with pytest.raises(NotKnown, match="chemistry 'LPF'"):
        unit_slips(cycled, chemistry="LPF")


def test_an_offset_shows_in_long_rests_and_is_taken_off_on_request(cycled):
    shifted = cycled.with_columns(pl.col("current_a") + 0.01)
    (finding,) = rest_offset(shifted)
    assert finding.rule == "current-offset"
    assert "+0.01 A" in finding.found
    assert rest_offset(remove_offset(shifted, offset_a=0.01)) == ()
    assert rest_offset(cycled) == ()


def test_offset_of_one_battery_leaves_the_others(frame_of):
    both = pl.concat([frame_of([1.0]), frame_of([1.0], battery_id="B")])
    assert remove_offset(both, offset_a=0.5, battery_id="B")["current_a"].to_list() == [1.0, 0.5]


def test_cleaning_says_everything_it_did_and_did_not(cycled):
    first = cycled["time"].min()
    wrong = cycled.with_columns(
        pl.col("voltage_v") * 1000,
        temperature_degc=77.0,
        charge_capacity_ah=pl.when(pl.int_range(pl.len()) < 160)
        .then("charge_capacity_ah")
        .otherwise(pl.col("charge_capacity_ah") - 2.0),
    )
    wrong = pl.concat([wrong, wrong.head(1)]).sort("time", maintain_order=True)
    out, findings = clean(wrong)
    assert out.height == cycled.height
    assert out["time"].min() == first
    assert out["voltage_v"].max() == pytest.approx(3.8)
    assert out["temperature_degc"][0] == 77.0
    assert out["charge_capacity_ah"].max() == pytest.approx(6.0 - 2 / 60)
    said = {(f.rule, f.severity) for f in findings}
    assert said == {
        ("duplicate-rows", "warning"),
        ("unit-slip", "note"),
        ("unit-slip", "warning"),
        ("counter-restarts", "note"),
    }
    assert [f.found.split("; it ")[1] for f in findings if f.rule == "unit-slip"] == [
        "is put right",
        "is left as it is",
    ]
    kept, _ = clean(wrong, rescaled="none")
    assert kept["voltage_v"].max() == pytest.approx(3800)
    every, _ = clean(wrong, rescaled="all")
    assert every["temperature_degc"][0] == pytest.approx(25.0)


values = st.one_of(
    st.none(), st.just(0.0), st.just(float("nan")), st.just(float("inf")), st.floats(-1e9, 1e9)
)


@settings(max_examples=40, deadline=None)
@given(st.data(), st.integers(0, 12))
def test_whatever_stands_in_the_columns_nothing_breaks(data, n):
    def column():
        return pl.Series(data.draw(st.lists(values, min_size=n, max_size=n)), dtype=pl.Float64)

    names = data.draw(
        st.lists(
            st.sampled_from(
                ["soc_frac", "temperature_degc", "power_w", "charge_capacity_ah",
                 "discharge_capacity_ah", "charge_energy_wh", "cell_voltage_min_v",
                 "cell_voltage_max_v"]
            ),
            unique=True,
        )
    )  # fmt: skip
    stamps = st.one_of(st.none(), st.integers(-(10**12), 10**15))
    time = data.draw(st.lists(stamps, min_size=n, max_size=n))
    counts = st.lists(st.one_of(st.none(), st.integers(-5, 5)), min_size=n, max_size=n)
    ids = data.draw(st.lists(st.sampled_from(["A", "B"]), min_size=n, max_size=n))
    frame = as_frame(
        pl.DataFrame(
            {
                "battery_id": pl.Series(ids, dtype=pl.String),
                "time": pl.Series(time, dtype=pl.Int64).cast(pl.Datetime("us", "UTC")),
                "current_a": column(),
                "voltage_v": column(),
                "cycle_count": pl.Series(data.draw(counts), dtype=pl.Int64),
                "step_index": pl.Series(data.draw(counts), dtype=pl.Int64),
                **{name: column() for name in names},
            }
        ),
        subject="anything",
    )
    cleaned, _ = clean(frame, chemistry="LFP")
    validate(frame, chemistry="LFP", n_cells_series=3)
    assert cycles(cleaned).height <= n
    assert segments(cleaned).height <= n
    assert segments(cleaned, merge_shorter_s=60.0).height <= n
    assert cycles(cleaned.drop("cycle_count"), end_voltage_v=3.0).height <= n
