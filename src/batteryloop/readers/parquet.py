"""Columns of a Parquet file, and the refusal of one that is broken."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from batteryloop.errors import FileDamaged
from batteryloop.readers.headers import Column, understand
from batteryloop.readers.types import Format, Head, RawTable

_MAGIC = b"PAR1"


def names_of(head: Head) -> tuple[str, ...]:
    """Return the column names of a Parquet file, or none if it is no such file or broken."""
    if not head.start.startswith(_MAGIC):
        return ()
    try:
        return tuple(pl.read_parquet_schema(head.path))
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return ()


def columns_of(head: Head, dialect: str = "") -> tuple[Column, ...]:
    """Return the columns of a Parquet file that are understood."""
    return understand(names_of(head), dialect)


def read_columns(path: Path, columns: Sequence[Column]) -> pl.DataFrame:
    """Return the values of `columns`, each under its quantity's name."""
    names = names_of(Head.of(path))
    frame = pl.read_parquet(path, columns=[names[c.index] for c in columns], use_statistics=False)
    return frame.select(pl.col(names[c.index]).alias(c.name) for c in columns)


def _is_broken(head: Head) -> bool:
    return head.start.startswith(_MAGIC) and not names_of(head)


def _refuse(path: Path) -> RawTable:
    raise FileDamaged(
        path.name,
        "begins as a Parquet file and cannot be opened as one",
        "a whole Parquet file",
        "copy it again",
    )


BROKEN = Format("parquet-broken", "broken Parquet", _is_broken, _refuse, is_read=False)
