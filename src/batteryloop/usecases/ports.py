"""What the use cases need from outside; storage, readers and wiring fulfil it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

import polars as pl

from batteryloop.errors import BatteryloopError
from batteryloop.health.warning import WatchState
from batteryloop.record import BatteryIdentity
from batteryloop.telemetry import Recording

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a batch left out: the thing, and the error that says why."""

    subject: str
    error: BatteryloopError

    def as_dict(self) -> dict[str, str]:
        """Return the refusal as plain data, for JSON and for tables."""
        return {**self.error.as_dict(), "subject": self.subject}


def only_one(parts: Iterator[T | Refusal]) -> T:
    """Return what was made of the one battery asked about, or raise why nothing was."""
    (made,) = parts
    if isinstance(made, Refusal):
        raise made.error
    return made


class TelemetrySource(Protocol):
    """Gives recordings one at a time, each of one battery or more, whole and sorted."""

    @property
    def n_parts(self) -> int:
        """How many parts it will give, for a progress bar."""

    def recordings(self) -> Iterator[Recording | Refusal]:
        """Yield each part, or the reason why it cannot be read."""

    def identities(self) -> dict[str, BatteryIdentity]:
        """Return what is known of the batteries beforehand, by battery."""


class WatchMemory(Protocol):
    """Keeps what the early warning remembers of each battery from one watch to the next."""

    def recall(self, identity: BatteryIdentity) -> WatchState | None:
        """Return the state that was kept last, None of a battery never watched."""

    def keep(self, state: WatchState) -> None:
        """Keep the state in place of the last."""


class TelemetrySink(Protocol):
    """Takes telemetry in and keeps it."""

    def append(self, frame: pl.DataFrame, *, is_simulated: bool = False) -> None:
        """Keep the frame's rows."""

    def remember(self, identities: dict[str, BatteryIdentity]) -> None:
        """Keep what is known of the batteries."""


class TruthSink(Protocol):
    """Keeps what a simulation knows and no sensor says."""

    def write(self, name: str, table: pl.DataFrame) -> None:
        """Keep one table of the truth."""
