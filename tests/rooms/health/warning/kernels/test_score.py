"""What counts as a warm spot between cells: a bump, and neither a block nor a slope."""

import numpy as np
import pytest

from batteryloop.health.warning.kernels.score import beyond_both_sides

PLACE = np.arange(96.0)


def beyond(gained):
    total = np.concatenate([[0.0], np.cumsum(gained)])
    return np.array([beyond_both_sides(j, gained, total) for j in range(gained.size)])


def bump(cell):
    return np.clip(1.0 - np.abs(PLACE - cell) / 4.0, 0.0, 1.0)


@pytest.mark.parametrize("cell", [10, 47, 85])
def test_a_blocked_plate_stands_out_where_it_is(cell):
    found = beyond(bump(cell))
    assert int(found.argmax()) == cell
    assert found[cell] == pytest.approx(np.sum(bump(cell) ** 2) / np.sum(bump(cell)))


def test_a_block_that_the_season_warms_does_not_stand_out():
    found = beyond((PLACE >= 68).astype(float))
    assert found.max() < 0.2 * beyond(bump(47)).max()


def test_a_slope_along_the_pack_does_not_stand_out():
    found = beyond(PLACE / 95.0)
    assert np.abs(found[10:-10]).max() < 0.11
    assert found.max() < 0.2 * beyond(bump(47)).max()


def test_at_an_end_a_spot_counts_for_less():
    assert 0.0 < beyond(bump(1)).max() < beyond(bump(47)).max()
