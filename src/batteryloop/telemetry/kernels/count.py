"""Cycles counted here, where the tester does not count them."""

import math

import numpy as np
from numba import njit

from batteryloop.telemetry.kernels.intervals import Floats, Ints


@njit(cache=True, nogil=True)
def net_charge_ah(time_us: Ints, current_a: Floats, gap_us: int) -> Floats:
    """Return the net charge since the first sample: trapezoids, nothing over a gap. [Ah]."""
    n = time_us.size
    out = np.empty(n)
    total = 0.0
    last = -1
    for k in range(n):
        if math.isfinite(current_a[k]):
            if last >= 0:
                step = time_us[k] - time_us[last]
                if 0 < step <= gap_us:
                    total += (current_a[k] + current_a[last]) * (step * 5e-7)
            last = k
        out[k] = total
    return out / 3600.0


@njit(cache=True, nogil=True)
def falls_of(net_ah: Floats, reversal_ah: float) -> Floats:
    """Return how far `net_ah` fell from each peak, until a rise of `reversal_ah` ended the fall."""
    found = np.empty(net_ah.size)
    m = 0
    peak = trough = net_ah[0] if net_ah.size else 0.0
    for k in range(net_ah.size):
        value = net_ah[k]
        if value < trough:
            trough = value
        elif value - trough >= reversal_ah and peak - trough >= reversal_ah:
            found[m] = peak - trough
            m += 1
            peak = trough = value
        if value > peak:
            peak = trough = value
    if peak - trough >= reversal_ah:
        found[m] = peak - trough
        m += 1
    return found[:m].copy()


@njit(cache=True, nogil=True)
def counted(net_ah: Floats, current_a: Floats, discharged_ah: float, recharged_ah: float) -> Ints:
    """Return the number of each sample's cycle, from 1.

    A cycle ends at the trough after `net_ah` fell by `discharged_ah` or more below its peak, once
    it has risen again by `recharged_ah`; the rest at the trough belongs to the old cycle, samples
    that already charge to the new.
    """
    n = net_ah.size
    out = np.ones(n, np.int64)
    number = 1
    peak = trough = net_ah[0] if n else 0.0
    row_trough = 0
    for k in range(n):
        value = net_ah[k]
        if value <= trough:
            trough = value
            row_trough = k
        if peak - trough >= discharged_ah and value - trough >= recharged_ah:
            number += 1
            while row_trough > 0 and current_a[row_trough] > 0.0 and out[row_trough] == number - 1:
                row_trough -= 1
            for j in range(row_trough + 1, k):
                out[j] = number
            peak = trough = value
            row_trough = k
        elif value > peak:
            peak = trough = value
            row_trough = k
        out[k] = number
    return out
