"""Grades and abstaining."""

import pytest

from batteryloop.errors import OptionWrong
from batteryloop.health.learned.grade import checked_thresholds, grade_of
from batteryloop.quantities import Estimate

BOUNDS = checked_thresholds({"B": 0.7, "A": 0.8})


def _soh(value, half):
    return Estimate("soh_frac", value, value - half, value + half, 0.9, "m")


@pytest.mark.parametrize(
    ("value", "name"), [(0.8, "A"), (0.7999, "B"), (0.7, "B"), (0.69, "reject")]
)
def test_a_threshold_belongs_to_the_better_grade(value, name):
    assert grade_of(_soh(value, 0.0), BOUNDS).name == name


def test_a_grade_is_sure_where_the_whole_interval_lies_in_it():
    assert grade_of(_soh(0.75, 0.04), BOUNDS).is_sure
    assert not grade_of(_soh(0.75, 0.06), BOUNDS).is_sure


def test_a_wide_interval_abstains_with_both_widths():
    grade = grade_of(_soh(0.8, 0.08), BOUNDS, halfwidth_max_frac=0.05)
    assert grade.name == "abstain"
    assert grade.reason == "the interval is ±10.0% wide, at most ±5.0% is allowed"


def test_what_is_not_known_abstains_with_its_reason():
    grade = grade_of(Estimate.unknown("soh_frac", "m", "outside the range"), BOUNDS)
    assert (grade.name, grade.reason) == ("abstain", "outside the range")


@pytest.mark.parametrize(
    "wrong", [{}, {"A": 0.8, "B": 0.8}, {"A": 80.0}, {"A": 0.0}, {"abstain": 0.5}]
)
def test_thresholds_that_cannot_be_are_refused(wrong):
    with pytest.raises(OptionWrong):
        checked_thresholds(wrong)
