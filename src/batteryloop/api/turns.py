"""Long computations take turns: so many at once, and who waits too long is told so."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from batteryloop.errors import RateExceeded


class Turns:
    """Lets a few long computations run at once, in the threads where they were asked for.

    Examples
    --------
    >>> turns = Turns(n_most=1, wait_s=0.0)
    >>> with turns.take("plant balance"):
    ...     try:
    ...         with turns.take("returns"):
    ...             pass
    ...     except RateExceeded as error:
    ...         error.allowed
    '1 at once'
    """

    def __init__(self, *, n_most: int = 2, wait_s: float = 20.0) -> None:
        self._n_most, self._wait_s = n_most, wait_s
        self._free = threading.BoundedSemaphore(n_most)

    @contextmanager
    def take(self, what: str) -> Iterator[None]:
        """Wait for a turn and hold it.

        Raises
        ------
        RateExceeded
            If none came free in time.
        """
        if not self._free.acquire(timeout=self._wait_s):
            raise RateExceeded(
                what, "the server works on others", f"{self._n_most} at once",
                "ask again in a minute",
            )  # fmt: skip
        try:
            yield
        finally:
            self._free.release()
