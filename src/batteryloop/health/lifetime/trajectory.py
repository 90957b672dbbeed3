"""Capacity over life as two power laws, and what other cells say about their parameters.

A cell's fade is ``d * (w * u**early + (1 - w) * u**late) + s * (1 - exp(-u / k))`` with ``u`` the
age over the life to the fade `d`: a decelerating to linear early part (film growth, exponent near
0.5–1), an accelerating late part (the knee, exponent above 1.5), and a settling of the first cycles
(`s` below 0 where the capacity first rises). Six numbers a cell: the life, the share `w` of the
early part, the two exponents, the settling and its span as a share of the life.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

REFERENCE_FADE_FRAC = 0.2
N_PARAMETERS = 6
_LOGIT_MAX = 4.0
_SPAN = (-4.6, -1.6)
_LOG_LOW = np.log(np.array([1e-9, 1.0, 0.25, 1.5]))
_LOG_HIGH = np.log(np.array([1e12, 1.0, 1.4, 14.0]))

_FIT_SD_FRAC = 0.003
_WEAK_MEAN = np.array([0.0, 0.0, -0.3, 1.5, 0.0, -3.0, 1.0])
_WEAK_SD = np.array([1e6, 3.0, 0.6, 0.8, 0.02, 0.7, 0.03])
_BROAD_SD = np.array([0.4, 1.5, 0.25, 0.35, 0.02, 0.5])

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrajectoryPrior:
    """What is believed of a cell's trajectory before its history is seen: a mixture of normals.

    Each row of `means` is ``[log life, logit early share, log early exponent, log late exponent,
    settling, log settling span]`` of one group of cells (a laboratory, a chemistry);
    life in equivalent full cycles.

    Parameters
    ----------
    names : tuple of str
        The groups, shape (k,).
    weights_frac : tuple of float
        Weight of each group [1], summing to 1.
    means : NDArray of float64
        Shape (k, 6).
    covariances : NDArray of float64
        Shape (k, 6, 6).
    scatter_frac : float
        Typical departure of a measured from the fitted trajectory [1 of initial capacity].
    """

    names: tuple[str, ...]
    weights_frac: tuple[float, ...]
    means: Array
    covariances: Array
    scatter_frac: float

    def with_life(
        self, life_efc: float, log_life_sd_frac: float, *, but: Sequence[str] = ()
    ) -> "TrajectoryPrior":
        """Return the prior with the life of the groups not in `but` replaced by a log-normal."""
        means, covariances = self.means.copy(), self.covariances.copy()
        k = np.array([name not in but for name in self.names])
        means[k, 0] = np.log(life_efc)
        covariances[k, 0, :] = covariances[k, :, 0] = 0.0
        covariances[k, 0, 0] = log_life_sd_frac**2
        return replace(self, means=means, covariances=covariances)

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the prior as named arrays, for an npz file."""
        return {
            "names": np.array(self.names),
            "weights_frac": np.array(self.weights_frac),
            "means": self.means,
            "covariances": self.covariances,
            "scatter_frac": np.array(self.scatter_frac),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "TrajectoryPrior":
        """Return the prior from `as_arrays`."""
        return cls(
            tuple(str(name) for name in arrays["names"]),
            tuple(float(w) for w in arrays["weights_frac"]),
            np.asarray(arrays["means"], dtype=float),
            np.asarray(arrays["covariances"], dtype=float),
            float(arrays["scatter_frac"]),
        )

    def sample(self, n_samples: int, rng: np.random.Generator) -> Array:
        """Return draws of the parameters, shape (n_samples, 6)."""
        group = rng.choice(len(self.names), size=n_samples, p=np.asarray(self.weights_frac))
        roots = np.linalg.cholesky(self.covariances)
        noise = rng.standard_normal((n_samples, N_PARAMETERS))
        draws: Array = self.means[group] + np.einsum("nij,nj->ni", roots[group], noise)
        return draws

    def log_density(self, parameters: Array) -> Array:
        """Return the log density of parameters of shape (n, 6), up to a constant."""
        terms = np.empty((len(self.names), len(parameters)))
        for k, (mean, covariance) in enumerate(zip(self.means, self.covariances, strict=True)):
            root = np.linalg.cholesky(covariance)
            z = np.linalg.solve(root, (parameters - mean).T)
            terms[k] = (
                np.log(self.weights_frac[k]) - np.log(np.diag(root)).sum() - 0.5 * (z * z).sum(0)
            )
        top = terms.max(0)
        density: Array = top + np.log(np.exp(terms - top).sum(0))
        return density


def fade_at(ages_efc: Array, parameters: Array) -> Array:
    """Return the fade [1 of initial capacity] at `ages_efc` for every parameter row.

    Parameters
    ----------
    ages_efc : NDArray of float64
        Age [equivalent full cycles], shape (m,), not negative.
    parameters : NDArray of float64
        Shape (n, 6): log life to 20 % fade, logit of the early share, logs of the two exponents,
        settling [1], log of its span over the life.

    Returns
    -------
    NDArray of float64
        Shape (n, m).

    Examples
    --------
    >>> straight = np.array([[np.log(500.0), 4.0, 0.0, np.log(2.0), 0.0, -3.0]])
    >>> fade_at(np.array([0.0, 500.0]), straight).round(3).tolist()
    [[0.0, 0.2]]
    """
    p = np.atleast_2d(parameters)
    share = 1.0 / (1.0 + np.exp(-np.clip(p[:, 1:2], -_LOGIT_MAX, _LOGIT_MAX)))
    log_u = np.log(np.maximum(ages_efc, 1e-12))[None, :] - p[:, :1]
    early = np.exp(np.clip(p[:, 2:3], _LOG_LOW[2], _LOG_HIGH[2]))
    late = np.exp(np.clip(p[:, 3:4], _LOG_LOW[3], _LOG_HIGH[3]))
    fade: Array = REFERENCE_FADE_FRAC * (
        share * np.exp(np.minimum(early * log_u, 50.0))
        + (1.0 - share) * np.exp(np.minimum(late * log_u, 50.0))
    )
    span = np.exp(np.clip(p[:, 5:6], *_SPAN))
    settled: Array = fade - p[:, 4:5] * np.expm1(-np.exp(np.minimum(log_u, 20.0)) / span)
    return settled


def age_at_fade(fades_frac: Array, parameters: Array) -> Array:
    """Return the age at which each parameter row reaches its fade, by bisection in log age.

    Parameters
    ----------
    fades_frac : NDArray of float64
        Fade wanted of each row [1], shape (n,); 0 or below gives age 0.
    parameters : NDArray of float64
        Shape (n, 6).

    Returns
    -------
    NDArray of float64
        Age, shape (n,).

    Examples
    --------
    >>> p = np.array([[np.log(500.0), 0.0, 0.0, np.log(2.0), 0.0, -3.0]])
    >>> age_at_fade(np.array([0.2]), p).round(3).tolist()
    [500.0]
    """
    p = np.atleast_2d(parameters)
    low, high = np.full(len(p), -12.0), np.full(len(p), 5.0)
    for _ in range(46):
        middle = 0.5 * (low + high)
        scaled = p.copy()
        scaled[:, 0] = -middle
        is_past = fade_at(np.ones(1), scaled)[:, 0] > fades_frac
        high = np.where(is_past, middle, high)
        low = np.where(is_past, low, middle)
    ages: Array = np.where(fades_frac <= 0.0, 0.0, np.exp(0.5 * (low + high) + p[:, 0]))
    return ages


def fit_trajectory(ages_efc: Array, soh_frac: Array) -> tuple[Array, float, float]:
    """Fit one cell's whole record by robust least squares.

    Parameters
    ----------
    ages_efc : NDArray of float64
        Shape (n,), rising, above 0.
    soh_frac : NDArray of float64
        State of health [1], shape (n,), 1 at the initial capacity.

    Returns
    -------
    parameters : NDArray of float64
        Shape (6,).
    level_frac : float
        Fitted initial level [1].
    rms_frac : float
        Root mean square residual [1].
    """

    def residual(v: Array) -> Array:
        fit: Array = v[6] - fade_at(ages_efc, v[None, :6])[0] - soh_frac
        return np.concatenate([fit / _FIT_SD_FRAC, (v - _WEAK_MEAN) / _WEAK_SD])

    span = np.log(ages_efc[-1])
    start = np.array([span, *_WEAK_MEAN[1:]])
    low = np.array([span - 2, -_LOGIT_MAX, _LOG_LOW[2], _LOG_LOW[3], -0.08, _SPAN[0], 0.9])
    high = np.array([span + 3, _LOGIT_MAX, _LOG_HIGH[2], _LOG_HIGH[3], 0.08, _SPAN[1], 1.1])
    fit = least_squares(residual, start, bounds=(low, high), loss="soft_l1", max_nfev=300)
    rms = float(np.sqrt(np.mean((residual(fit.x)[: ages_efc.size] * _FIT_SD_FRAC) ** 2)))
    return fit.x[:6], float(fit.x[6]), rms


def learn_prior(
    groups: Sequence[tuple[str, Array]],
    scatter_frac: float,
    *,
    weights_frac: Sequence[float] | None = None,
    n_broad: float = 2.0,
) -> TrajectoryPrior:
    """Learn the mixture from fitted parameters of other cells.

    Parameters
    ----------
    groups : sequence of (str, NDArray of float64)
        Name and fitted parameters, shape (n_cells, 6), of each group.
    scatter_frac : float
        Typical root mean square residual of the fits [1].
    weights_frac : sequence of float, optional
        Weight of each group [1]; equal if not given.
    n_broad : float, optional
        Pseudo-cells of a broad covariance added to each group, so that a group of one cell is
        believed with caution.

    Returns
    -------
    TrajectoryPrior
    """
    broad = np.diag(_BROAD_SD**2)
    means, covariances = [], []
    for _, p in groups:
        mean = p.mean(0)
        means.append(mean)
        covariances.append(((p - mean).T @ (p - mean) + n_broad * broad) / (len(p) + n_broad))
    w = np.ones(len(groups)) if weights_frac is None else np.asarray(weights_frac, dtype=float)
    return TrajectoryPrior(
        tuple(name for name, _ in groups),
        tuple((w / w.sum()).tolist()),
        np.stack(means),
        np.stack(covariances),
        scatter_frac,
    )
