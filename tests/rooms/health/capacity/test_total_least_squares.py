import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.errors import ValueOutOfRange
from batteryloop.health.capacity.total_least_squares import (
    SlopeState,
    capacity_over_segments,
    estimate_of,
    started_with,
    updated,
)

TRUE_AH = 50.0


def segments(rng, n, *, is_uneven):
    """Return random segments of a 50 Ah battery with their standard deviations."""
    true = rng.uniform(0.1, 0.8, n)
    if is_uneven:
        sx, sy = 10 ** rng.uniform(-2.3, -1.2, n), 10 ** rng.uniform(-1.3, 0.3, n)
    else:
        sx, sy = np.full(n, 0.03), np.full(n, 0.3)
    x, y = true + rng.normal(size=n) * sx, TRUE_AH * true + rng.normal(size=n) * sy
    return x, y, sx, sy


def streamed(x, y, sx, sy, state=None, **options):
    state = state or SlopeState()
    for k in range(len(x)):
        state = updated(state, x[k], y[k], soc_change_sd_frac=sx[k], charge_sd_ah=sy[k], **options)
    return state


def test_exact_segments_give_the_exact_capacity():
    soc = np.array([0.2, 0.5, 0.7])
    found = capacity_over_segments(soc, 40 * soc, soc_change_sd_frac=0.01, charge_sd_ah=0.1)
    assert found.value == pytest.approx(40.0, rel=1e-9)
    assert found.low < 40.0 < found.high


def test_one_segment_has_the_error_of_its_ratio():
    # Q = 20 / 0.4 = 50 Ah; sd = 50 sqrt((0.01 / 0.4)^2 + (0.2 / 20)^2) = 1.346 Ah
    state = updated(SlopeState(), 0.4, 20.0, soc_change_sd_frac=0.01, charge_sd_ah=0.2)
    assert state.capacity_ah == pytest.approx(50.0)
    assert state.capacity_sd_ah == pytest.approx(1.346, abs=0.001)


def test_equal_errors_give_the_slope_of_the_first_principal_axis():
    rng = np.random.default_rng(4)
    x = rng.uniform(0.2, 0.9, 40)
    y = 1.0 * x + rng.normal(size=40) * 0.02
    x = x + rng.normal(size=40) * 0.02
    state = streamed(x, y, np.full(40, 0.02), np.full(40, 0.02))
    _, _, axes = np.linalg.svd(np.column_stack([x, y]), full_matrices=False)
    assert state.capacity_ah == pytest.approx(axes[0, 1] / axes[0, 0], rel=2e-3)


@pytest.mark.parametrize("is_uneven", [False, True])
@pytest.mark.parametrize("n", [5, 40])
def test_nine_in_ten_intervals_hold_the_truth(n, is_uneven):
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(600):
        x, y, sx, sy = segments(rng, n, is_uneven=is_uneven)
        found = capacity_over_segments(x, y, soc_change_sd_frac=sx, charge_sd_ah=sy)
        hits += found.low <= TRUE_AH <= found.high
    assert 0.85 <= hits / 600 <= 0.95


def test_streamed_segments_come_to_what_all_at_once_give():
    x, y, sx, sy = segments(np.random.default_rng(2), 200, is_uneven=True)
    state = streamed(x, y, sx, sy)
    batch = capacity_over_segments(x, y, soc_change_sd_frac=sx, charge_sd_ah=sy)
    assert state.capacity_ah == pytest.approx(batch.value, abs=(batch.high - batch.low) / 4)


def test_total_least_squares_does_not_shrink_the_capacity_as_ordinary_least_squares_does():
    rng = np.random.default_rng(7)
    true = rng.uniform(0.2, 0.5, 4000)
    x, y = true + rng.normal(size=4000) * 0.08, TRUE_AH * true
    found = capacity_over_segments(x, y, soc_change_sd_frac=0.08, charge_sd_ah=0.08 * TRUE_AH / 100)
    ordinary = (x @ y) / (x @ x)
    assert ordinary < 0.96 * TRUE_AH
    assert found.value == pytest.approx(TRUE_AH, rel=0.01)


def test_outliers_are_left_out_even_if_the_first_segment_is_one():
    x, y, sx, sy = segments(np.random.default_rng(3), 60, is_uneven=False)
    y[0] *= 3
    y[10:16] *= 0.2
    found = capacity_over_segments(x, y, soc_change_sd_frac=sx, charge_sd_ah=sy)
    assert found.value == pytest.approx(TRUE_AH, rel=0.03)
    assert found.n_segments < 60


