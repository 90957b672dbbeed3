"""The records of this room: the head of a file, a format, and the raw table that a format reads."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Self

import polars as pl

from batteryloop.errors import OutsideFailed
from batteryloop.readers.encoding import decode_head
from batteryloop.telemetry.types import Finding, Severity

HEAD_SIZE = 64 * 1024


@dataclass(frozen=True, eq=False)
class Head:
    """A file's name, its size and its first 64 KiB: all that a format may look at to know it.

    Examples
    --------
    >>> head = Head(Path("a.csv"), 12, b"Test Time / s,Voltage / V")
    >>> head.lines
    ('Test Time / s,Voltage / V',)
    """

    path: Path
    size: int
    start: bytes

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return the head of the file at `path`.

        Raises
        ------
        OutsideFailed
            If the file cannot be opened.
        """
        try:
            with path.open("rb") as file:
                start = file.read(HEAD_SIZE)
            return cls(path, path.stat().st_size, start)
        except OSError as exc:
            raise cannot_open(path, exc) from exc

    @property
    def name(self) -> str:
        """The file's name, for sentences."""
        return self.path.name

    @property
    def is_whole(self) -> bool:
        """Whether the head is the whole file."""
        return self.size <= len(self.start)

    @cached_property
    def text(self) -> str:
        """The head as text, or nothing where it is binary."""
        return decode_head(self.start)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines of the head; the last may be cut short by the head's end."""
        return tuple(self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


@dataclass(frozen=True, slots=True)
class RawTable:
    """What a format read: columns by the names of `quantities.csv`, in the file's order.

    `frame` has `time` or `elapsed_s` or both, and may have columns that the telemetry frame does
    not keep (`step_time_s`). Counters may restart. Current is positive on charge already. Where
    the file holds several batteries the frame has a `battery_id` column.
    The findings' rows count the frame's rows; their `battery_id` is filled in afterwards.
    """

    frame: pl.DataFrame
    metadata: dict[str, str] = field(default_factory=dict)
    start_at: datetime | None = None
    findings: tuple[Finding, ...] = ()
    battery_id: str = ""
    is_simulated: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: how it is known by its content, and how it is read.

    `recognises` looks at content only, never at the name, and never raises.
    `read` raises `FileDamaged` or `NotTimeSeries`; anything else it lets slip becomes
    `FileDamaged` in `readers.read`. Where `is_read` is False it is known in order to be refused:
    `read` always raises, with the reason.
    """

    name: str
    title: str
    recognises: Callable[[Head], bool]
    read: Callable[[Path], RawTable]
    is_read: bool = True


def noticed(
    rule: str,
    found: str,
    next_step: str = "",
    *,
    severity: Severity = "warning",
    row_first: int | None = None,
    row_last: int | None = None,
    n_rows: int = 0,
) -> Finding:
    """Return a finding of a reader; which battery it is about is filled in by `readers.read`."""
    return Finding(rule, severity, "", found, next_step, row_first, row_last, n_rows)


def cannot_open(path: Path, exc: OSError) -> OutsideFailed:
    """Return the error for a file that the system would not open or read."""
    return OutsideFailed(
        path.name or str(path),
        f"cannot be read ({exc.strerror or type(exc).__name__})",
        next_step="check the path, the rights and the disk",
        is_retryable=not isinstance(exc, FileNotFoundError | IsADirectoryError | PermissionError),
    )
