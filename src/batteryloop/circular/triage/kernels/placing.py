"""From prices to whole packs: single and paired moves that add value, then what is left mended."""

from typing import NamedTuple

import numpy as np
from numba import njit

from batteryloop.circular.triage.kernels.limits import (
    Limits,
    is_full,
    is_overrun,
    move,
    overrun_cost,
)
from batteryloop.circular.triage.kernels.relaxation import Floats, Integers

# A move that saves less penalty makes no room.
_LEAST_SAVED_EUR = 1e-12


class Moves(NamedTuple):
    """Moves to try: pack `movers[a]` to lane `lanes[a]`, worth `value` there.

    `value` has a last column for hold; `chosen`, the lane of every pack, changes as packs move.
    """

    value: Floats
    movers: Integers
    lanes: Integers
    chosen: Integers


@njit(cache=True, nogil=True, error_model="numpy")
def _pair(moves: Moves, limits: Limits, a: int, gain_a: float, least_eur: float) -> bool:
    """Find a second move that makes room for the one just made; make it and say so."""
    overrun = overrun_cost(limits)
    for b in range(moves.movers.size):
        j, new = moves.movers[b], moves.lanes[b]
        old = moves.chosen[j]
        if j == moves.movers[a] or old == new:
            continue
        change = moves.value[j, new] - moves.value[j, old]
        # It can save no more penalty than is there.
        if gain_a + change + overrun <= least_eur or not is_full(limits, j, old):
            continue
        if gain_a + change + move(limits, j, old, new) > least_eur:
            moves.chosen[j] = new
            return True
        move(limits, j, new, old)
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def better(moves: Moves, limits: Limits, n_sweeps: int, least_eur: float) -> int:
    """Make moves of one pack or two that add value less penalty; return how many were made."""
    n_made = 0
    for _ in range(n_sweeps):
        made = 0
        for a in range(moves.movers.size):
            i, new = moves.movers[a], moves.lanes[a]
            old = moves.chosen[i]
            if old == new:
                continue
            gain = moves.value[i, new] - moves.value[i, old] + move(limits, i, old, new)
            if gain > least_eur or (
                is_full(limits, i, new) and _pair(moves, limits, a, gain, least_eur)
            ):
                moves.chosen[i] = new
                made += 1
            else:
                move(limits, i, new, old)
        n_made += made
        if made == 0:
            break
    return n_made


@njit(cache=True, nogil=True, error_model="numpy")
def mend(packs: Integers, reduced: Floats, chosen: Integers, limits: Limits) -> None:
    """Move some of `packs` to where there is room, those that lose least, until every limit holds.

    Ends early where no single move of theirs helps any more.
    """
    width = reduced.shape[1]
    while is_overrun(limits):
        best = np.inf
        best_i, best_lane = -1, -1
        for i in packs:
            old = chosen[i]
            if not is_full(limits, i, old):
                continue
            for lane in range(width):
                if lane == old or reduced[i, lane] == -np.inf:
                    continue
                saved = move(limits, i, old, lane)
                move(limits, i, lane, old)
                if saved <= _LEAST_SAVED_EUR:
                    continue
                price = (reduced[i, old] - reduced[i, lane]) / saved
                if price < best:
                    best, best_i, best_lane = price, i, lane
        if best_i < 0:
            return
        move(limits, best_i, chosen[best_i], best_lane)
        chosen[best_i] = best_lane
