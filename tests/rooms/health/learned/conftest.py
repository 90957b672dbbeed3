"""Made-up cells that the tests of learned health share."""

import numpy as np
import pytest

from batteryloop.health.learned.blend_types import BlendSettings


@pytest.fixture
def quick():
    """Settings small enough for a test."""
    return BlendSettings(
        n_landmarks=60,
        column_share_frac=1.0,
        n_kernels=2,
        n_kernels_fold=1,
        n_trees=10,
        n_trees_fold=5,
        n_rows_cell=20,
    )


@pytest.fixture
def made_cells():
    """Twelve cells of twenty records; the target follows two of four inputs, with noise."""
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(240, 4))
    target = np.exp(0.1 * rows[:, 0] - 0.05 * rows[:, 1] + 0.005 * rng.normal(size=240))
    return rows, target, np.repeat(np.arange(12), 20)
