"""Packs that found no good place: two others make room, in a chain of three moves."""

import numpy as np
from numba import njit

from batteryloop.circular.triage.kernels.placing import is_full, take
from batteryloop.circular.triage.kernels.relaxation import Floats, Integers


@njit(cache=True, nogil=True, error_model="numpy")
def _last(
    first: int,
    second: int,
    gain: float,
    value: Floats,
    movers: Integers,
    lanes: Integers,
    chosen: Integers,
    mass: Floats,
    kind: Integers,
    carbon: Floats,
    met: Integers,
    is_kg: Integers,
    room: Floats,
    slack: Floats,
    penalty: Floats,
    least_eur: float,
) -> bool:
    """Find one mover that mends what the two moves before broke; make its move if so."""
    for a in range(movers.size):
        j, to_j = movers[a], lanes[a]
        from_j = chosen[j]
        if j in (first, second) or from_j == to_j:
            continue
        sum_j = gain + value[j, to_j] - value[j, from_j]
        if sum_j <= least_eur or not is_full(j, from_j, kind, carbon, met, room, slack):
            continue
        take(j, from_j, -1, mass, kind, carbon, met, is_kg, room, penalty)
        take(j, to_j, 1, mass, kind, carbon, met, is_kg, room, penalty)
        if not (room < -slack).any():
            chosen[j] = to_j
            return True
        take(j, to_j, -1, mass, kind, carbon, met, is_kg, room, penalty)
        take(j, from_j, 1, mass, kind, carbon, met, is_kg, room, penalty)
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _follow(
    first: int,
    gain: float,
    value: Floats,
    movers: Integers,
    lanes: Integers,
    chosen: Integers,
    mass: Floats,
    kind: Integers,
    carbon: Floats,
    met: Integers,
    is_kg: Integers,
    room: Floats,
    slack: Floats,
    penalty: Floats,
    least_eur: float,
) -> bool:
    """Find one mover, or two, that mend what the move before broke; make the moves if so."""
    for a in range(movers.size):
        j, to_j = movers[a], lanes[a]
        from_j = chosen[j]
        if j == first or from_j == to_j:
            continue
        sum_j = gain + value[j, to_j] - value[j, from_j]
        if sum_j <= least_eur or not is_full(j, from_j, kind, carbon, met, room, slack):
            continue
        take(j, from_j, -1, mass, kind, carbon, met, is_kg, room, penalty)
        take(j, to_j, 1, mass, kind, carbon, met, is_kg, room, penalty)
        is_made = not (room < -slack).any() or _last(
            first, j, sum_j, value, movers, lanes, chosen, mass, kind, carbon,
            met, is_kg, room, slack, penalty, least_eur,
        )  # fmt: skip
        if is_made:
            chosen[j] = to_j
            return True
        take(j, to_j, -1, mass, kind, carbon, met, is_kg, room, penalty)
        take(j, from_j, 1, mass, kind, carbon, met, is_kg, room, penalty)
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def rescue(
    packs: Integers,
    value: Floats,
    movers: Integers,
    lanes: Integers,
    chosen: Integers,
    mass: Floats,
    kind: Integers,
    carbon: Floats,
    met: Integers,
    is_kg: Integers,
    room: Floats,
    slack: Floats,
    penalty: Floats,
    least_eur: float,
) -> int:
    """Give each of `packs` a better lane where two others can make room; return how many got one.

    `value` has a last column for hold; `chosen` and `room` are changed.
    """
    n_made = 0
    for i in packs:
        for to_i in np.argsort(-value[i]):
            from_i = chosen[i]
            gain = value[i, to_i] - value[i, from_i]
            if not gain > least_eur:
                break
            take(i, from_i, -1, mass, kind, carbon, met, is_kg, room, penalty)
            take(i, to_i, 1, mass, kind, carbon, met, is_kg, room, penalty)
            is_made = not (room < -slack).any() or _follow(
                i, gain, value, movers, lanes, chosen, mass, kind, carbon,
                met, is_kg, room, slack, penalty, least_eur,
            )  # fmt: skip
            if is_made:
                chosen[i] = to_i
                n_made += 1
                break
            take(i, to_i, -1, mass, kind, carbon, met, is_kg, room, penalty)
            take(i, from_i, 1, mass, kind, carbon, met, is_kg, room, penalty)
    return n_made
