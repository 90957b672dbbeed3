"""The loop that finds tours of negative reduced cost, compiled.

Labels are ways from the hub to a pick-up. One that is not better than another at the same pick-up
in cost, time, loads and what it may still visit is dropped. A pick-up may be visited again once the
way has left its neighbourhood (ng-routes, Baldacci, Mingozzi and Roberti 2011,
doi:10.1287/opre.1110.0975): cheaper ways than tours, so what they prove is still a lower bound.
"""

from heapq import heappop, heappush
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]
# Columns of a site: service, opens, closes, three loads, neighbours 1–62 and 63–124 as bits.
SERVICE, OPENS, CLOSES, LOAD, NEAR = 0, 1, 2, 3, 6
# Columns of a label: time it leaves, three loads, memory as two words of bits, node, parent.
# Loads are compared to so many bits less.
_COARSE = (0, 12, 12)
_WHEN, _HELD, _LOW, _HIGH, _NODE, _PARENT = 0, 1, 4, 5, 6, 7


@njit(cache=True)
def _remembers(low: int, high: int, j: int) -> bool:
    return (low >> j & 1 if j < 63 else high >> (j - 63) & 1) != 0


@njit(cache=True)
def _is_as_good(one: Array, other: Array, roughness: int) -> bool:
    """Whether a label may do all that the other may, cost aside."""
    if one[_WHEN] > other[_WHEN]:
        return False
    if roughness < 2:
        for k in range(_HELD, _HELD + 3):
            if one[k] >> _COARSE[roughness] > other[k] >> _COARSE[roughness]:
                return False
    if roughness == 0:
        return bool(one[_LOW] & ~other[_LOW] == 0 and one[_HIGH] & ~other[_HIGH] == 0)
    return True


@njit(cache=True)
def _extend(label: Array, j: int, site: Array, time_s: Array, truck: Array, new: Array) -> bool:
    """Write into `new` the label gone on to site `j`; False if it cannot."""
    if _remembers(label[_LOW], label[_HIGH], j):
        return False
    for k in range(3):
        new[_HELD + k] = label[_HELD + k] + site[LOAD + k]
        if new[_HELD + k] > truck[k]:
            return False
    begins = max(label[_WHEN] + time_s[label[_NODE], j], site[OPENS])
    new[_WHEN] = begins + site[SERVICE]
    if begins > site[CLOSES] or new[_WHEN] + time_s[j, 0] > truck[4]:
        return False
    new[_LOW], new[_HIGH] = label[_LOW] & site[NEAR], label[_HIGH] & site[NEAR + 1]
    if j < 63:
        new[_LOW] |= np.int64(1) << j
    else:
        new[_HIGH] |= np.int64(1) << (j - 63)
    new[_NODE] = j
    return True


@njit(cache=True)
def _place(
    k: int, cost: Array, label: Array, dead: Array, first: Array, following: Array, roughness: int
) -> bool:
    """Put label `k` into the list of its node, dropping whom it beats; False if it is beaten."""
    j = label[k, _NODE]
    before, other = np.int64(-1), first[j]
    while other >= 0:
        after = following[other]
        if cost[other] <= cost[k] + 1e-9 and _is_as_good(label[other], label[k], roughness):
            return False
        if cost[k] <= cost[other] and _is_as_good(label[k], label[other], roughness):
            dead[other] = True
            if before < 0:
                first[j] = after
            else:
                following[before] = after
        else:
            before = other
        other = after
    following[k], first[j] = first[j], k
    return True


@njit(cache=True)
def cheapest_ways(
    reduced: Array,
    time_s: Array,
    sites: Array,
    truck: Array,
    allowed: Array,
    roughness: int,
    most: int,
) -> tuple[Array, Array, Array, Array, bool]:
    """Return labels: cost home, node, parent, whether dropped; and whether all were made.

    `reduced` is the arc cost less the price of the node arrived at; `truck` has three capacities,
    start and end. Roughness 2 compares ways by cost and time alone, 1 also by rough loads, 0 by
    loads and by what they may still visit: only that proves anything.
    """
    cost = np.empty(most)
    label = np.zeros((most, 8), np.int64)
    dead = np.zeros(most, np.bool_)
    following = np.full(most, -1, np.int64)
    first = np.full(sites.shape[0], -1, np.int64)
    cost[0], label[0, _WHEN], label[0, _PARENT] = 0.0, truck[3], -1
    n_made = 1
    heap = [(np.int64(truck[3]), np.int64(0))]
    while len(heap) > 0 and n_made < most:
        _, at = heappop(heap)
        if dead[at]:
            continue
        for j in range(1, sites.shape[0]):
            k = n_made
            if not allowed[j] or k == most:
                continue
            if not _extend(label[at], j, sites[j], time_s, truck, label[k]):
                continue
            label[k, _PARENT] = at
            cost[k] = cost[at] + reduced[label[at, _NODE], j]
            if _place(k, cost, label, dead, first, following, roughness):
                n_made += 1
                heappush(heap, (label[k, _WHEN], np.int64(k)))
    home = np.zeros(n_made)
    for k in range(1, n_made):
        home[k] = cost[k] + reduced[label[k, _NODE], 0]
    made = label[:n_made]
    return home, made[:, _NODE].copy(), made[:, _PARENT].copy(), dead[:n_made], n_made < most
