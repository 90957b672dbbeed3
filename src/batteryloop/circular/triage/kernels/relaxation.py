"""What all packs would choose at given prices of capacity, and how much of each lane they use."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# exp(-36) is below what a double adds to one.
_NEGLIGIBLE = -36.0


@njit(cache=True, nogil=True, error_model="numpy")
def soft_choice(
    value: Floats,
    hold: Floats,
    mass: Floats,
    kind: Integers,
    carbon: Floats,
    price_kg: Floats,
    price_pack: Floats,
    carbon_price_eur: float,
    heat_eur: float,
    start: int,
    stop: int,
    used_kg: Floats,
    used_pack: Floats,
) -> tuple[float, float, float]:
    """Return the packs' smoothed best values, their plain best values and the carbon they cause.

    Each pack spreads over its lanes by a softmax of warmth `heat_eur`; what it uses is added to
    `used_kg` and `used_pack`, by kind and lane. `value` is minus infinity where a lane is closed to
    a pack; `carbon` has no columns where carbon has no limit.
    """
    n_lanes = value.shape[1]
    has_carbon = carbon.shape[1] > 0
    reduced = np.empty(n_lanes)
    places = np.empty(n_lanes, np.int64)
    smooth = 0.0
    plain = 0.0
    caused = 0.0
    for i in range(start, stop):
        c = kind[i]
        m = mass[i]
        best = hold[i]
        n = 0
        for lane in range(n_lanes):
            v = value[i, lane]
            if v == -np.inf:
                continue
            r = v - m * price_kg[c, lane] - price_pack[c, lane]
            if has_carbon:
                r -= carbon_price_eur * carbon[i, lane]
            reduced[n] = r
            places[n] = lane
            n += 1
            best = max(best, r)
        plain += best
        floor = best + _NEGLIGIBLE * heat_eur
        total = math.exp((hold[i] - best) / heat_eur) if hold[i] > floor else 0.0
        kept = 0
        for j in range(n):
            if reduced[j] > floor:
                w = math.exp((reduced[j] - best) / heat_eur)
                total += w
                reduced[kept] = w
                places[kept] = places[j]
                kept += 1
        smooth += best + heat_eur * math.log(total)
        for j in range(kept):
            lane = places[j]
            w = reduced[j] / total
            used_pack[c, lane] += w
            used_kg[c, lane] += w * m
            if has_carbon:
                caused += w * carbon[i, lane]
    return smooth, plain, caused


@njit(cache=True, nogil=True, error_model="numpy")
def reduced_values(
    value: Floats,
    hold: Floats,
    mass: Floats,
    kind: Integers,
    carbon: Floats,
    price_kg: Floats,
    price_pack: Floats,
    carbon_price_eur: float,
) -> Floats:
    """Return each pack's value in each lane after the prices of capacity; the last one is hold."""
    n, n_lanes = value.shape
    has_carbon = carbon.shape[1] > 0
    reduced = np.empty((n, n_lanes + 1))
    for i in range(n):
        c = kind[i]
        for lane in range(n_lanes):
            r = value[i, lane] - mass[i] * price_kg[c, lane] - price_pack[c, lane]
            if has_carbon and value[i, lane] > -np.inf:
                r -= carbon_price_eur * carbon[i, lane]
            reduced[i, lane] = r
        reduced[i, n_lanes] = hold[i]
    return reduced
