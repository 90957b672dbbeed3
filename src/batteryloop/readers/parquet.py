"""Columns of a Parquet file, and the refusal of one that is broken.

Arrow decodes here, not Polars: on a damaged file it raises, where Polars 2.1 may panic and write
to the terminal past every handler.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from batteryloop.errors import FileDamaged
from batteryloop.readers.headers import Column, understand
from batteryloop.readers.types import Format, Head, RawTable

_MAGIC = b"PAR1"
_BROKEN = (OSError, ValueError, MemoryError, pa.ArrowException)


def names_of(head: Head) -> tuple[str, ...]:
    """Return the column names of a Parquet file, or none if it is no such file or broken."""
    if not head.start.startswith(_MAGIC):
        return ()
    try:
        return tuple(pq.read_schema(head.path).names)
    except _BROKEN:
        return ()


def foot_of(path: Path) -> dict[str, str]:
    """Return what the foot of a Parquet file says beside its columns."""
    said = pq.read_metadata(path).metadata or {}
    return {k.decode("utf-8", "replace"): v.decode("utf-8", "replace") for k, v in said.items()}


def columns_of(head: Head, dialect: str = "") -> tuple[Column, ...]:
    """Return the columns of a Parquet file that are understood."""
    return understand(names_of(head), dialect)


def read_named(path: Path, names: Sequence[str]) -> pl.DataFrame:
    """Return the columns called `names`.

    Raises
    ------
    FileDamaged
        If they cannot be decoded.
    """
    try:
        with pq.ParquetFile(path) as file:
            table = file.read(columns=list(names))
        return pl.DataFrame([_column(table.column(name), name) for name in names])
    except _BROKEN as exc:
        raise _damaged(path, f" ({str(exc).splitlines()[0][:120]})" if str(exc) else "") from exc


def read_columns(path: Path, columns: Sequence[Column]) -> pl.DataFrame:
    """Return the values of `columns`, each under its quantity's name."""
    names = names_of(Head.of(path))
    frame = read_named(path, [names[c.index] for c in columns])
    return frame.select(pl.col(names[c.index]).alias(c.name) for c in columns)


def _column(values: pa.ChunkedArray, name: str) -> pl.Series:
    """Return a column for Polars; a broken name within a nested type raises here, in Python."""
    str(values.type)
    values.validate(full=True)
    series = pl.from_arrow(values)
    assert isinstance(series, pl.Series)
    return series.alias(name)


def _is_broken(head: Head) -> bool:
    return head.start.startswith(_MAGIC) and not names_of(head)


def _damaged(path: Path, why: str = "") -> FileDamaged:
    return FileDamaged(
        path.name,
        f"begins as a Parquet file and cannot be read as one{why}",
        "a whole Parquet file",
        "copy it again",
    )


def _refuse(path: Path) -> RawTable:
    raise _damaged(path)


BROKEN = Format("parquet-broken", "broken Parquet", _is_broken, _refuse, is_read=False)
