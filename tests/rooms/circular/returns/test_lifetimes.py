"""Lives that have not ended count as at least so long."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from batteryloop.circular.returns import Life, life_curves, lives_of, weibull
from batteryloop.errors import InputWrong, RecordSaysNo
from batteryloop.record.battery import Battery
from batteryloop.record.categories import Application
from batteryloop.record.events import EventKind, LifeEvent

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def seen(rng, n, scale=12.0, shape=4.0, application="car", chemistry="LFP", most=14.0):
    lives = scale * rng.weibull(shape, n)
    ages = rng.uniform(0.5, most, n)
    return [
        Life(application, chemistry, float(min(a, b)), bool(b <= a))
        for a, b in zip(ages, lives, strict=True)
    ]


def test_the_curve_behind_half_ended_lives_is_found_again():
    curve = weibull("all", seen(np.random.default_rng(1), 3000))
    assert curve.scale_years == pytest.approx(12.0, rel=0.03)
    assert curve.shape == pytest.approx(4.0, rel=0.08)


def test_leaving_out_what_has_not_ended_would_say_too_short():
    lives = seen(np.random.default_rng(2), 1000)
    ended_only = [life for life in lives if life.is_ended]
    assert weibull("ended", ended_only).scale_years < weibull("all", lives).scale_years - 1.5


def test_the_stated_uncertainty_is_that_of_repeated_samples():
    logs, stated = [], []
    for seed in range(25):
        curve = weibull("all", seen(np.random.default_rng(seed), 200))
        logs.append(np.log(curve.scale_years))
        stated.append(np.sqrt(curve.log_covariance[0][0]))
    assert np.mean(stated) == pytest.approx(np.std(logs), rel=0.45)


def test_a_group_with_few_ends_takes_its_application_and_says_so():
    rng = np.random.default_rng(3)
    lives = [*seen(rng, 300), *seen(rng, 4, chemistry="NMC622", most=2.0)]
    curve = life_curves(lives, [("car", "NMC622")])["car", "NMC622"]
    assert curve.group == "car"
    assert "car/NMC622 has 0 ended lives" in curve.reason


def test_too_few_ends_at_all_is_no_forecast():
    with pytest.raises(InputWrong, match="at least 8 ended lives"):
        life_curves([Life("car", "LFP", 3.0, False)] * 50, [("car", "LFP")])


def event(battery_id, kind, years_ago):
    at = NOW - timedelta(days=365.25 * years_ago)
    return LifeEvent(f"{battery_id}-{kind}", battery_id, kind, at, "someone")


def test_lives_are_read_from_the_record():
    batteries = {
        name: Battery(name, Application.BUS, "LFP") for name in ("ended", "out", "unknown start")
    }
    events = [
        event("ended", EventKind.PLACED_ON_MARKET, 9.0),
        event("ended", EventKind.IN_SERVICE, 8.0),
        event("ended", EventKind.REMOVED, 2.0),
        event("ended", EventKind.RECYCLED, 1.0),
        event("out", EventKind.PLACED_ON_MARKET, 5.0),
        event("unknown start", EventKind.COLLECTED, 1.0),
    ]
    lives = {life.is_ended: life for life in lives_of(batteries, events, NOW)}
    assert len(lives) == 2
    assert lives[True].age_years == pytest.approx(6.0)
    assert lives[False].age_years == pytest.approx(5.0)
    assert lives[True].application == "bus"


def test_lives_that_all_end_at_one_age_give_no_curve_and_say_so():
    same = [Life("car", "LFP", 8.0, True) for _ in range(20)]
    with pytest.raises(RecordSaysNo, match="all ended at one age"):
        weibull("car/LFP", same)
    with pytest.raises(InputWrong, match="20 of 20 have ended"):
        life_curves(same, [("car", "LFP")])


def test_a_group_whose_lives_are_alike_gets_a_wider_groups_curve():
    same = [Life("car", "LFP", 8.0, True) for _ in range(20)]
    other = [Life("car", "NMC622", 5.0 + 0.3 * k, True) for k in range(20)]
    curve = life_curves(same + other, [("car", "LFP")])["car", "LFP"]
    assert curve.group == "car"
    assert "no curve fits car/LFP" in curve.reason
