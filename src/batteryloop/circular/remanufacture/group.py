"""Groups of equal size with little spread inside: halving, swaps, and the bound below them."""

import numpy as np
from scipy.spatial import cKDTree

from batteryloop.circular.remanufacture.kernels import Floats, Integers, halved, swapped

# Near points that a swap may be made with, and how long and warm the search is.
_N_NEAR = 24
_N_ROUNDS = 100
_HEAT_SHARE = 0.2
# From so many modules on, fewer rounds: they take as long.
_N_LARGE = 20_000


def squared_spread(points: Floats, label: Integers, n_each: int) -> float:
    """Return the sum of squared distances to each group's mean.

    Examples
    --------
    >>> squared_spread(np.array([[0.0], [2.0], [5.0], [5.0]]), np.array([0, 0, 1, 1]), 2)
    2.0
    """
    sums = np.zeros((points.shape[0] // n_each, points.shape[1]))
    np.add.at(sums, label, points)
    centred = points - sums[label] / n_each
    return float((centred**2).sum())


def spread_bound(points: Floats, n_each: int) -> float:
    """Return a squared spread that no grouping can be below.

    A group's squared spread is the sum of squared distances of its pairs over its size, and no
    point has nearer partners than its nearest neighbours.

    Examples
    --------
    >>> spread_bound(np.array([[0.0], [2.0], [5.0], [5.0]]), 2)
    2.0
    """
    if n_each < 2:
        return 0.0
    found, _ = cKDTree(points).query(points, k=n_each)
    return float((np.asarray(found)[:, 1:] ** 2).sum() / (2.0 * n_each))


def grouped(
    points: Floats, n_each: int, *, rng: np.random.Generator, n_rounds: int | None = None
) -> Integers:
    """Return a group for each point, groups of `n_each`, with little squared spread.

    Parameters
    ----------
    points : ndarray, shape (n, n_axes)
        Features in comparable units; n a multiple of `n_each`.
    n_each : int
        Size of the groups.
    rng : numpy.random.Generator
        The same state finds the same groups.
    n_rounds : int, optional
        Rounds of the search; more takes longer and finds a little more.
    """
    n = points.shape[0]
    label = np.asarray(halved(points, n_each))
    if n_each < 2 or n == n_each:
        return label
    spread = squared_spread(points, label, n_each)
    n_near = min(_N_NEAR, n - 1)
    _, near = cKDTree(points).query(points, k=n_near + 1)
    rounds = n_rounds or max(_N_ROUNDS * min(_N_LARGE, n) // n, 20)
    heat = _HEAT_SHARE * spread / (n // n_each)
    chances = rng.random(100_003)
    others = np.ascontiguousarray(np.asarray(near)[:, 1:], dtype=np.int64)
    swapped(points, label, others, n_each, chances, heat, rounds)
    swapped(points, label, others, n_each, chances, 0.0, rounds)
    return label
