"""From a cell's own history to its remaining life: particles of the two-power-law trajectory.

The prior over trajectories comes from other cells (`trajectory.TrajectoryPrior`); the history is
weighed by a tempered particle sampler with random-walk moves (Del Moral, Doucet, Jasra 2006,
doi:10.1111/j.1467-9868.2006.00553.x). Departures from the trajectory (regeneration, temperature,
reference drift) are correlated in age and of unknown size: the size is integrated out, so that the
likelihood is a multivariate Student t.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from batteryloop.errors import InputWrong
from batteryloop.health.lifetime.capacity_record import CapacityRecord, binned
from batteryloop.health.lifetime.trajectory import TrajectoryPrior, fade_at

Array = NDArray[np.float64]

LEVEL_SD_FRAC = 0.03
CORRELATED_SHARE_FRAC = 0.8
CORRELATION_LENGTH_FRAC = 0.15
SCATTER_DEGREES = 4.0
N_MIN_POINTS = 8


@dataclass(frozen=True, slots=True)
class TrajectoryPosterior:
    """Equally weighted particles of what the cell's trajectory may be.

    `parameters` has shape (n, 6) as in `trajectory`; `levels_frac` (n,) are initial levels over
    `initial_capacity_ah`; `scatter_frac` (n,) the size of departures; `age_efc` the last one seen
    and `departures_frac` (n,) the state of health seen there less the trajectory.
    """

    parameters: Array
    levels_frac: Array
    scatter_frac: Array
    departures_frac: Array
    initial_capacity_ah: float
    age_efc: float
    n_points: int


def _correlation(ages: Array, counts: Array) -> Array:
    distance = np.abs(ages[:, None] - ages[None, :]) / (CORRELATION_LENGTH_FRAC * ages[-1])
    white = (1.0 - CORRELATED_SHARE_FRAC) / np.sqrt(counts)
    matrix: Array = CORRELATED_SHARE_FRAC * np.exp(-distance) + np.diag(white)
    return matrix


def _tempering_step(fit: Array, longest: float) -> float:
    """Return the step that leaves half of the particles effective, at most `longest`."""

    def effective_frac(step_frac: float) -> float:
        w = np.exp(step_frac * (fit - fit.max()))
        return float(w.sum() ** 2 / (w * w).sum() / fit.size)

    if effective_frac(longest) >= 0.5:
        return longest
    low, high = np.log(1e-6), np.log(longest)
    for _ in range(25):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective_frac(np.exp(middle)) >= 0.5 else (low, middle)
    return float(np.exp(low))


def _temper(
    log_prior: Callable[[Array], Array],
    log_likelihood: Callable[[Array], Array],
    particles: Array,
    rng: np.random.Generator,
    *,
    n_moves: int = 6,
) -> Array:
    """Carry prior draws to the posterior by tempering, resampling and random-walk moves."""
    beta, fit, n = 0.0, log_likelihood(particles), len(particles)
    while beta < 1.0:
        step = _tempering_step(fit, 1.0 - beta)
        beta = min(1.0, beta + step)
        w = np.exp(step * (fit - fit.max()))
        places = (np.arange(n) + rng.random()) / n
        kept = np.searchsorted(np.cumsum(w / w.sum()), places).clip(0, n - 1)
        particles, fit = particles[kept], fit[kept]
        prior = log_prior(particles)
        root = np.linalg.cholesky(np.cov(particles.T) + 1e-12 * np.eye(particles.shape[1]))
        scale = 0.8
        for _ in range(n_moves):
            proposal = particles + scale * rng.standard_normal(particles.shape) @ root.T
            new_prior, new_fit = log_prior(proposal), log_likelihood(proposal)
            gain = new_prior - prior + beta * (new_fit - fit)
            is_taken = np.log(rng.random(n)) < gain
            particles = np.where(is_taken[:, None], proposal, particles)
            prior, fit = np.where(is_taken, new_prior, prior), np.where(is_taken, new_fit, fit)
            rate = is_taken.mean()
            scale *= float(np.clip(np.exp(2.0 * (rate - 0.25)), 0.4, 1.6))
    return particles


def update_trajectory(
    record: CapacityRecord,
    initial_capacity_ah: float,
    prior: TrajectoryPrior,
    rng: np.random.Generator,
    *,
    n_particles: int = 3000,
    n_bins: int = 24,
) -> TrajectoryPosterior:
    """Weigh the trajectories of the prior by the cell's own history.

    Parameters
    ----------
    record : CapacityRecord
        The history without outliers; at least 8 points.
    initial_capacity_ah : float
        Capacity that counts as state of health 1 [Ah].
    prior : TrajectoryPrior
        What other cells say.
    rng : numpy.random.Generator
        Source of the particles.
    n_particles, n_bins : int, optional
        Particles, and points that the history is reduced to.

    Returns
    -------
    TrajectoryPosterior

    Raises
    ------
    InputWrong
        If the history has fewer than 8 points.
    """
    if record.ages_efc.size < N_MIN_POINTS:
        raise InputWrong(
            "capacity history",
            f"{record.ages_efc.size} capacities",
            f"at least {N_MIN_POINTS}",
            "go on measuring",
        )
    ages, capacity, counts = binned(record, n_bins)
    soh = capacity / initial_capacity_ah
    factor = cho_factor(_correlation(ages, counts), lower=True)
    m = ages.size

    def square(x: Array) -> Array:
        residual = soh[:, None] - (x[:, 6][:, None] - fade_at(ages, x[:, :6])).T
        total: Array = (residual * cho_solve(factor, residual)).sum(0)
        return total

    def log_prior(x: Array) -> Array:
        level = (x[:, 6] - 1.0) / LEVEL_SD_FRAC
        density: Array = prior.log_density(x[:, :6]) - 0.5 * level * level
        return density

    inner = SCATTER_DEGREES * prior.scatter_frac**2

    def log_likelihood(x: Array) -> Array:
        value: Array = -0.5 * (SCATTER_DEGREES + m) * np.log(inner + square(x))
        return value

    start = np.column_stack(
        [prior.sample(n_particles, rng), 1.0 + LEVEL_SD_FRAC * rng.standard_normal(n_particles)]
    )
    x = _temper(log_prior, log_likelihood, start, rng)
    scatter = np.sqrt((inner + square(x)) / rng.chisquare(SCATTER_DEGREES + m, n_particles))
    recent = soh[-1] - (x[:, 6] - fade_at(ages[-1:], x[:, :6])[:, 0])
    return TrajectoryPosterior(
        x[:, :6],
        x[:, 6],
        scatter,
        recent,
        initial_capacity_ah,
        float(ages[-1]),
        record.ages_efc.size,
    )
