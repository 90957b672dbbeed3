"""Where the rows of one battery end and those of the next begin, and whether any is missing."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from batteryloop.telemetry.kernels.intervals import Floats


@njit(cache=True, nogil=True)
def next_change(words: NDArray[np.uint64], row: int) -> int:
    """Return the first row after `row` whose 16-byte string view is not that of `row`.

    Parameters
    ----------
    words : array of uint64, shape (n, 2)
        Arrow string views. Different views may still be equal strings.
    row : int
        Where to begin.
    """
    head, tail = words[row, 0], words[row, 1]
    n = len(words)
    for k in range(row + 1, n):
        if words[k, 0] != head or words[k, 1] != tail:
            return k
    return n


@njit(cache=True, nogil=True)
def has_hole(values: Floats) -> bool:
    """Return whether any value is not a finite number."""
    holes = 0
    for k in range(values.size):
        holes += values[k] - values[k] != 0.0  # NaN for NaN and for the infinite
    return holes > 0
