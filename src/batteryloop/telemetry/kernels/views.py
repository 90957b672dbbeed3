"""Where the rows of one battery end and those of the next begin."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def changes(words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows, after row 0, whose 16-byte string view differs from the row before.

    Parameters
    ----------
    words : array of int64, shape (2 n,)
        Arrow string views, two words a row. Different views may still be equal strings.
    """
    n = words.size // 2
    found = np.empty(16, np.int64)
    count = 0
    for i in range(1, n):
        if words[2 * i] != words[2 * i - 2] or words[2 * i + 1] != words[2 * i - 1]:
            if count == found.size:
                larger = np.empty(2 * count, np.int64)
                larger[:count] = found
                found = larger
            found[count] = i
            count += 1
    return found[:count]
