"""One battery's telemetry out of a lake, as a source."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from batteryloop.errors import NotKnown, OptionWrong
from batteryloop.record import BatteryIdentity
from batteryloop.storage import kind_of, open_lake
from batteryloop.telemetry import Recording
from batteryloop.telemetry.types import Source
from batteryloop.usecases.ports import Refusal
from batteryloop.wiring.sources import samples_of


@dataclass(frozen=True, slots=True)
class LakeBattery:
    """Gives all samples of one battery in a lake."""

    lake: Path
    battery_id: str

    @property
    def n_parts(self) -> int:
        """One battery is one part."""
        return 1

    def identities(self) -> dict[str, BatteryIdentity]:
        """Return nothing: who it is, the record says."""
        return {}

    def recordings(self) -> Iterator[Recording | Refusal]:
        """Yield its samples.

        Raises
        ------
        NotKnown
            If there are none.
        """
        frame = samples_of(self.lake, self.battery_id)
        files = [entry for entry in open_lake(self.lake).files() if self.battery_id in entry.rows]
        if frame.is_empty() or not files:
            raise NotKnown(
                f"telemetry of {self.battery_id}", "not in the lake",
                next_step="import it with `batteryloop telemetry import`",
            )  # fmt: skip
        source = Source(
            name=self.lake.name,
            format="batteryloop-lake",
            sha256=files[0].sha256 if len(files) == 1 else "",
            is_time_relative=all(entry.is_time_relative for entry in files),
            is_simulated=any(entry.is_simulated for entry in files),
            metadata={"files": ", ".join(entry.name for entry in files)},
        )
        yield Recording(frame, source)


def lake_battery(lake: Path | None, battery_id: str) -> LakeBattery:
    """Return the source of one battery.

    Raises
    ------
    OptionWrong
        If there is no lake.
    """
    if lake is None or not kind_of(lake):
        raise OptionWrong(
            "lake", "none", "the setting `lake`, a lake of telemetry", "ask whoever runs the server"
        )
    return LakeBattery(lake, battery_id)
