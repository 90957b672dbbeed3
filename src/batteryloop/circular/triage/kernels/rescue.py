"""Packs that found no good place: two others make room, in a chain of three moves."""

import numpy as np
from numba import njit

from batteryloop.circular.triage.kernels.limits import Limits, is_full, is_overrun, move
from batteryloop.circular.triage.kernels.placing import Moves
from batteryloop.circular.triage.kernels.relaxation import Integers


@njit(cache=True, nogil=True, error_model="numpy")
def _last(
    moves: Moves, limits: Limits, first: int, second: int, gain: float, least_eur: float
) -> bool:
    """Find one mover that mends what the two moves before broke; make its move if so."""
    for a in range(moves.movers.size):
        j, new = moves.movers[a], moves.lanes[a]
        old = moves.chosen[j]
        if j in (first, second) or old == new:
            continue
        total = gain + moves.value[j, new] - moves.value[j, old]
        if total <= least_eur or not is_full(limits, j, old):
            continue
        move(limits, j, old, new)
        if not is_overrun(limits):
            moves.chosen[j] = new
            return True
        move(limits, j, new, old)
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _follow(moves: Moves, limits: Limits, first: int, gain: float, least_eur: float) -> bool:
    """Find one mover, or two, that mend what the move before broke; make the moves if so."""
    for a in range(moves.movers.size):
        j, new = moves.movers[a], moves.lanes[a]
        old = moves.chosen[j]
        if j == first or old == new:
            continue
        total = gain + moves.value[j, new] - moves.value[j, old]
        if total <= least_eur or not is_full(limits, j, old):
            continue
        move(limits, j, old, new)
        if not is_overrun(limits) or _last(moves, limits, first, j, total, least_eur):
            moves.chosen[j] = new
            return True
        move(limits, j, new, old)
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def rescue(packs: Integers, moves: Moves, limits: Limits, least_eur: float) -> int:
    """Give each of `packs` a better lane where two others can make room; return how many got one.

    `chosen` and `room` are changed.
    """
    n_made = 0
    for i in packs:
        for new in np.argsort(-moves.value[i]):
            old = moves.chosen[i]
            gain = moves.value[i, new] - moves.value[i, old]
            if not gain > least_eur:
                break
            move(limits, i, old, new)
            if not is_overrun(limits) or _follow(moves, limits, i, gain, least_eur):
                moves.chosen[i] = new
                n_made += 1
                break
            move(limits, i, new, old)
    return n_made
