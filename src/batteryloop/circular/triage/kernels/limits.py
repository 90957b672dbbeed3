"""What whole packs take of the limits they meet, and what it saves to move one elsewhere.

A limit that is overrun costs a penalty per unit, so that a search may start from what every pack
likes best and still end with a plan that fits. All are inlined: counting references to the arrays
of `Limits` at every call would cost a fifth of the search.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from batteryloop.circular.triage.kernels.relaxation import Floats, Integers


class Limits(NamedTuple):
    """What packs weigh, which limits a lane meets, and how much room each limit has left.

    `met` holds, by kind and lane, the numbers of the limits met, ended by -1; `carbon` has no
    columns where carbon has no limit, which else is the last one. `room` changes as packs move.
    """

    mass: Floats
    kind: Integers
    carbon: Floats
    met: Integers
    is_kg: Integers
    room: Floats
    slack: Floats
    penalty: Floats


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _drawn(limits: Limits, r: int, amount: float) -> float:
    """Take `amount` out of a limit's room; return how much penalty that saves (negative: costs)."""
    before = min(limits.room[r], 0.0)
    limits.room[r] -= amount
    return float(limits.penalty[r] * (min(limits.room[r], 0.0) - before))


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def take(limits: Limits, i: int, lane: int, sign: int) -> float:
    """Take pack `i`'s share of its limits out of their room (sign 1) or give it back (-1).

    Returns the penalty that this saves. Hold, the last lane, meets no limit.
    """
    saved = 0.0
    if lane >= limits.met.shape[1]:
        return saved
    c = limits.kind[i]
    for j in range(limits.met.shape[2]):
        r = limits.met[c, lane, j]
        if r < 0:
            break
        saved += _drawn(limits, r, sign * (limits.mass[i] if limits.is_kg[r] else 1.0))
    if limits.carbon.shape[1] > 0:
        saved += _drawn(limits, limits.room.size - 1, sign * limits.carbon[i, lane])
    return saved


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def move(limits: Limits, i: int, old: int, new: int) -> float:
    """Move pack `i` from one lane to another; return the penalty that this saves."""
    return float(take(limits, i, old, -1) + take(limits, i, new, 1))


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def is_full(limits: Limits, i: int, lane: int) -> bool:
    """Return whether a limit that pack `i` meets in the lane is overrun."""
    if limits.carbon.shape[1] > 0 and limits.room[-1] < -limits.slack[-1]:
        return True
    if lane >= limits.met.shape[1]:
        return False
    c = limits.kind[i]
    for j in range(limits.met.shape[2]):
        r = limits.met[c, lane, j]
        if r < 0:
            break
        if limits.room[r] < -limits.slack[r]:
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def is_overrun(limits: Limits) -> bool:
    """Return whether any limit is overrun."""
    return bool((limits.room < -limits.slack).any())


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def overrun_cost(limits: Limits) -> float:
    """Return the penalty of all that is overrun."""
    return float(-(limits.penalty * np.minimum(limits.room, 0.0)).sum())
