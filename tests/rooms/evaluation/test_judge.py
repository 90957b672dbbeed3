import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.evaluation.judge import decided, grade_of
from batteryloop.evaluation.profile import GradeRule, Profile
from batteryloop.evaluation.types import Figure
from batteryloop.quantities import Estimate

SHARES = st.floats(0.0, 1.2, allow_nan=False)
RULES = (
    GradeRule("A", "soh_energy_frac", at_least=0.9),
    GradeRule("A", "worst_notice", at_most=1, is_needed=False),
    GradeRule("B", "soh_energy_frac", at_least=0.8),
    GradeRule("C", "soh_energy_frac", at_least=0.7),
)
LADDER = ("A", "B", "C", "D")
PROFILE = Profile("p", "1", "t", "s", "2026-11-25", "x", grades=RULES, lowest_grade="D")


def figures(low: float, high: float, notice: float | None = None) -> dict[str, Figure]:
    soh = Estimate("soh_energy_frac", (low + high) / 2, low, high, 0.9, "m")
    told = {"soh_energy_frac": Figure("soh_energy_frac", soh)}
    if notice is not None:
        grave = Estimate("worst_notice", notice, notice, notice, 1.0, "m")
        told["worst_notice"] = Figure("worst_notice", grave)
    return told


def test_a_grade_is_given_only_where_the_whole_interval_lies_in_it():
    assert grade_of(PROFILE, figures(0.82, 0.88)).name == "B"
    across = grade_of(PROFILE, figures(0.78, 0.84))
    assert (across.name, across.best, across.worst) == ("", "B", "C")
    assert across.words == "cannot tell: B to C"


def test_a_mean_above_the_bound_does_not_make_the_grade():
    wide = grade_of(PROFILE, figures(0.68, 1.0))
    assert (wide.best, wide.worst) == ("A", "D")


def test_a_grave_warning_lowers_the_grade_and_none_watched_does_not():
    assert grade_of(PROFILE, figures(0.95, 0.97)).name == "A"
    assert grade_of(PROFILE, figures(0.95, 0.97, notice=1)).name == "A"
    warned = grade_of(PROFILE, figures(0.95, 0.97, notice=3))
    assert warned.name == "B"
    assert "gravest early warning 3; at most 1 for A: missed" in warned.reasons


def test_without_the_needed_figure_no_grade_is_told():
    none = Estimate.unknown("soh_energy_frac", "m", "no full discharge")
    grade = grade_of(PROFILE, {"soh_energy_frac": Figure("soh_energy_frac", none)})
    assert (grade.name, grade.best, grade.worst) == ("", "A", "D")


@given(SHARES, SHARES, SHARES)
def test_a_bound_is_met_missed_or_open_as_the_interval_lies(low, high, bound):
    low, high = min(low, high), max(low, high)
    soh = Estimate("soh_energy_frac", low, low, high, 0.9, "m")
    state = decided(soh, GradeRule("A", "soh_energy_frac", at_least=bound))
    assert state == ("met" if low >= bound else "missed" if high < bound else "cannot tell")


@given(SHARES, SHARES, SHARES, SHARES)
def test_knowing_more_never_opens_the_grade(a, b, c, d):
    outer_low, inner_low, inner_high, outer_high = sorted((a, b, c, d))
    outer = grade_of(PROFILE, figures(outer_low, outer_high))
    inner = grade_of(PROFILE, figures(inner_low, inner_high))
    assert LADDER.index(inner.best) >= LADDER.index(outer.best)
    assert LADDER.index(inner.worst) <= LADDER.index(outer.worst)
    assert LADDER.index(inner.best) <= LADDER.index(inner.worst)


@pytest.mark.parametrize(("low", "high", "name"), [(0.9, 0.9, "A"), (0.8999, 0.8999, "B")])
def test_the_bound_itself_is_within(low, high, name):
    assert grade_of(PROFILE, figures(low, high)).name == name
