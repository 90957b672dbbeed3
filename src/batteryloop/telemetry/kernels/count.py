"""Cycles counted here, where the tester does not count them."""

import numpy as np
from numba import njit

from batteryloop.telemetry.kernels.runs import Floats, Ints


@njit(cache=True, nogil=True)
def net_charge_as(time_us: Ints, current_a: Floats, gap_us: int) -> Floats:
    """Return the net charge since the first sample: trapezoids, nothing over a gap. [A s]."""
    n = time_us.size
    out = np.empty(n)
    total = 0.0
    last = -1
    for k in range(n):
        if current_a[k] == current_a[k]:
            if last >= 0:
                step = time_us[k] - time_us[last]
                if 0 < step <= gap_us:
                    total += (current_a[k] + current_a[last]) * (step * 5e-7)
            last = k
        out[k] = total
    return out


@njit(cache=True, nogil=True)
def falls_of(net: Floats, reversal: float) -> Floats:
    """Return how far `net` fell between each peak and trough that a rise of `reversal` ends."""
    found = np.empty(64)
    m = 0
    peak = trough = net[0] if net.size else 0.0
    for k in range(net.size):
        value = net[k]
        if value < trough:
            trough = value
        elif value - trough >= reversal and peak - trough >= reversal:
            if m == found.size:
                found = np.append(found, np.empty(m))
            found[m] = peak - trough
            m += 1
            peak = trough = value
        if value > peak:
            peak = trough = value
    if peak - trough >= reversal:
        found = np.append(found[:m], np.array([peak - trough]))
        m += 1
    return found[:m]


@njit(cache=True, nogil=True)
def counted(net: Floats, discharged: float, recharged: float) -> Ints:
    """Return the number of each sample's cycle, from 1.

    A cycle ends at the trough after `net` fell by `discharged` or more below its peak, once it has
    risen again by `recharged`; the rest at the trough belongs to the old cycle.
    """
    n = net.size
    out = np.ones(n, np.int64)
    number = 1
    peak = trough = net[0] if n else 0.0
    row_trough = 0
    for k in range(n):
        value = net[k]
        if value <= trough:
            trough = value
            row_trough = k
        if peak - trough >= discharged and value - trough >= recharged:
            number += 1
            for j in range(row_trough + 1, k):
                out[j] = number
            peak = trough = value
            row_trough = k
        elif value > peak:
            peak = trough = value
            row_trough = k
        out[k] = number
    return out
