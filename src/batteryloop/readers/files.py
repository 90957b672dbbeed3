"""Reads one file or many: a batch never dies of one bad file."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from batteryloop.errors import BatteryloopError, FileDamaged, NotTimeSeries
from batteryloop.readers import mapped
from batteryloop.readers.detect import detect, refuse_empty
from batteryloop.readers.formats import FORMATS
from batteryloop.readers.mapping import Mapping
from batteryloop.readers.recording import as_recording
from batteryloop.readers.types import Head, RawTable, cannot_open
from batteryloop.telemetry.types import Recording


def read(path: Path, *, mapping: Mapping | None = None, battery_id: str | None = None) -> Recording:
    """Return a file's samples as a recording; its content, not its name, tells the format.

    Parameters
    ----------
    path : pathlib.Path
        A file a tester, a vehicle or this house wrote.
    mapping : Mapping, optional
        What its columns mean, where the file does not say so itself; no format is looked for then.
    battery_id : str, optional
        Whose file it is; else what the file says, else its name without the ending.

    Returns
    -------
    Recording
        The frame, the source with the file's SHA-256, and the findings.

    Raises
    ------
    FormatUnknown
        If no format recognises it.
    FileDamaged
        If it is empty, broken, or cut short.
    NotTimeSeries
        If it is known and holds no samples over time.
    ColumnMissing
        If time, current or voltage is missing, or a column of the mapping.
    OutsideFailed
        If the system does not let it be read.
    """
    path = Path(path)
    try:
        name, table = _read_table(path, mapping)
        return as_recording(table, path, format_name=name, battery_id=battery_id)
    except BatteryloopError:
        raise
    except OSError as exc:
        raise cannot_open(path, exc) from exc
    # Whatever else a reader meets in a file is the file's fault, and never a traceback.
    except (Exception, pl.exceptions.PanicException) as exc:
        raise _damaged(path, exc) from exc


def read_many(
    paths: Iterable[Path], *, mapping: Mapping | None = None
) -> Iterator[Recording | BatteryloopError]:
    """Yield, for each file, its recording or the error that says why there is none.

    A folder stands for the files in it and below it, in the order of their names; hidden ones
    are passed over.
    """
    for path in paths:
        for file in files_of(Path(path)):
            try:
                yield read(file, mapping=mapping)
            except BatteryloopError as exc:
                yield exc


def files_of(path: Path) -> list[Path]:
    """Return the files that `path` stands for: itself, or those in a folder and below it."""
    if not path.is_dir():
        return [path]
    return sorted(
        file
        for file in path.rglob("*")
        if file.is_file() and not any(p.startswith(".") for p in file.relative_to(path).parts)
    )


def _read_table(path: Path, mapping: Mapping | None) -> tuple[str, RawTable]:
    head = Head.of(path)
    if mapping is not None:
        refuse_empty(head)
        return f"mapped ({mapping.name})", mapped.read(path, mapping)
    chosen = detect(head, FORMATS)
    return chosen.name, chosen.read(path)


def _damaged(path: Path, exc: BaseException) -> BatteryloopError:
    if isinstance(exc, RecursionError):
        return NotTimeSeries(path.name, "is nested too deeply to be a table", "a table of samples")
    first_line = (str(exc).splitlines() or [""])[0][:160]
    return FileDamaged(
        path.name,
        f"cannot be made sense of ({type(exc).__name__}: {first_line})",
        "a whole file of its format",
        "export or copy it again",
    )
