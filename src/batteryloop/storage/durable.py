"""Files that are wholly there or not at all, also after a loss of power."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from batteryloop.errors import OutsideFailed


def write_whole(path: Path, data: bytes, *, only_if_new: bool = False) -> None:
    """Write a small file in one step: a reader sees the old one, the new one, never a part.

    With `only_if_new` a file that is there already is left as it is.
    """
    passing = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        passing.write_bytes(data)
        flush(passing)
        if only_if_new:
            try:
                os.link(passing, path)
            except FileExistsError:
                pass
            except OSError:  # a file system without hard links
                if not path.exists():
                    passing.replace(path)
        else:
            passing.replace(path)
        flush(path.parent)
    finally:
        passing.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Wait until the file, or the folder's list of names, is on the disk."""
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def outside(subject: str) -> Iterator[None]:
    """Turn what the disk refuses into `OutsideFailed`."""
    try:
        yield
    except OSError as exc:
        raise OutsideFailed(
            subject,
            f"the disk refuses ({exc.strerror or type(exc).__name__})",
            next_step="check the path, the rights and the room on the disk",
            is_retryable=not isinstance(exc, PermissionError | FileNotFoundError),
        ) from exc
