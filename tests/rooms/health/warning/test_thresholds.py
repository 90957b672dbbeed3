"""What an operator accepts becomes a score."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import ValueOutOfRange
from batteryloop.health.warning.thresholds import Tail, tails, thresholds_for
from batteryloop.health.warning.types import KINDS


def test_every_kind_has_a_tail_with_a_source() -> None:
    for is_flat in (False, True):
        known = tails(is_flat=is_flat)
        assert set(known) == {*KINDS, "sudden-gap"}
        assert all(tail.source for tail in known.values())


def test_a_flat_curve_asks_more_before_a_cell_is_called_weak() -> None:
    steep, flat = thresholds_for(0.05), thresholds_for(0.05, is_flat=True)
    assert flat["weak-cell"] > 2 * steep["weak-cell"]
    assert {k for k in steep if steep[k] != flat[k]} == {"weak-cell"}


@given(st.floats(0.001, 20.0))
def test_all_kinds_together_stay_within_the_budget(budget: float) -> None:
    known = tails()
    rates = [
        known[kind].false_alarms_per_year(score) for kind, score in thresholds_for(budget).items()
    ]
    assert sum(rates) <= budget * (1 + 1e-9) or all(
        score == known[kind].score for kind, score in thresholds_for(budget).items()
    )


def test_a_score_at_the_threshold_is_passed_as_often_as_asked() -> None:
    tail = Tail("weak-cell", 2.0, 4.0, 1.5, 10.0, "made up")
    assert tail.threshold(0.04) == pytest.approx(2.0 + 1.5 * math.log(100.0))
    assert tail.false_alarms_per_year(tail.threshold(0.04)) == pytest.approx(0.04)


def test_confidence_grows_with_the_score_and_never_reaches_one() -> None:
    tail = Tail("weak-cell", 2.0, 4.0, 1.5, 10.0, "made up")
    assert tail.confidence_frac(3.0) < tail.confidence_frac(12.0) <= 0.99
    assert tail.confidence_frac(1e6) == 0.99


@pytest.mark.parametrize("budget", [0.0, -1.0, 1e-4, 21.0, float("nan")])
def test_a_budget_out_of_range_is_refused(budget: float) -> None:
    with pytest.raises(ValueOutOfRange):
        thresholds_for(budget)
