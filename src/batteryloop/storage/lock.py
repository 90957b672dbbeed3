"""One process at a time: a lock on a file, which ends with the process that holds it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from batteryloop.errors import OutsideFailed

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes], *, waits: bool) -> None:
        mode = msvcrt.LK_LOCK if waits else msvcrt.LK_NBLCK
        msvcrt.locking(file.fileno(), mode, 1)

else:
    import fcntl

    def _take(file: IO[bytes], *, waits: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def exclusive(path: Path, *, deed: str, waits: bool = False) -> Iterator[None]:
    """Hold the lock file at `path` while the block runs.

    A process that dies, however it dies, lets go of it.

    Parameters
    ----------
    path : pathlib.Path
        The lock file; made if need be, and left behind.
    deed : str
        What is being done under the lock, for the sentence.
    waits : bool
        Whether to wait for another holder to finish.

    Raises
    ------
    OutsideFailed
        Retryable, if another process holds it and `waits` is False.
    """
    with path.open("ab") as file:
        try:
            _take(file, waits=waits)
        except OSError as exc:
            raise OutsideFailed(
                path.parent.name or str(path.parent),
                f"another process is {deed} it",
                "one at a time",
                "try again when it has finished",
                is_retryable=True,
            ) from exc
        yield
