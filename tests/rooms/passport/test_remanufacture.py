"""Remanufactured is a test of law, decided on intervals."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import ValueOutOfRange
from batteryloop.passport.eu.remanufacture import Verdict, judge_remanufacture
from batteryloop.quantities import Estimate

ON = date(2026, 11, 25)


def _capacity(low, high):
    return Estimate("capacity_ah", (low + high) / 2, low, high, 0.9, "m")


def _cells(*bounds):
    return [Estimate("soh_frac", (low + high) / 2, low, high, 0.9, "m") for low, high in bounds]


def _judge(capacity=None, cells=None, **changes):
    cells = _cells((0.93, 0.94), (0.94, 0.95)) if cells is None else cells
    facts = {
        "original_rated_capacity_ah": 100.0,
        "n_cells": len(cells),
        "n_cells_evaluated": len(cells),
        "n_modules": 1,
        "n_modules_evaluated": 1,
        "is_same_purpose": True,
        "on": ON,
    }
    return judge_remanufacture(capacity or _capacity(92, 94), cells, **(facts | changes))


def test_all_criteria_met_is_remanufactured():
    assert _judge().verdict is Verdict.MET
    assert _judge().reasons == ()


def test_an_interval_around_ninety_percent_stays_open_and_says_what_settles_it():
    found = _judge(_capacity(89, 92))
    assert found.verdict is Verdict.OPEN
    assert "measure a full discharge" in found.reasons[0]


def test_a_capacity_surely_below_ninety_percent_is_not_met():
    assert _judge(_capacity(85, 89)).verdict is Verdict.NOT_MET


def test_a_capacity_nobody_measured_is_open_not_met():
    unknown = Estimate.unknown("capacity_ah", "m", "never discharged")
    found = _judge(unknown)
    assert found.verdict is Verdict.OPEN
    assert "never discharged" in found.reasons[0]


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [
        (_cells((0.90, 0.905), (0.92, 0.925)), Verdict.MET),
        (_cells((0.90, 0.91), (0.92, 0.94)), Verdict.OPEN),
        (_cells((0.90, 0.905), (0.94, 0.945)), Verdict.NOT_MET),
        ([], Verdict.OPEN),
    ],
)
def test_the_spread_of_the_cells_is_judged_at_its_worst_and_its_best(cells, verdict):
    assert _judge(cells=cells, n_cells=2, n_cells_evaluated=2).verdict is verdict


def test_cells_that_nobody_knows_leave_the_spread_open_unless_it_is_too_wide_already():
    assert _judge(n_cells=3, n_cells_evaluated=3).verdict is Verdict.OPEN
    wide = _cells((0.90, 0.905), (0.95, 0.955))
    assert _judge(cells=wide, n_cells=3, n_cells_evaluated=3).verdict is Verdict.NOT_MET


def test_another_purpose_is_repurposing():
    found = _judge(is_same_purpose=False)
    assert found.verdict is Verdict.NOT_MET
    assert "repurposing" in found.reasons[0]


@pytest.mark.parametrize("missing", ["n_cells_evaluated", "n_modules_evaluated"])
def test_every_cell_and_module_must_have_been_evaluated(missing):
    assert _judge(**{missing: 0}).verdict is Verdict.NOT_MET


def test_before_the_law_there_was_no_limit():
    with pytest.raises(ValueOutOfRange):
        _judge(on=date(2020, 1, 1))


@given(st.floats(50, 120), st.floats(0, 10), st.floats(0, 10))
def test_a_wider_interval_never_turns_met_into_not_met(middle, half, wider):
    tight = _judge(_capacity(middle - half, middle + half)).criteria[0].verdict
    loose = _judge(_capacity(middle - half - wider, middle + half + wider)).criteria[0].verdict
    assert loose in {tight, Verdict.OPEN}
