"""The whole charges of a battery, found in its stretches of current and rest."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Testers pause between constant current and constant voltage, to measure resistance.
_SHORT_REST_S = 600.0


class Charge(NamedTuple):
    """A charge: when it began, its rows, and their times as if it had gone on through its rests."""

    started_at: datetime
    row: NDArray[np.int64]
    time_s: Array


def charges_of(stretches: pl.DataFrame, time_s: Array) -> Iterator[Charge]:
    """Yield each charge; a rest of up to ten minutes on its way does not end it and is cut out.

    Parameters
    ----------
    stretches : polars.DataFrame
        From `telemetry.segments`, of one battery.
    time_s : NDArray of float64
        Of every row that the stretches count [s], shape (n,).
    """
    parts: list[tuple[datetime, int, int]] = []
    is_open = True
    columns = ("kind", "start_at", "duration_s", "is_after_gap", "row_first", "row_last")
    for kind, start_at, duration_s, is_after_gap, first, last in stretches.select(columns).rows():
        if parts and (is_after_gap or not is_open or kind == "discharge"):
            yield _joined(parts, time_s)
            parts = []
        if kind == "charge":
            parts.append((start_at, first, last))
        is_open = kind == "charge" or (kind == "rest" and duration_s <= _SHORT_REST_S)
    if parts:
        yield _joined(parts, time_s)


def _joined(parts: list[tuple[datetime, int, int]], time_s: Array) -> Charge:
    rows = [np.arange(first, last + 1) for _, first, last in parts]
    moments = [time_s[rows[0]]]
    for part in rows[1:]:
        before = moments[-1]
        interval = before[-1] - before[-2] if before.size > 1 else 1.0
        moments.append(time_s[part] - time_s[part[0]] + before[-1] + interval)
    return Charge(parts[0][0], np.concatenate(rows), np.concatenate(moments))
