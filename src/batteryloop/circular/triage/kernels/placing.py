"""From prices to whole packs: place by regret, then better the plan by single and paired moves."""

import numpy as np
from numba import njit

from batteryloop.circular.triage.kernels.relaxation import Floats, Integers


@njit(cache=True, nogil=True, error_model="numpy")
def _take(
    i: int,
    lane: int,
    sign: float,
    mass: Floats,
    kind: Integers,
    carbon: Floats,
    met: Integers,
    is_kg: Integers,
    room: Floats,
) -> None:
    """Take pack `i`'s share of its limits out of `room` (sign 1), or give it back (-1)."""
    if lane >= met.shape[1]:
        return
    c = kind[i]
    for j in range(met.shape[2]):
        r = met[c, lane, j]
        if r < 0:
            break
        room[r] -= sign * (mass[i] if is_kg[r] else 1.0)
    if carbon.shape[1] > 0:
        room[-1] -= sign * carbon[i, lane]


@njit(cache=True, nogil=True, error_model="numpy")
def _is_within(
    i: int, lane: int, kind: Integers, carbon: Floats, met: Integers, room: Floats, slack: Floats
) -> bool:
    """Return whether no limit that pack `i` meets in the lane is broken."""
    if carbon.shape[1] > 0 and room[-1] < -slack[-1]:
        return False
    if lane >= met.shape[1]:
        return True
    c = kind[i]
    for j in range(met.shape[2]):
        r = met[c, lane, j]
        if r < 0:
            break
        if room[r] < -slack[r]:
            return False
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def place_by_regret(
    reduced: Floats,
    order: Integers,
    mass: Floats,
    kind: Integers,
    carbon: Floats,
    met: Integers,
    is_kg: Integers,
    room: Floats,
    slack: Floats,
) -> Integers:
    """Place packs in the order given, each in its best lane with room; the last lane is hold."""
    n, width = reduced.shape
    chosen = np.full(n, width - 1, np.int64)
    is_tried = np.empty(width, np.bool_)
    for i in order:
        is_tried[:] = False
        while True:
            best = -1
            for lane in range(width):
                if is_tried[lane] or reduced[i, lane] == -np.inf:
                    continue
                if best < 0 or reduced[i, lane] > reduced[i, best]:
                    best = lane
            if best < 0 or best == width - 1:
                break
            _take(i, best, 1.0, mass, kind, carbon, met, is_kg, room)
            if _is_within(i, best, kind, carbon, met, room, slack):
                chosen[i] = best
                break
            _take(i, best, -1.0, mass, kind, carbon, met, is_kg, room)
            is_tried[best] = True
    return chosen


@njit(cache=True, nogil=True, error_model="numpy")
def _is_sound(
    i: int,
    old: int,
    new: int,
    kind: Integers,
    carbon: Floats,
    met: Integers,
    room: Floats,
    slack: Floats,
) -> bool:
    """Return whether a pack's move left every limit it touches whole (hold meets none)."""
    return _is_within(i, new, kind, carbon, met, room, slack) and _is_within(
        i, old, kind, carbon, met, room, slack
    )


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
    n_sweeps: int,
    least_gain: float,
) -> int:
    """Make moves that add value, one pack or two at a time, among the columns given.

    `value` has a last column for hold. `chosen` and `room` are changed. Returns the moves made.
    """
    n_made = 0
    n = movers.size
    for _ in range(n_sweeps):
        made = 0
        for a in range(n):
            i, to_i = movers[a], lanes[a]
            from_i = chosen[i]
            if from_i == to_i:
                continue
            gain_i = value[i, to_i] - value[i, from_i]
            _take(i, from_i, -1.0, mass, kind, carbon, met, is_kg, room)
            _take(i, to_i, 1.0, mass, kind, carbon, met, is_kg, room)
            is_ok = _is_sound(i, from_i, to_i, kind, carbon, met, room, slack)
            if gain_i > least_gain and is_ok:
                chosen[i] = to_i
                made += 1
                continue
            is_kept = False
            for b in range(n):
                j, to_j = movers[b], lanes[b]
                from_j = chosen[j]
                if j == i or from_j == to_j:
                    continue
                if gain_i + value[j, to_j] - value[j, from_j] <= least_gain:
                    continue
                _take(j, from_j, -1.0, mass, kind, carbon, met, is_kg, room)
                _take(j, to_j, 1.0, mass, kind, carbon, met, is_kg, room)
                if _is_sound(i, from_i, to_i, kind, carbon, met, room, slack) and _is_sound(
                    j, from_j, to_j, kind, carbon, met, room, slack
                ):
                    chosen[i], chosen[j] = to_i, to_j
                    made += 1
                    is_kept = True
                    break
                _take(j, to_j, -1.0, mass, kind, carbon, met, is_kg, room)
                _take(j, from_j, 1.0, mass, kind, carbon, met, is_kg, room)
            if not is_kept:
                _take(i, to_i, -1.0, mass, kind, carbon, met, is_kg, room)
                _take(i, from_i, 1.0, mass, kind, carbon, met, is_kg, room)
        n_made += made
        if made == 0:
            break
    return n_made
