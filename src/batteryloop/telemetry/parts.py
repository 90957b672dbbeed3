"""What the kernels found in each battery, gathered into one table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.telemetry.blocks import Block
from batteryloop.telemetry.frame import TIME


@dataclass(frozen=True, slots=True)
class Part:
    """One battery's records, each with a first and a last row, and the moments of those."""

    battery_id: str
    row_first: int
    records: NDArray[Any]
    start_us: NDArray[np.int64]
    end_us: NDArray[np.int64]

    @classmethod
    def of(cls, block: Block, records: NDArray[Any]) -> "Part":
        """Return the part, which holds on to none of the block's samples."""
        start_us = block.time_us[records["row_first"]]
        end_us = block.time_us[records["row_last"]]
        if block.rows is not None:
            records["row_first"] = block.rows[records["row_first"]]
            records["row_last"] = block.rows[records["row_last"]]
        return cls(block.battery_id, block.row_first, records, start_us, end_us)


def gathered(parts: Sequence[Part]) -> pl.DataFrame:
    """Return the records of all parts, with battery, moments, and rows counted in the frame.

    Parameters
    ----------
    parts : sequence of Part
        At least one.

    Returns
    -------
    polars.DataFrame
        The records' fields, `battery_id`, `start_at`, `end_at` and `duration_s`.
    """
    dtype = parts[0].records.dtype
    raw = f"V{dtype.itemsize}"  # numpy compares the fields of every part otherwise
    records = np.concatenate([part.records.view(raw) for part in parts]).view(dtype)
    lengths = [part.records.size for part in parts]
    ids = pl.Series([part.battery_id for part in parts], dtype=pl.String)
    offset = np.repeat([part.row_first for part in parts], lengths)
    start_us = np.concatenate([part.start_us for part in parts])
    end_us = np.concatenate([part.end_us for part in parts])
    fields = {name: np.ascontiguousarray(records[name]) for name in dtype.names or ()}
    fields["row_first"] = fields["row_first"] + offset
    fields["row_last"] = fields["row_last"] + offset
    return pl.DataFrame(fields).with_columns(
        ids.gather(np.repeat(np.arange(len(parts)), lengths)).alias("battery_id"),
        pl.Series("start_at", start_us).cast(pl.Datetime("us")).cast(TIME),
        pl.Series("end_at", end_us).cast(pl.Datetime("us")).cast(TIME),
        pl.Series("duration_s", (end_us - start_us) / 1e6),
    )
