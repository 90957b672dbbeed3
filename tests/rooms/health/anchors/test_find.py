import numpy as np
import polars as pl
import pytest

from batteryloop.health.anchors.find import find_anchors, runs_of
from batteryloop.health.anchors.swings import swings
from batteryloop.health.trace import trace_of
from batteryloop.reference import chemistry
from batteryloop.telemetry.segments import segments


def looked(frame, name="NMC"):
    trace = trace_of(frame)
    anchors = find_anchors(
        trace, runs_of(trace, segments(frame)), chemistry(name) if name else None
    )
    return trace, anchors


def kinds(anchors):
    return [moment.kind for moment in anchors.moments]


def test_full_cycles_have_a_full_and_an_empty_end_each(cycled):
    _, anchors = looked(cycled)
    assert kinds(anchors) == ["full", "empty"] * 3
    assert anchors.full_voltage_v == pytest.approx(4.2, abs=0.01)


def test_full_and_empty_are_found_without_a_chemistry(cycled):
    _, anchors = looked(cycled, None)
    assert kinds(anchors) == ["full", "empty"] * 3


def test_charge_to_four_fifths_is_not_taken_for_full(cell):
    made = cell()
    for _ in range(4):
        # 4.05 V at 5 A is 4.0 V open circuit, no taper: the wall box stopped.
        made.charge(5.0, to_v=4.05, taper_to=1.1).rest(0.5).discharge(5.0).rest(0.5)
    for name in ("NMC", None):
        _, anchors = looked(made.frame(), name)
        assert "full" not in kinds(anchors)
        assert "4.0" in anchors.no_full_reason


def test_shallow_discharges_are_not_taken_for_empty(cell):
    made = cell()
    for _ in range(4):
        made.charge(5.0).rest(0.5).discharge(5.0, to_v=3.6).rest(0.5)
    for name in ("NMC", None):
        _, anchors = looked(made.frame(), name)
        assert "empty" not in kinds(anchors)
        assert "lowest ends at 3.6" in anchors.no_empty_reason


def test_pulses_and_rests_on_the_way_down_do_not_end_the_swing(cell):
    made = cell().charge(5.0).rest(1.0)
    for _ in range(12):
        if made.soc > 0.1:
            made.pulse(-20.0).discharge(5.0, to_soc=made.soc - 0.08).rest(0.5)
    made.discharge(5.0)
    trace, anchors = looked(made.frame())
    table = swings(trace, anchors)
    assert table.get_column("kind").to_list() == ["discharge"]
    assert table.item(0, "capacity_ah") == pytest.approx(9.85, rel=0.01)


def test_recording_that_begins_at_a_full_rest_counts_as_full(cell):
    made = cell()
    made.soc = 1.0
    made.rest(0.2).discharge(5.0).rest(0.2)
    _, anchors = looked(made.frame())
    assert kinds(anchors) == ["full", "empty"]
    assert "at rest" in anchors.moments[0].evidence


def test_flat_chemistry_at_rest_is_never_taken_for_full(cell):
    made = cell()
    made.soc = 1.0
    made.rest(0.2).discharge(5.0).rest(0.2)
    frame = made.frame().with_columns(pl.col("voltage_v") * 3.6 / 4.2)
    _, anchors = looked(frame, "LFP")
    assert "full" not in kinds(anchors)


def test_gap_between_full_and_empty_gives_no_swing(cell):
    made = cell().charge(5.0).discharge(5.0, to_soc=0.6)
    made.seconds += 7200
    made.discharge(5.0)
    trace, anchors = looked(made.frame())
    assert swings(trace, anchors).filter(pl.col("kind") == "discharge").is_empty()


def test_second_slower_discharge_after_the_end_does_not_change_the_first(cell):
    made = cell(ohm=0.05).charge(5.0).discharge(5.0).rest(0.5).discharge(0.5).rest(0.5)
    trace, anchors = looked(made.frame())
    table = swings(trace, anchors)
    # 3.0 V under 5 A over 50 mohm is 3.25 V: 2.7 % left; 4.2 V at the last 0.25 A: 0.8 % missing.
    at_5_a = made.capacity_ah * (1 - 0.027 - 0.008)
    assert table.height == 1
    assert table.item(0, "capacity_ah") == pytest.approx(at_5_a, rel=0.003)


def test_empty_frame_has_no_moments(cycled):
    trace = trace_of(cycled.head(0))
    anchors = find_anchors(trace, runs_of(trace, segments(cycled.head(0))), None)
    assert anchors.moments == ()
    assert anchors.no_full_reason == "no charge in the data"
    assert anchors.no_empty_reason == "no discharge in the data"
    assert swings(trace, anchors).is_empty()


def on_a_tester(frame, scale=1.0, shift_v=0.0):
    return frame.with_columns(
        pl.lit(1).cast(pl.Int64).alias("step_index"),
        (pl.col("voltage_v") * scale + shift_v).alias("voltage_v"),
    )


def half_cell(cell, n):
    """Between 1.1 and 0.1 V, as silicon against lithium: no chemistry of the table does that."""
    made = cell()
    made.discharge(5.0, to_v=3.3).rest(0.2)
    for _ in range(n):
        made.charge(5.0, to_v=4.15, taper_to=1.1).rest(0.2).discharge(5.0, to_v=3.5).rest(0.2)
    return on_a_tester(made.frame(), 1.0, -3.4)


def test_tester_that_goes_to_and_fro_again_and_again_sets_its_own_limits(cell):
    trace, anchors = looked(half_cell(cell, 4), None)
    assert kinds(anchors).count("full") == 4
    assert all("own limit" in m.evidence for m in anchors.moments if m.kind == "full")
    down = swings(trace, anchors).filter(pl.col("kind") == "discharge")
    assert down.height == 4


def test_twice_is_not_again_and_again(cell):
    _, anchors = looked(half_cell(cell, 2), None)
    assert anchors.moments == ()


def test_own_limits_do_not_stand_in_for_those_of_a_known_chemistry(cell):
    made = cell()
    for _ in range(4):
        made.charge(5.0, to_v=4.0, taper_to=1.1).rest(0.5).discharge(5.0, to_v=3.6).rest(0.5)
    _, anchors = looked(on_a_tester(made.frame()), "NMC")
    assert anchors.moments == ()


def test_negative_and_tiny_voltages_do_no_harm(cell):
    frame = half_cell(cell, 4)
    for shift in (-0.1, -1.0, -3.0):
        looked(frame.with_columns((pl.col("voltage_v") + shift).alias("voltage_v")), None)


def test_runs_are_a_sequence_and_arrays_at_once(cycled):
    trace = trace_of(cycled)
    runs = runs_of(trace, segments(cycled))
    assert [run.kind for run in runs] == runs.kind.tolist()
    assert runs[0] == next(iter(runs))
    assert list(runs[1:3]) == list(runs)[1:3]
    charges = runs.of("charge")
    assert list(charges) == [run for run in runs if run.kind == "charge"]
    ends_v = charges.end_voltage_v(trace, highest=True)
    for run, end_v in zip(charges, ends_v, strict=True):
        last = trace.highest_cell_v[max(run.first, run.last - 2) : run.last + 1]
        assert end_v == np.nanmax(last)
    span_us = trace.time_us[charges.last] - trace.time_us[charges.first]
    assert charges.duration_s(trace) == pytest.approx(span_us / 1e6)
