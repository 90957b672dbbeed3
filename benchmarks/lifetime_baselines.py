"""What forecasts of life are held against: a straight line, the double exponential of He 2011."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from batteryloop.health.lifetime.capacity_record import CapacityRecord, binned

Array = NDArray[np.float64]
HORIZON = 20.0


def line_life(record: CapacityRecord, threshold_ah: float) -> float:
    """Return where the least-squares line meets the threshold, at most 20 times the age."""
    slope, level = np.polyfit(record.ages_efc, record.capacity_ah, 1)
    last = float(record.ages_efc[-1])
    if slope >= 0:
        return HORIZON * last
    return float(np.clip((threshold_ah - level) / slope, last, HORIZON * last))


def fit_double(record: CapacityRecord) -> Array:
    """Fit ``a exp(-b k) - c exp(d k)`` to one cell's record over its first capacity; shape (4,)."""
    ages, capacity, _ = binned(record, 60)
    share = capacity / record.initial_capacity_ah()
    span = ages[-1]
    start = np.array([1.0, np.log(0.1 / span), np.log(1e-3), np.log(4 / span)])
    low = np.array([0.85, np.log(1e-4 / span), np.log(1e-9), np.log(0.3 / span)])
    high = np.array([1.15, np.log(2 / span), np.log(0.2), np.log(30 / span)])
    fit = least_squares(
        lambda v: _double(ages, v)[0] - share,
        start,
        bounds=(low, high),
        loss="soft_l1",
        f_scale=0.01,
    )
    return fit.x


def particle_life(
    record: CapacityRecord,
    threshold_ah: float,
    others: Sequence[Array],
    rng: np.random.Generator,
    *,
    n_particles: int = 2000,
) -> Array:
    """Return samples of the life from a particle filter on the double exponential.

    He, Williard, Osterman, Pecht 2011 (doi:10.1016/j.jpowsour.2011.08.040): starting values from
    other cells of the kind where there are any, else from a fit to this history; Gaussian
    observation noise; random walk of the parameters.
    """
    first = record.initial_capacity_ah()
    centre = np.mean(others, 0) if others else fit_double(record)
    spread = np.std(others, 0) if len(others) > 2 else np.zeros(4)
    spread = np.maximum(spread, np.array([0.01, 0.3, 0.5, 0.3]))
    x = centre + spread * rng.standard_normal((n_particles, 4))
    ages, capacity, _ = binned(record, 40)
    share = capacity / first
    noise = max(0.004, float(np.median(np.abs(np.diff(share)))))
    for age, seen in zip(ages, share, strict=True):
        z = ((_double(np.array([age]), x)[:, 0] - seen) / noise) ** 2
        w = np.exp(-0.5 * np.minimum(z - z.min(), 600))
        places = (np.arange(n_particles) + rng.random()) / n_particles
        kept = np.searchsorted(np.cumsum(w / w.sum()), places).clip(0, n_particles - 1)
        x = x[kept] + 0.05 * spread * rng.standard_normal(x.shape)
    last = float(ages[-1])
    grid = np.geomspace(last, HORIZON * last, 400)
    below = _double(grid, x) <= threshold_ah / first
    return grid[np.where(below.any(1), below.argmax(1), grid.size - 1)]


def _double(ages: Array, v: Array) -> Array:
    v = np.atleast_2d(v)
    early = v[:, :1] * np.exp(-np.exp(v[:, 1:2]) * ages)
    late: Array = np.exp(np.clip(v[:, 2:3] + np.exp(v[:, 3:4]) * ages, -60, 30))
    return early - late
