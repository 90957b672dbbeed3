"""One battery's samples at a time, as arrays: how a frame or a lake is fed to the kernels."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from batteryloop.errors import InputWrong
from batteryloop.telemetry.frame import TIME

Array = NDArray[np.float64]
Scratch = dict[str, NDArray[Any]]
# Fewer, larger batches: a tenth less CPU over a fleet than Polars' own choice.
_CHUNK_ROWS = 500_000
_MANY_CHANGES = 1000
ABSENT: Array = np.empty(0, np.float64)
ABSENT.setflags(write=False)


@dataclass(frozen=True, slots=True)
class Block:
    """One battery's samples: `time_us`, and arrays of float by name, all of one length.

    `row_first` is the row of the frame, counted from 0, at which the battery begins. A column that
    the frame lacks is an empty array. `rows` are those of the battery that the arrays hold, where
    they do not hold all.
    """

    battery_id: str
    row_first: int
    time_us: NDArray[np.int64]
    columns: Mapping[str, Array]
    rows: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return self.time_us.size


def blocks(
    frame: pl.DataFrame | pl.LazyFrame, columns: Mapping[str, pl.Expr | None]
) -> Iterator[Block]:
    """Yield the frame's batteries one after another, reading only what is asked for.

    A block is good until the next is taken: its memory may then be used again.

    Parameters
    ----------
    frame : polars.DataFrame or LazyFrame
        Sorted by battery and time. A lazy frame is streamed: no more than a few batches and one
        battery are in memory at a time.
    columns : mapping
        Name of the array to the expression that gives it; None for a column that is absent.

    Raises
    ------
    InputWrong
        If a battery's rows are not together: the frame is not sorted.
    """
    wanted = [e.cast(pl.Float64).alias(n) for n, e in columns.items() if e is not None]
    query = frame.lazy().select("battery_id", pl.col("time").cast(TIME).to_physical(), *wanted)
    if isinstance(frame, pl.DataFrame):
        parts: Iterable[pl.DataFrame] = [query.collect()]
    else:
        parts = query.collect_batches(maintain_order=True, chunk_size=_CHUNK_ROWS)
    absent = [name for name, expr in columns.items() if expr is None]
    seen: set[str] = set()
    scratch: Scratch = {}
    row = 0
    for name, pieces in _batteries(parts):
        if name in seen:
            raise InputWrong(
                f"battery {name}",
                "its rows are in two places of the frame",
                "frames sorted by battery and time",
                "sort the frame, or compact the lake",
            )
        seen.add(name)
        block = _block(name, row, pieces, absent, scratch)
        row += len(block)
        yield block


def measured(block: Block, *bridged: str) -> Block:
    """Return the block without the rows that lack a current, the columns `bridged` without holes.

    A hole takes the value known last before it, or at the beginning the first; a column of which
    nothing is known stays so.
    """
    from batteryloop.telemetry.kernels.views import has_hole  # numba is slow to import

    if not any(has_hole(block.columns[name]) for name in ("current_a", *bridged)):
        return block
    columns, rows, time_us = dict(block.columns), block.rows, block.time_us
    for name in bridged:  # first, for a row without current may be the one that has the voltage
        if has_hole(columns[name]):
            given = pl.Series(columns[name])
            known = given.set(~given.is_finite(), None).forward_fill().backward_fill()
            columns[name] = _fixed(known.cast(pl.Float64).to_numpy())
    if has_hole(columns["current_a"]):
        rows = np.flatnonzero(np.isfinite(columns["current_a"]))
        time_us = _fixed(time_us[rows])
        columns = {n: _fixed(a[rows]) if a.size else a for n, a in columns.items()}
    return Block(block.battery_id, block.row_first, time_us, columns, rows)


def _batteries(parts: Iterable[pl.DataFrame]) -> Iterator[tuple[str, list[pl.DataFrame]]]:
    """Yield each battery's name with the slices of `parts` that hold its rows."""
    name: str | None = None
    pieces: list[pl.DataFrame] = []
    for part in parts:
        offset = 0
        for chunk in part.get_column("battery_id").get_chunks():
            bounds = [0, *_changes(chunk), len(chunk)]
            for start, end in pairwise(bounds):
                if end == start:
                    continue
                if pieces and chunk[start] != name:
                    yield str(name), pieces
                    pieces = []
                name = chunk[start]
                pieces.append(part.slice(offset + start, end - start))
            offset += len(chunk)
    if pieces:
        yield str(name), pieces


def _changes(names: pl.Series) -> list[int]:
    """Return the rows at which another name begins; equal neighbours cost a compare of 16 bytes."""
    from batteryloop.telemetry.kernels.views import next_change  # numba is slow to import

    if names.is_empty():  # Arrow may give no buffer at all
        return []
    views = names.to_arrow(compat_level=pl.CompatLevel.newest())
    if names.null_count() or not isinstance(views, pa.StringViewArray):
        return names.ne_missing(names.shift()).arg_true().to_list()[1:]
    words = np.frombuffer(views.buffers()[1], np.uint64).reshape(-1, 2)
    words = words[views.offset : views.offset + len(names)]
    found: list[int] = []
    row = next_change(words, 0)
    for _ in range(_MANY_CHANGES):
        if row == len(names):
            return found
        if names[row] != names[row - 1]:
            found.append(row)
        row = next_change(words, row)
    return names.ne_missing(names.shift()).arg_true().to_list()[1:]


def _block(
    name: str, row: int, pieces: list[pl.DataFrame], absent: list[str], scratch: Scratch
) -> Block:
    arrays = {
        column: _fixed(_joined([piece.get_column(column) for piece in pieces], scratch, column))
        for column in pieces[0].columns[1:]
    }
    return Block(name, row, arrays.pop("time"), {**arrays, **dict.fromkeys(absent, ABSENT)})


def _joined(pieces: list[pl.Series], scratch: Scratch, column: str) -> NDArray[Any]:
    """Return the pieces as one array, in memory that is used again: fresh pages cost more.

    A moment that is not known is taken to be that of the row before, so that nothing flows in it.
    """
    if column == "time" and any(piece.null_count() for piece in pieces):
        known = pl.concat(pieces).forward_fill().backward_fill().fill_null(0)
        return known.to_numpy()
    arrays = [piece.to_numpy() for piece in pieces]
    if len(arrays) == 1:
        return arrays[0]
    size = sum(array.size for array in arrays)
    if column not in scratch or scratch[column].size < size:
        scratch[column] = np.empty(size * 5 // 4, arrays[0].dtype)
    return np.concatenate(arrays, out=scratch[column][:size])


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array, not to be written: a kernel is compiled anew for one that may be."""
    array.setflags(write=False)
    return array
