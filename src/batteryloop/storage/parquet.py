"""The lake's Parquet files: written with what they hold in their foot, read with a named error."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from uuid import uuid4

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from batteryloop.errors import FileDamaged
from batteryloop.storage.durable import flush, outside
from batteryloop.storage.entry import SCHEMA_VERSION, Entry
from batteryloop.telemetry.frame import COLUMNS, dtype_of

IS_SIMULATED = "batteryloop_is_simulated"
_VERSION = "batteryloop_schema_version"
_ENTRY = "batteryloop_entry"
_ROWS_OF_GROUP = 256 * 1024
_ZSTD_LEVEL = 3
RESTORE = "restore it from a copy, or import its batteries again"


def write_samples(
    frame: pl.DataFrame, root: Path, folder: str, *, is_simulated: bool, is_whole: bool
) -> Entry:
    """Write a telemetry frame as a new file under `root` and return what it holds.

    The name is new and says whether the samples are measured or simulated; so does the foot of
    the file, under the key `batteryloop_is_simulated`. Until a ledger lists it, nobody reads it.

    Raises
    ------
    OutsideFailed
        If the disk refuses.
    """
    kind = "SIMULATED" if is_simulated else "measured"
    name = f"{folder}/{kind}-{uuid4().hex}.parquet"
    span = frame.select(pl.col("time").min().alias("first"), pl.col("time").max().alias("last"))
    entry = Entry(
        name=name,
        rows=dict(frame.group_by("battery_id").len().sort("battery_id").iter_rows()),
        columns=tuple(frame.columns),
        first_at=span.item(0, "first"),
        last_at=span.item(0, "last"),
        is_simulated=is_simulated,
        is_whole=is_whole,
    )
    path = root / name
    with outside(path.name):
        path.parent.mkdir(parents=True, exist_ok=True)
        foot = {
            IS_SIMULATED: "true" if is_simulated else "false",
            _VERSION: str(SCHEMA_VERSION),
            _ENTRY: entry.as_json(),
        }
        pq.write_table(
            _quick_to_decode(frame).replace_schema_metadata(foot),
            path,
            compression="zstd",
            compression_level=_ZSTD_LEVEL,
            row_group_size=_ROWS_OF_GROUP,
        )
        flush(path)
        flush(path.parent)
        return replace(entry, n_bytes=path.stat().st_size, sha256=sha256_of(path))


def _quick_to_decode(frame: pl.DataFrame) -> pa.Table:
    """Return the frame for Arrow to write: lists in which no reading is missing say so.

    Arrow keeps repeated readings in a dictionary, Polars does not. Both together take a third
    off the time that lists of cell voltages take to decode, at about the same size.
    """
    table = frame.to_arrow()
    fields = []
    for field, column in zip(table.schema, table.columns, strict=True):
        is_list = pa.types.is_large_list(field.type)
        if is_list and all(chunk.values.null_count == 0 for chunk in column.chunks):
            reading = field.type.value_field.with_nullable(False)
            fields.append(field.with_type(pa.large_list(reading)))
        else:
            fields.append(field)
    return table.cast(pa.schema(fields))


def sha256_of(path: Path) -> str:
    """Return the file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def described(root: Path, name: str) -> Entry:
    """Return what the file `name` holds, from its foot, or by counting if others wrote it.

    Raises
    ------
    FileDamaged
        If it is no Parquet file or has no battery and time.
    """
    path = root / name
    with sensibly(name):
        foot = pl.read_parquet_metadata(path)
        if _ENTRY in foot:
            entry = Entry.from_json(foot[_ENTRY], subject=name)
            return replace(entry, name=name, n_bytes=path.stat().st_size)
        frame = pl.read_parquet(path, columns=["battery_id", "time"])
        columns = tuple(c for c in COLUMNS if c in pl.read_parquet_schema(path))
        times = frame.get_column("time")
        return Entry(
            name=name,
            rows=dict(frame.group_by("battery_id").len().sort("battery_id").iter_rows()),
            columns=columns,
            first_at=times.min(),  # type: ignore[arg-type]
            last_at=times.max(),  # type: ignore[arg-type]
            n_bytes=path.stat().st_size,
            is_simulated=foot.get(IS_SIMULATED) == "true",
        )


def scanned(
    root: Path,
    entries: Sequence[Entry],
    *,
    battery_ids: Sequence[str] | None = None,
    start_at: datetime | None = None,
    end_at: datetime | None = None,
    schema: dict[str, pl.DataType] | None = None,
) -> pl.LazyFrame:
    """Return the samples of `entries` together, a column that a file has not as null.

    From `start_at` on and before `end_at`, of `battery_ids` where given; with the columns of
    `schema`, else with those that any of the files has.
    """
    schema = schema or schema_of(entries)
    if not entries:
        return pl.LazyFrame(schema=schema)
    lazy = pl.scan_parquet(
        [root / entry.name for entry in entries],
        schema=schema,
        missing_columns="insert",
        glob=False,
    )
    if battery_ids is not None:
        lazy = lazy.filter(pl.col("battery_id").is_in(list(battery_ids)))
    if start_at is not None:
        lazy = lazy.filter(pl.col("time") >= start_at)
    if end_at is not None:
        lazy = lazy.filter(pl.col("time") < end_at)
    return lazy


def check(root: Path, entry: Entry) -> None:
    """Look whether a file is as it was written: by its SHA-256, or else by reading it.

    Raises
    ------
    FileDamaged
        If it is missing, has other bytes, or cannot be read.
    """
    path = root / entry.name
    if not path.exists():
        raise FileDamaged(entry.name, "is missing", "", RESTORE)
    with sensibly(entry.name):
        if not entry.sha256:
            scanned(root, [entry]).collect()
        elif sha256_of(path) != entry.sha256:
            raise FileDamaged(entry.name, "has other bytes than were written", "", RESTORE)


def schema_of(entries: Sequence[Entry]) -> dict[str, pl.DataType]:
    """Return the columns that any of `entries` has, in the order of the telemetry frame."""
    present = {name for entry in entries for name in entry.columns}
    if not entries:
        present = {"battery_id", "time", "current_a", "voltage_v"}
    return {name: dtype_of(name) for name in COLUMNS if name in present}


@contextmanager
def sensibly(name: str) -> Iterator[None]:
    """Turn whatever a broken Parquet file provokes into `FileDamaged`; a missing one stays so."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as exc:
        first_line = (str(exc).splitlines() or [type(exc).__name__])[0][:160]
        raise FileDamaged(
            name,
            f"cannot be read ({first_line})",
            "a whole Parquet file",
            RESTORE,
        ) from exc
