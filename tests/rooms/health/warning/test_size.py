"""How large, how grave, how soon."""

import pytest

from batteryloop.health.warning.size import GRADES, _grade, _lead
from batteryloop.health.warning.types import KINDS


def test_every_kind_has_bounds_that_rise() -> None:
    assert set(GRADES) == set(KINDS)
    assert all(list(bounds) == sorted(bounds) for bounds in GRADES.values())


def test_severity_follows_the_size_whatever_its_sign() -> None:
    assert [_grade("voltage-sensor", v) for v in (0.0, 0.003, -0.01, 0.05, -9.0)] == [0, 1, 2, 3, 3]


def test_lead_time_is_the_way_left_over_the_pace() -> None:
    # 100 mV left, 10 mV a day, surely between 8.355 and 11.645: 10 days
    lead = _lead(0.05, 0.010, 0.001, 0.15)
    assert lead.value == pytest.approx(240.0)
    assert lead.low == pytest.approx(24 * 0.1 / 0.011645, rel=1e-3)
    assert lead.high == pytest.approx(24 * 0.1 / 0.008355, rel=1e-3)


@pytest.mark.parametrize(
    ("now", "pace", "unsure", "reason"),
    [
        (0.2, 0.01, 0.001, "it is past the limit"),
        (0.05, 0.001, 0.001, "it does not surely grow"),
        (0.05, -0.01, 0.001, "it does not surely grow"),
    ],
)
def test_no_lead_time_is_guessed(now: float, pace: float, unsure: float, reason: str) -> None:
    lead = _lead(now, pace, unsure, 0.15)
    assert lead.value is None
    assert lead.reason == reason
