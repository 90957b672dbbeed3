import numpy as np
import pytest

from batteryloop.telemetry.scale import current_scale_a, gap_limit_us, rest_limit_a


def test_the_scale_is_the_usual_largest_current_whatever_its_sign():
    assert current_scale_a(np.array([0.0] * 50 + [-10.0] * 50)) == 10.0
    assert current_scale_a(np.array([np.nan, np.nan])) == 0.0
    assert current_scale_a(np.empty(0)) == 0.0


def test_a_period_of_the_data_does_not_hide_its_currents():
    # every thousandth sample rests: a stride in step with it would see nothing else
    current = np.full(1_000_000, 30.0)
    current[::976] = 0.0
    assert current_scale_a(current) == 30.0


def test_rest_is_half_a_percent_or_the_noise_but_at_most_two_percent():
    quiet = np.array([0.0] * 500 + [100.0] * 500)
    assert rest_limit_a(quiet, 100.0) == pytest.approx(0.5)
    rng = np.random.default_rng(0)
    noisy = np.concatenate([rng.normal(0, 0.2, 1000), np.full(1000, 100.0)])
    assert rest_limit_a(noisy, 100.0) == pytest.approx(1.0, rel=0.15)
    wild = np.concatenate([rng.normal(0, 0.9, 1000), np.full(1000, 100.0)])
    assert rest_limit_a(wild, 100.0) == 2.0
    assert rest_limit_a(np.empty(0), 0.0) > 0


def test_a_gap_is_twenty_steps_or_five_minutes():
    assert gap_limit_us(np.arange(100) * 1_000_000) == 300_000_000
    assert gap_limit_us(np.arange(100) * 60_000_000) == 1_200_000_000
    assert gap_limit_us(np.array([5])) == 300_000_000
    assert gap_limit_us(np.empty(0, np.int64)) == 300_000_000
