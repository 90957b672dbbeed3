"""The records of this room: a recording is a frame with its source and its findings."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import polars as pl

Severity = Literal["note", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something noticed in the data: which rows, what, by which rule, and what to do about it.

    `row_first` and `row_last` count the frame's rows from 0 and include both ends; None where the
    finding is about the file as a whole.
    """

    rule: str
    severity: Severity
    battery_id: str
    found: str
    next_step: str
    row_first: int | None = None
    row_last: int | None = None
    n_rows: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as plain data, for JSON and for tables."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a frame came from: file, format, and what the file said about itself."""

    name: str
    format: str
    sha256: str = ""
    is_time_relative: bool = False
    is_simulated: bool = False
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recording:
    """A telemetry frame with its source and its findings.

    The frame's columns are those of `telemetry.frame.COLUMNS`, sorted by battery and time.
    """

    frame: pl.DataFrame
    source: Source
    findings: tuple[Finding, ...] = ()

    def with_findings(self, *findings: Finding) -> "Recording":
        """Return the recording with more findings."""
        return replace(self, findings=(*self.findings, *findings))
