"""The loops of matching, compiled: halving by the widest axis, and swaps between near packs."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@njit(cache=True, nogil=True, error_model="numpy")
def halved(points: Floats, n_each: int) -> Integers:
    """Return a group for each point: split at a multiple of `n_each` along the widest axis.

    The number of points must be a multiple of `n_each`.
    """
    n, n_axes = points.shape
    order = np.arange(n)
    label = np.empty(n, np.int64)
    starts, stops = np.empty(n + 1, np.int64), np.empty(n + 1, np.int64)
    starts[0], stops[0] = 0, n
    n_open, n_groups = 1, 0
    while n_open > 0:
        n_open -= 1
        start, stop = starts[n_open], stops[n_open]
        size = stop - start
        if size <= n_each:
            label[order[start:stop]] = n_groups
            n_groups += 1
            continue
        part = order[start:stop].copy()
        best, axis = -1.0, 0
        for a in range(n_axes):
            wide = np.var(points[part, a])
            if wide > best:
                best, axis = wide, a
        part = part[np.argsort(points[part, axis])]
        order[start:stop] = part
        middle = start + (size // n_each // 2) * n_each
        starts[n_open], stops[n_open] = start, middle
        starts[n_open + 1], stops[n_open + 1] = middle, stop
        n_open += 2
    return label


@njit(cache=True, nogil=True, error_model="numpy")
def _partner(
    points: Floats, label: Integers, near: Integers, sums: Floats, i: int, q: int
) -> tuple[int, float]:
    """Return which near member of the group of `i`'s q-th near point to swap `i` with.

    And by how much the squared spread changes then, times the groups' size.
    """
    g, h = label[i], label[near[i, q]]
    low, best = np.inf, near[i, q]
    for j in near[i]:
        if label[j] != h:
            continue
        change = 0.0
        for a in range(points.shape[1]):
            d = points[j, a] - points[i, a]
            change -= d * (2.0 * (sums[g, a] - sums[h, a]) + 2.0 * d)
        if change < low:
            low, best = change, j
    return best, low


@njit(cache=True, nogil=True, error_model="numpy")
def swapped(
    points: Floats,
    label: Integers,
    near: Integers,
    n_each: int,
    chances: Floats,
    heat_frac: float,
    n_rounds: int,
) -> float:
    """Swap members of near groups while that lowers the squared spread; return what it saved.

    A swap that raises it is taken by chance while the search is warm: `chances` are numbers from 0
    to 1, read round and round; `heat_frac` is the first warmth [of the points' squared unit], and
    it falls to nothing over the rounds. `near` are each point's near points. `label` is changed to
    the best grouping met.
    """
    n = points.shape[0]
    sums = np.zeros((n // n_each, points.shape[1]))
    for i in range(n):
        sums[label[i]] += points[i]
    saved, best_saved = 0.0, 0.0
    best = label.copy()
    at = 0
    for turn in range(n_rounds):
        heat = heat_frac * (1.0 - turn / max(n_rounds - 1, 1)) ** 2
        made = 0
        for i in range(n):
            for q in range(near.shape[1]):
                # A near point's group takes `i`; one of its members comes in exchange.
                h = label[near[i, q]]
                g = label[i]
                if g == h:
                    continue
                j, low = _partner(points, label, near, sums, i, q)
                change = low / n_each
                chance = chances[at]
                at = (at + 1) % chances.size
                if change < -1e-12 or (heat > 0.0 and chance < np.exp(-change / heat)):
                    sums[g] += points[j] - points[i]
                    sums[h] -= points[j] - points[i]
                    label[i], label[j] = h, g
                    saved -= change
                    made += 1
        if saved > best_saved + 1e-12:
            best_saved = saved
            best[:] = label
        if made == 0:
            break
    label[:] = best
    return best_saved
