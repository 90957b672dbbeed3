"""Cells whose whole life is known, made from the trajectory itself."""

import numpy as np
import pytest

from batteryloop.health.lifetime.capacity_record import CapacityRecord
from batteryloop.health.lifetime.trajectory import TrajectoryPrior, fade_at, learn_prior


@pytest.fixture(scope="session")
def prior() -> TrajectoryPrior:
    """Return what a made-up laboratory of 20 cells teaches: lives near 500, bent at their end."""
    rng = np.random.default_rng(3)
    middle = np.array([np.log(500.0), 0.5, -0.1, 1.4, 0.0, -3.0])
    spread = np.array([0.3, 0.4, 0.1, 0.15, 0.003, 0.2])
    return learn_prior([("made-up", middle + spread * rng.standard_normal((20, 6)))], 0.004)


@pytest.fixture(scope="session")
def aged_cell():
    """Return a function that makes a 2 Ah cell's record over 80 capacities up to `share` of life.

    Its life to 80 % is 500 full cycles; the measurements scatter by 0.1 % unless told.
    """

    def make(share: float, *, scatter: float = 0.001, seed: int = 0) -> CapacityRecord:
        truth = np.array([[np.log(500.0), 0.5, -0.1, 1.4, 0.0, -3.0]])
        ages = np.linspace(500.0 / 80, 500.0, 80)
        noise = scatter * np.random.default_rng(seed).standard_normal(ages.size)
        whole = CapacityRecord(ages, 2.0 * (1.0 - fade_at(ages, truth)[0] + noise))
        return whole.until(share * 500.0)

    return make
