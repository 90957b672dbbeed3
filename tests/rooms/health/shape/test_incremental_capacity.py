import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.errors import InputWrong
from batteryloop.health.shape.incremental_capacity import GRID_V, incremental_capacity

PLACES, WIDTHS, AREAS = np.array([3.55, 3.80]), np.array([0.020, 0.030]), np.array([0.5, 1.0])


def two_peaks(n=2000):
    """Charge over voltage of two bells on a floor of 1 Ah/V, sampled evenly in charge."""
    from scipy.stats import norm

    volts = np.linspace(3.3, 4.1, 20_001)
    charge = volts - 3.3
    for place, width, area in zip(PLACES, WIDTHS, AREAS, strict=True):
        charge = charge + area * norm.cdf(volts, place, width)
    q = np.linspace(charge[0], charge[-1], n)
    return q, np.interp(q, charge, volts)


def test_peaks_lie_where_they_are():
    charge, volts = two_peaks()
    curve = incremental_capacity(charge, volts)
    assert [p.position_v for p in curve.peaks] == pytest.approx(PLACES, abs=0.001)
    # A bell of area A and width w, smoothed by k, is A / (sqrt(2 pi) hypot(w, k)) high.
    high = 1 + AREAS / (np.sqrt(2 * np.pi) * np.hypot(WIDTHS, curve.smoothing_v))
    assert [p.height_ah_per_v for p in curve.peaks] == pytest.approx(high, rel=0.01)


@pytest.mark.parametrize("step_v", [0.001, 0.005])
@pytest.mark.parametrize("n", [100, 1000])
def test_peaks_stay_under_noise_coarse_steps_and_few_samples(step_v, n):
    charge, volts = two_peaks(n)
    rng = np.random.default_rng(3)
    seen = np.round((volts + rng.normal(0, 0.001, n)) / step_v) * step_v
    curve = incremental_capacity(charge, seen)
    assert [p.position_v for p in curve.peaks] == pytest.approx(PLACES, abs=0.005)


def test_intervals_of_position_and_height_hold_the_truth():
    charge, volts = two_peaks(600)
    rng = np.random.default_rng(8)
    right = incremental_capacity(charge, volts, smoothing_v=0.008).peaks
    inside = []
    for _ in range(60):
        noisy = volts + rng.normal(0, 0.001, 600)
        for found, true in zip(
            incremental_capacity(charge, noisy, smoothing_v=0.008).peaks, right, strict=True
        ):
            inside.append(abs(found.position_v - true.position_v) <= 1.645 * found.position_sd_v)
    assert 0.80 <= np.mean(inside) <= 1.0


def test_straight_line_has_no_peak():
    volts = np.linspace(3.0, 4.0, 400)
    assert incremental_capacity(5 * volts, volts).peaks == ()


def test_discharge_gives_the_curve_of_the_charge():
    charge, volts = two_peaks(500)
    up = incremental_capacity(charge, volts)
    down = incremental_capacity(-charge, volts[::-1])
    assert np.allclose(up.charge_per_v_ah, down.charge_per_v_ah, atol=0.02)


curves = st.lists(
    st.tuples(st.floats(0.0, 0.05), st.floats(-0.01, 0.02)), min_size=5, max_size=60
).map(lambda steps: np.cumsum(np.array([(0.0, 3.0), *steps]), axis=0))


@settings(max_examples=40, deadline=None)
@given(curves)
def test_area_is_the_charge_moved_and_never_falls_below_zero(points):
    charge, volts = points[:, 0], points[:, 1]
    curve = incremental_capacity(charge, volts)
    moved = charge[-1]
    assert (curve.charge_per_v_ah >= -1e-9).all()
    assert curve.charge_per_v_ah.sum() * GRID_V == pytest.approx(moved, abs=0.02 * moved + 1e-9)
    assert (np.diff(curve.charge_ah) >= -1e-9).all()


@settings(max_examples=30, deadline=None)
@given(curves)
def test_more_samples_on_the_same_way_change_nothing(points):
    charge, volts = points[:, 0], points[:, 1]
    between = np.sort(np.concatenate([np.arange(charge.size), np.arange(charge.size - 1) + 0.5]))
    fine_q = np.interp(between, np.arange(charge.size), charge)
    fine_v = np.interp(between, np.arange(volts.size), volts)
    few = incremental_capacity(charge, volts, smoothing_v=0.01)
    many = incremental_capacity(fine_q, fine_v, smoothing_v=0.01)
    highest = few.charge_per_v_ah.max()
    assert np.allclose(few.charge_per_v_ah, many.charge_per_v_ah, atol=0.02 * highest + 1e-9)


@pytest.mark.parametrize(
    ("charge", "volts", "words"),
    [
        ([0.0, 1.0], [3.0, 3.1], "three points"),
        ([0.0, 1.0, 0.5], [3.0, 3.1, 3.2], "turns"),
        ([0.0, np.nan, 0.5], [3.0, 3.1, 3.2], "missing"),
    ],
)
def test_what_is_no_curve_is_refused(charge, volts, words):
    with pytest.raises(InputWrong, match=words):
        incremental_capacity(np.array(charge), np.array(volts))
