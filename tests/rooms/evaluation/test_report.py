import json
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import InputWrong, NotKnown
from batteryloop.evaluation import OcvPoints, canonical_report, report_from_dict
from batteryloop.evaluation.compare import differences
from batteryloop.evaluation.fingerprint import content_sha256, rounded
from batteryloop.health.open_circuit.curve import ocv_from_table
from batteryloop.record import BatteryIdentity
from batteryloop.record.canonical import canonical
from batteryloop.samples import sample


def test_a_report_is_read_back_whole(leaf):
    document = json.loads(json.dumps(leaf.as_dict()))
    back = report_from_dict(document)
    assert back == leaf
    assert canonical_report(back) == canonical_report(leaf)
    assert report_from_dict(json.loads(canonical_report(leaf))) == leaf


def test_the_same_inputs_give_the_same_bytes(leaf, evaluated, leaf_cell):
    again = evaluated(sample("leaf_cell_2013_discharge_1c"), leaf_cell)
    assert canonical_report(again) == canonical_report(leaf)


def test_another_sample_is_another_hash_and_another_report(leaf):
    frame = sample("leaf_cell_2013_discharge_1c")
    other = frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 700).then(3.3).otherwise("voltage_v").alias("voltage_v")
    )
    assert content_sha256(other) != content_sha256(frame)
    assert content_sha256(frame.select(reversed(frame.columns))) == content_sha256(frame)


def test_what_was_added_or_altered_in_a_file_is_refused(leaf):
    added = leaf.as_dict() | {"grade_by_friend": "A"}
    with pytest.raises(InputWrong, match="grade_by_friend"):
        report_from_dict(added)
    altered = leaf.as_dict()
    altered["usage"]["figures"][0]["estimate"]["value"] = "much"
    with pytest.raises(InputWrong, match=r"usage\.figures\[0\]\.estimate\.value"):
        report_from_dict(altered)
    with pytest.raises(InputWrong, match="schema None"):
        report_from_dict({"battery_id": "A"})


def test_every_figure_has_its_kind_and_either_a_value_or_a_reason(leaf):
    for name, figure in leaf.figures.items():
        assert figure.kind.name == name
        estimate = figure.estimate
        assert estimate.is_known or estimate.reason, name
        if estimate.is_known:
            assert estimate.low <= estimate.value <= estimate.high, name
            assert estimate.method, name
        assert figure.originator == "batteryloop test"


def test_figures_stand_in_the_dimension_that_the_table_says(leaf):
    for part in ("usage", "health", "degradation"):
        assert {f.kind.dimension for f in getattr(leaf, part).figures} == {part}


def test_times_of_a_tester_that_knows_no_date_are_no_dates(leaf):
    assert not leaf.inputs.telemetry.is_dated
    assert all(figure.from_at is None for figure in leaf.figures.values())
    assert "carries no date" in leaf.figure("fade_per_year").estimate.reason


def test_a_name_that_no_figure_has_gets_the_nearest(leaf):
    with pytest.raises(NotKnown, match="soh_energy_frac"):
        leaf.figure("soh_enrgy_frac")


def test_an_open_circuit_curve_that_was_handed_in_is_kept_and_used(evaluated, leaf_cell):
    frame = sample("leaf_cell_2013_discharge_1c")
    curve = ocv_from_table(sample("leaf_cell_2013_ocv_25degc"), subject="ocv")
    told = evaluated(frame, leaf_cell, ocv=OcvPoints.of(curve))
    assert report_from_dict(json.loads(canonical_report(told))) == told
    assert told.inputs.ocv.curve().voltage_at(0.5) == pytest.approx(curve.voltage_at(0.5))
    assert "no open-circuit curve" not in told.figure("power_soc80_w").estimate.reason


def test_full_cycles_are_throughput_over_twice_the_rated_capacity(evaluated, cycling):
    frame = cycling([0.8, 0.8, 0.5, 0.2])
    told = evaluated(frame, BatteryIdentity("CYC", "NMC622", 10.0))
    flowed = told.figure("throughput_ah").estimate.value
    assert told.figure("equivalent_full_cycles").estimate.value == pytest.approx(flowed / 20)
    assert told.figure("rainflow_full_cycles").estimate.value == pytest.approx(2.3, abs=0.05)
    depths = {round(d.low_frac, 2): d.n_cycles for d in told.usage.depths if d.n_cycles}
    assert sum(depths.values()) == told.figure("n_rainflow_cycles").estimate.value == 4.0
    both = [told.figure(f"{way}_ah").estimate.value for way in ("charged", "discharged")]
    assert sum(both) == pytest.approx(flowed)


def test_hours_in_bands_are_the_hours_recorded(evaluated, cycling):
    frame = cycling([0.8, 0.5])
    told = evaluated(frame, BatteryIdentity("CYC", "NMC622", 10.0))
    hours = told.figure("recorded_h").estimate.value
    assert sum(cell.hours for cell in told.usage.time_in_bands) == pytest.approx(hours)
    assert hours == pytest.approx((frame.height - 1) / 60)


@pytest.mark.parametrize(("rate", "share"), [(1.0, 1.0), (0.25, 0.0)])
def test_the_fast_share_is_of_charges_above_the_limit(rate, share, evaluated, cycling):
    told = evaluated(cycling([0.8, 0.8], rate_per_h=rate), BatteryIdentity("C", "NMC622", 10.0))
    assert told.figure("fast_charge_share_frac").estimate.value == share


LEAVES = st.none() | st.booleans() | st.floats(-1e9, 1e9) | st.text(max_size=5)


def _inside(inner):
    return st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)


@given(st.recursive(LEAVES, _inside, max_leaves=12))
def test_rounding_twice_is_rounding_once_and_a_document_differs_from_itself_nowhere(document):
    once = rounded(document)
    assert canonical(rounded(once)) == canonical(once)
    assert list(differences(once, json.loads(canonical(once)))) == []


def test_a_report_without_category_says_so_and_has_a_grade_all_the_same(evaluated, leaf_cell):
    frame = sample("leaf_cell_2013_discharge_1c")
    told = evaluated(frame, leaf_cell)
    bare = evaluated(frame, leaf_cell, statement=replace(told.inputs.statement, application=None))
    assert bare.grade.name == told.grade.name
    assert "the category is not given" in bare.responsibility.notes[0]
    assert any("is not for an unknown category" in note for note in bare.notes)
