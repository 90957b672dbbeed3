"""Where telemetry comes from: files and folders of them, or a lake."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

import polars as pl

from batteryloop.errors import BatteryloopError, FileDamaged, PathMissing
from batteryloop.health.open_circuit.curve import OcvCurve, ocv_from_table
from batteryloop.readers import read
from batteryloop.readers.files import files_of
from batteryloop.readers.mapping import Mapping
from batteryloop.record import BatteryIdentity
from batteryloop.storage import Lake, kind_of, open_lake
from batteryloop.telemetry import Recording
from batteryloop.telemetry.join import join
from batteryloop.usecases.ports import Refusal, TelemetrySource
from batteryloop.usecases.read_telemetry import batteries_of


@dataclass(frozen=True, slots=True)
class FileSource:
    """Telemetry in files; a battery that is spread over several comes out whole."""

    files: tuple[Path, ...]
    mapping: Mapping | None = None

    @property
    def n_parts(self) -> int:
        """How many files there are."""
        return len(self.files)

    def identities(self) -> dict[str, BatteryIdentity]:
        """Files of testers do not say whose they are."""
        return {}

    def recordings(self) -> Iterator[Recording | Refusal]:
        """Yield each battery whole, and each file that cannot be read with its error."""
        by_battery: dict[str, list[Recording]] = {}
        for file in self.files:
            try:
                recording = read(file, mapping=self.mapping)
            except BatteryloopError as error:
                yield Refusal(file.name, error)
                continue
            if self.n_parts == 1:
                yield recording
                return
            for battery_id, part in batteries_of(recording):
                by_battery.setdefault(battery_id, []).append(part)
        for parts in by_battery.values():
            yield join(parts)


@dataclass(frozen=True, slots=True)
class ManySources:
    """Several sources, one after another."""

    parts: tuple[TelemetrySource, ...]

    @property
    def n_parts(self) -> int:
        """How many parts they have together."""
        return sum(part.n_parts for part in self.parts)

    def identities(self) -> dict[str, BatteryIdentity]:
        """Return what they know, the later over the earlier."""
        return {name: who for part in self.parts for name, who in part.identities().items()}

    def recordings(self) -> Iterator[Recording | Refusal]:
        """Yield what each gives."""
        for part in self.parts:
            yield from part.recordings()


def telemetry_source(paths: Sequence[Path], *, mapping: Path | None = None) -> TelemetrySource:
    """Return a source for what a person named: files, folders of files, lakes, in any mixture.

    Raises
    ------
    PathMissing
        If a path is not there, or a folder is empty.
    OptionWrong
        If the mapping is not one.
    """
    for path in paths:
        if not path.exists():
            raise _missing(path)
    lakes = [path for path in paths if kind_of(path)]
    files = [file for path in paths if path not in lakes for file in files_of(path)]
    if not files and not lakes:
        raise PathMissing(
            ", ".join(map(str, paths)), "holds no file", "files of telemetry", "check the folder"
        )
    known = Mapping.load(mapping) if mapping else None
    sources: list[TelemetrySource] = [open_lake(path) for path in lakes]
    if files:
        sources.append(FileSource(tuple(files), known))
    return sources[0] if len(sources) == 1 else ManySources(tuple(sources))


def new_lake(path: Path, *, is_delta: bool = False) -> Lake:
    """Return the lake at `path`, made if need be.

    Raises
    ------
    OptionWrong
        If the folder holds other things, the lake is of the other kind, or Delta is not installed.
    """
    return open_lake(path, kind="delta" if is_delta else None)


def samples_of(
    lake: Path | None,
    battery_id: str,
    *,
    start_at: datetime | None = None,
    end_at: datetime | None = None,
    n_most: int | None = None,
) -> pl.DataFrame:
    """Return a battery's samples in a lake, sorted by time; none where there is no lake.

    Parameters
    ----------
    lake : Path or None
        The lake.
    battery_id : str
        The battery.
    start_at, end_at : datetime, optional
        From when on and before when.
    n_most : int, optional
        Stop after so many.
    """
    if lake is None or not kind_of(lake):
        return pl.DataFrame()
    samples = open_lake(lake).scan([battery_id], start_at=start_at, end_at=end_at)
    return (samples.sort("time") if n_most is None else samples.head(n_most)).collect()


def read_ocv(path: Path) -> OcvCurve:
    """Return the open-circuit curve in a CSV or Parquet file of `soc_frac` and `voltage_v`.

    Raises
    ------
    PathMissing
        If the file is not there.
    FileDamaged
        If it is no table.
    InputWrong
        If it is no curve.
    """
    table = read_table(path, allowed="CSV of soc_frac, voltage_v")
    return ocv_from_table(table, subject=path.name)


def read_table(path: Path, *, allowed: str = "CSV or Parquet") -> pl.DataFrame:
    """Return the table in a CSV or Parquet file.

    Raises
    ------
    PathMissing
        If the file is not there.
    FileDamaged
        If it is no table.
    """
    if not path.exists():
        raise _missing(path)
    return table_in(path.read_bytes(), path.name, allowed=allowed)


def table_in(content: bytes, name: str, *, allowed: str = "CSV or Parquet") -> pl.DataFrame:
    """Return the table that the content of a CSV or Parquet file is.

    Raises
    ------
    FileDamaged
        If it is no table.
    """
    try:
        is_parquet = content[:4] == b"PAR1"
        return pl.read_parquet(BytesIO(content)) if is_parquet else pl.read_csv(BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as exc:
        found = f"is no table ({str(exc).splitlines()[0][:120]})"
        raise FileDamaged(name, found, allowed) from exc


def _missing(path: Path) -> PathMissing:
    return PathMissing(str(path), "is not there", "a file, a folder or a lake", "check the path")
