"""Two clocks, one time: the tester's own seconds are fine and steady, the computer's know the day.

The computer's clock is often whole seconds only, wanders, and is set right now and then; the
tester's stands still while a test is paused. So time is the computer's at the beginning, the
tester's from there on, and the computer's again over a pause.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_PAUSE_S = 60.0
_SUMMER_TIME_S = 3600.0


def joined_clock(
    elapsed_s: Array, clock_s: Array, start_s: float | None = None
) -> tuple[Array, int]:
    """Return the time of each sample and how many pauses were put in.

    Parameters
    ----------
    elapsed_s : ndarray of shape (n,)
        The tester's seconds since the test began. [s]
    clock_s : ndarray of shape (n,)
        The computer's clock, since any epoch. [s]
    start_s : float, optional
        The computer's clock when the test began; else taken from the first sample. [s]

    Returns
    -------
    time_s : ndarray of shape (n,)
        Time since the epoch of `clock_s`. [s]
    n_pauses : int
        Steps of the computer's clock of over a minute that the tester's did not make; a step of an
        hour is taken for summer time and left out.

    Examples
    --------
    >>> joined_clock(np.array([0.0, 0.4, 0.8]), np.array([50.0, 50.0, 150.0]))
    (array([ 50. ,  50.4, 150.4]), 1)
    """
    ahead_s = clock_s - elapsed_s
    known = np.flatnonzero(np.isfinite(ahead_s))
    if start_s is None:
        start_s = float(ahead_s[known[0]]) if known.size else np.nan
    step_s = np.zeros_like(elapsed_s)
    step_s[known] = np.diff(ahead_s[known], prepend=start_s)
    is_pause = (step_s > _PAUSE_S) & (np.abs(step_s - _SUMMER_TIME_S) > _PAUSE_S)
    time_s = start_s + elapsed_s + np.cumsum(np.where(is_pause, step_s, 0.0))
    return time_s, int(is_pause.sum())
