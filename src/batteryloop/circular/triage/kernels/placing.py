"""From prices to whole packs: single and paired moves that add value, then what is left mended.

A limit that is overrun costs a penalty per unit, so that the search may start from what every pack
likes best and still end with a plan that fits.
"""

import numpy as np
from numba import njit

from batteryloop.circular.triage.kernels.relaxation import Floats, Integers


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _drawn(room: Floats, r: int, amount: float, penalty: Floats) -> float:
    """Take `amount` out of a limit's room; return how much penalty that saves (negative: costs)."""
    before = min(room[r], 0.0)
    room[r] -= amount
    return float(penalty[r] * (min(room[r], 0.0) - before))


@njit(cache=True, nogil=True, error_model="numpy")
def take(
    i: int,
    lane: int,
    sign: int,
    mass: Floats,
    kind: Integers,
    carbon: Floats,
    met: Integers,
    is_kg: Integers,
    room: Floats,
    penalty: Floats,
) -> float:
    """Take pack `i`'s share of its limits out of `room` (sign 1) or give it back (-1).

    Returns the penalty that this saves. Hold, the last lane, meets no limit.
    """
    saved = 0.0
    if lane >= met.shape[1]:
        return saved
    c = kind[i]
    for j in range(met.shape[2]):
        r = met[c, lane, j]
        if r < 0:
            break
        saved += _drawn(room, r, sign * (mass[i] if is_kg[r] else 1.0), penalty)
    if carbon.shape[1] > 0:
        saved += _drawn(room, room.size - 1, sign * carbon[i, lane], penalty)
    return saved


@njit(cache=True, nogil=True, error_model="numpy")
def is_full(
    i: int, lane: int, kind: Integers, carbon: Floats, met: Integers, room: Floats, slack: Floats
) -> bool:
    """Return whether a limit that pack `i` meets in the lane is overrun."""
    if carbon.shape[1] > 0 and room[-1] < -slack[-1]:
        return True
    if lane >= met.shape[1]:
        return False
    c = kind[i]
    for j in range(met.shape[2]):
        r = met[c, lane, j]
        if r < 0:
            break
        if room[r] < -slack[r]:
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _pair(
    a: int,
    gain_a: float,
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
    overrun: float,
    least_eur: float,
) -> bool:
    """Find a second move that makes room for the one just made; make it and say so."""
    i = movers[a]
    for b in range(movers.size):
        j, to_j = movers[b], lanes[b]
        from_j = chosen[j]
        if j == i or from_j == to_j:
            continue
        change = value[j, to_j] - value[j, from_j]
        # It can save no more penalty than is there.
        if gain_a + change + overrun <= least_eur:
            continue
        if not is_full(j, from_j, kind, carbon, met, room, slack):
            continue
        saved = take(j, from_j, -1, mass, kind, carbon, met, is_kg, room, penalty)
        saved += take(j, to_j, 1, mass, kind, carbon, met, is_kg, room, penalty)
        if gain_a + change + saved > least_eur:
            chosen[j] = to_j
            return True
        take(j, to_j, -1, mass, kind, carbon, met, is_kg, room, penalty)
        take(j, from_j, 1, mass, kind, carbon, met, is_kg, room, penalty)
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def better(
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
    n_sweeps: int,
    least_eur: float,
) -> int:
    """Make moves of one pack or two that add value less penalty, among the columns given.

    `value` has a last column for hold. `chosen` and `room` are changed. Returns the moves made.
    """
    n_made = 0
    for _ in range(n_sweeps):
        made = 0
        for a in range(movers.size):
            i, to_i = movers[a], lanes[a]
            from_i = chosen[i]
            if from_i == to_i:
                continue
            gain = value[i, to_i] - value[i, from_i]
            gain += take(i, from_i, -1, mass, kind, carbon, met, is_kg, room, penalty)
            gain += take(i, to_i, 1, mass, kind, carbon, met, is_kg, room, penalty)
            if gain > least_eur:
                chosen[i] = to_i
                made += 1
                continue
            if is_full(i, to_i, kind, carbon, met, room, slack):
                overrun = -(penalty * np.minimum(room, 0.0)).sum()
                if _pair(
                    a, gain, value, movers, lanes, chosen, mass, kind, carbon,
                    met, is_kg, room, slack, penalty, overrun, least_eur,
                ):  # fmt: skip
                    chosen[i] = to_i
                    made += 1
                    continue
            take(i, to_i, -1, mass, kind, carbon, met, is_kg, room, penalty)
            take(i, from_i, 1, mass, kind, carbon, met, is_kg, room, penalty)
        n_made += made
        if made == 0:
            break
    return n_made


@njit(cache=True, nogil=True, error_model="numpy")
def mend(
    packs: Integers,
    reduced: Floats,
    chosen: Integers,
    mass: Floats,
    kind: Integers,
    carbon: Floats,
    met: Integers,
    is_kg: Integers,
    room: Floats,
    slack: Floats,
    penalty: Floats,
) -> None:
    """Move some of `packs` to where there is room, those that lose least, until every limit holds.

    Ends early where no single move of theirs helps any more.
    """
    width = reduced.shape[1]
    while (room < -slack).any():
        best = np.inf
        best_i, best_lane = -1, -1
        for i in packs:
            old = chosen[i]
            if not is_full(i, old, kind, carbon, met, room, slack):
                continue
            for lane in range(width):
                if lane == old or reduced[i, lane] == -np.inf:
                    continue
                saved = take(i, old, -1, mass, kind, carbon, met, is_kg, room, penalty)
                more = take(i, lane, 1, mass, kind, carbon, met, is_kg, room, penalty)
                is_no_room = (more < 0.0 and saved + more <= 1e-12) or saved + more <= 0.0
                take(i, lane, -1, mass, kind, carbon, met, is_kg, room, penalty)
                take(i, old, 1, mass, kind, carbon, met, is_kg, room, penalty)
                if is_no_room:
                    continue
                price = (reduced[i, old] - reduced[i, lane]) / (saved + more)
                if price < best:
                    best, best_i, best_lane = price, i, lane
        if best_i < 0:
            return
        take(best_i, chosen[best_i], -1, mass, kind, carbon, met, is_kg, room, penalty)
        take(best_i, best_lane, 1, mass, kind, carbon, met, is_kg, room, penalty)
        chosen[best_i] = best_lane
