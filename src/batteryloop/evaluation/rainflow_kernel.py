"""The loops of rainflow counting, compiled."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]


@njit(cache=True)
def turns(level: Array, least_frac: float) -> Array:
    """Return the turning points of a series of at least two values."""
    kept = np.empty(level.size)
    kept[0] = level[0]
    n = 1
    top = low = level[0]
    way = 0
    for x in level[1:]:
        if way >= 0 and x > top:
            top = x
        if way <= 0 and x < low:
            low = x
        if way == 0:
            if top - level[0] >= least_frac:
                way, low = 1, top
            elif level[0] - low >= least_frac:
                way, top = -1, low
        elif way == 1 and top - x >= least_frac:
            kept[n] = top
            n += 1
            way, low = -1, x
        elif way == -1 and x - low >= least_frac:
            kept[n] = low
            n += 1
            way, top = 1, x
    if way != 0:
        kept[n] = top if way == 1 else low
        n += 1
    return kept[:n]


@njit(cache=True)
def pairs(turning: Array) -> tuple[Array, Array, Array]:
    """Return depth, middle and count of the cycles of at least two turning points."""
    depth = np.empty(turning.size)
    middle = np.empty(turning.size)
    count = np.empty(turning.size)
    stack = np.empty(turning.size)
    n = found = 0
    for x in turning:
        stack[n] = x
        n += 1
        while n >= 3:
            newer = abs(stack[n - 1] - stack[n - 2])
            older = abs(stack[n - 2] - stack[n - 3])
            if newer < older:
                break
            depth[found] = older
            middle[found] = 0.5 * (stack[n - 2] + stack[n - 3])
            if n == 3:
                count[found] = 0.5
                stack[0] = stack[1]
                stack[1] = stack[2]
                n = 2
            else:
                count[found] = 1.0
                stack[n - 3] = stack[n - 1]
                n -= 2
            found += 1
    for i in range(n - 1):
        depth[found] = abs(stack[i + 1] - stack[i])
        middle[found] = 0.5 * (stack[i + 1] + stack[i])
        count[found] = 0.5
        found += 1
    return depth[:found], middle[:found], count[:found]
