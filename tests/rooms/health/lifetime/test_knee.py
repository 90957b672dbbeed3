import numpy as np
import pytest

from batteryloop.health.lifetime.capacity_record import CapacityRecord
from batteryloop.health.lifetime.knee import find_knee


def bent(n, place, *, steeper, noise, seed):
    ages = np.arange(1.0, n + 1)
    slope = 0.08 / n
    line = 1.0 - slope * ages - slope * steeper * np.maximum(ages - place, 0.0)
    return CapacityRecord(ages, line + noise * np.random.default_rng(seed).standard_normal(n))


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("seed", range(3))
def test_a_made_up_knee_is_found_where_it_is(share, seed):
    n = 200 + 150 * seed
    knee = find_knee(bent(n, share * n, steeper=4.0, noise=0.002, seed=seed))
    assert knee.is_knee
    assert knee.low_efc <= share * n <= knee.high_efc
    assert knee.slope_after_ah_per_efc < knee.slope_before_ah_per_efc < 0


@pytest.mark.parametrize("seed", range(5))
def test_a_straight_line_has_no_knee(seed):
    assert not find_knee(bent(300, 150, steeper=0.0, noise=0.002, seed=seed)).is_knee


def test_a_fade_that_slows_down_has_no_knee():
    ages = np.arange(1.0, 301.0)
    assert not find_knee(CapacityRecord(ages, 1.0 - 0.01 * np.sqrt(ages))).is_knee


def test_eleven_capacities_are_too_few():
    assert find_knee(bent(11, 6, steeper=4.0, noise=0.0, seed=0)) is None