def test_an_outlier_in_the_stream_is_counted_and_left_out():
    state = started_with(50.0, 1.0)
    after = updated(state, 0.5, 60.0, soc_change_sd_frac=0.01, charge_sd_ah=0.1)
    assert (after.n_rejected, after.n_segments) == (1, 0)
    assert after.capacity_ah == pytest.approx(50.0)


def test_forgetting_follows_a_battery_that_fades():
    soc, fading = np.full(400, 0.5), np.linspace(50, 40, 400)
    sd = {"soc_change_sd_frac": 0.01, "charge_sd_ah": 0.1}
    keeps = capacity_over_segments(soc, 0.5 * fading, **sd)
    forgets = capacity_over_segments(soc, 0.5 * fading, forgetting_frac=0.95, **sd)
    assert keeps.value == pytest.approx(45, abs=0.5)
    assert forgets.value == pytest.approx(40, abs=0.7)


def test_a_prior_is_held_until_better_is_known():
    state = started_with(50.0, 5.0)
    assert state.capacity_sd_ah == pytest.approx(5.0)
    x, y, sx, sy = segments(np.random.default_rng(5), 50, is_uneven=False)
    later = streamed(x, y * 0.9, sx, sy, state)
    assert later.capacity_ah == pytest.approx(45.0, rel=0.03)


def test_an_error_that_all_share_does_not_average_out():
    soc = np.full(5000, 0.5)
    found = capacity_over_segments(
        soc, 50 * soc, soc_change_sd_frac=0.01, charge_sd_ah=0.1, shared_sd_frac=0.01
    )
    assert found.high - found.low > 2 * 1.6 * 0.01 * 50 * 0.99


def test_segments_that_disagree_widen_the_interval():
    rng = np.random.default_rng(1)
    soc = np.full(50, 0.5)
    scatter = 25 + rng.normal(size=50) * 0.9
    sd = {"soc_change_sd_frac": 0.005, "charge_sd_ah": 0.2}
    calm = capacity_over_segments(soc, np.full(50, 25.0), **sd)
    wild = capacity_over_segments(soc, scatter, **sd)
    assert wild.high - wild.low > 1.8 * (calm.high - calm.low)


def test_without_a_usable_segment_there_is_a_reason():
    for soc, charge in (([], []), ([0.5], [-20.0]), ([np.nan], [3.0]), ([0.0], [0.0])):
        found = capacity_over_segments(soc, charge, soc_change_sd_frac=0.01, charge_sd_ah=0.1)
        assert not found.is_known
        assert "no segment" in found.reason
    assert "no segment" in estimate_of(SlopeState()).reason
    assert np.isnan(SlopeState().capacity_ah)
    assert np.isnan(SlopeState().capacity_sd_ah)


@pytest.mark.parametrize(
    ("soc", "charge", "options"),
    [
        (0.5, 25.0, {"soc_change_sd_frac": 0.0, "charge_sd_ah": 0.1}),
        (0.5, 25.0, {"soc_change_sd_frac": 0.1, "charge_sd_ah": 0.1, "forgetting_frac": 0.0}),
        (0.5, -25.0, {"soc_change_sd_frac": 0.1, "charge_sd_ah": 0.1}),
        (0.0, 0.0, {"soc_change_sd_frac": 0.1, "charge_sd_ah": 0.1}),
    ],
)
def test_what_cannot_be_is_refused_by_name(soc, charge, options):
    with pytest.raises(ValueOutOfRange, match="segment"):
        updated(SlopeState(), soc, charge, **options)


@settings(max_examples=40, deadline=None)
@given(factor=st.floats(1e-3, 1e3), is_discharge=st.booleans())
def test_the_capacity_scales_with_the_charge_whatever_its_unit_and_sign(factor, is_discharge):
    x, y, sx, sy = segments(np.random.default_rng(8), 12, is_uneven=True)
    sign = -1 if is_discharge else 1
    one = capacity_over_segments(x, y, soc_change_sd_frac=sx, charge_sd_ah=sy)
    other = capacity_over_segments(
        sign * x, sign * factor * y, soc_change_sd_frac=sx, charge_sd_ah=factor * sy
    )
    assert other.value == pytest.approx(factor * one.value, rel=1e-6)
    assert other.high == pytest.approx(factor * one.high, rel=1e-6)
