"""Reads one file or many: a batch never dies of one bad file."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from batteryloop.errors import BatteryloopError, FileDamaged
from batteryloop.readers.detect import detect
from batteryloop.readers.formats import FORMATS
from batteryloop.readers.recording import as_recording
from batteryloop.readers.types import Head, cannot_open
from batteryloop.telemetry.types import Recording


def read(path: Path, *, battery_id: str | None = None) -> Recording:
    """Return the file's samples as a recording, its format found by content."""
    try:
        head = Head.of(path)
        chosen = detect(head, FORMATS)
        return as_recording(chosen.read(path), path, format_name=chosen.name, battery_id=battery_id)
    except BatteryloopError:
        raise
    except OSError as exc:
        raise cannot_open(path, exc) from exc
    except (Exception, pl.exceptions.PanicException) as exc:
        raise _damaged(path, exc) from exc


def read_many(paths: Iterable[Path]) -> Iterator[Recording | BatteryloopError]:
    """Yield, for each file, its recording or the error that says why there is none."""
    for path in paths:
        try:
            yield read(path)
        except BatteryloopError as exc:
            yield exc


def _damaged(path: Path, exc: BaseException) -> FileDamaged:
    first_line = (str(exc).splitlines() or [""])[0][:160]
    return FileDamaged(
        path.name,
        f"cannot be made sense of ({type(exc).__name__}: {first_line})",
        "a whole file of its format",
        "export or copy it again",
    )
