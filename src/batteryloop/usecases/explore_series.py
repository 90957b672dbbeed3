"""Look at a battery's series: so many points as a screen shows, and no peak lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from batteryloop.quantities import quantity

# A pause this long, and so many usual steps, is a gap and not slow sampling.
_GAP_S, _GAP_STEPS = 1_800.0, 10.0
SHOWN = ("voltage_v", "current_a", "soc_frac", "temperature_max_degc", "temperature_degc")


@dataclass(frozen=True, slots=True)
class Series:
    """Columns of equal length: `time` in seconds since 1970, the others in their own unit."""

    columns: dict[str, list[float | None]]
    n_rows: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, with unit and meaning of each column."""
        names = [name for name in self.columns if name != "time"]
        return {
            "columns": self.columns,
            "units": {name: quantity(name).unit for name in names},
            "labels": {name: quantity(name).meaning for name in names},
            "n_rows": self.n_rows,
        }


def explore_series(
    frame: pl.DataFrame, *, n_points: int = 2000, columns: Sequence[str] = SHOWN
) -> Series:
    """Return a frame thinned to about `n_points` rows, least and greatest of each stretch kept.

    Parameters
    ----------
    frame : polars.DataFrame
        Telemetry of one battery, sorted by time.
    n_points : int, default 2000
        Points wanted; a shorter frame is returned as it is.
    columns : sequence of str
        Which of its columns; those that it has not are left out.

    Examples
    --------
    >>> from datetime import UTC, datetime, timedelta
    >>> times = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=k) for k in range(1000)]
    >>> volts = [3.7] * 1000
    >>> volts[500] = 4.4
    >>> series = explore_series(pl.DataFrame({"time": times, "voltage_v": volts}), n_points=20)
    >>> len(series.columns["time"]), max(series.columns["voltage_v"])
    (20, 4.4)
    """
    names = [n for n in columns if n in frame.columns and frame[n].null_count() < frame.height]
    wanted = frame.select(pl.col("time").dt.epoch("us") / 1e6, *names)
    if wanted.height > n_points:
        wanted = _thinned(wanted, names, n_stretches=max(n_points // 2, 1))
    wanted = _broken_at_gaps(wanted, names)
    return Series({name: wanted[name].to_list() for name in ("time", *names)}, frame.height)


def _broken_at_gaps(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the rows with one that says nothing in each gap, so that no line is drawn over it."""
    step = pl.col("time").diff()
    usual_s = frame.select(step.median()).item() or 0.0
    after = frame.filter(step > max(_GAP_STEPS * usual_s, _GAP_S))
    nothing = after.select(pl.col("time") - 1e-3, *(pl.lit(None).alias(n) for n in names))
    return pl.concat([frame, nothing.cast(frame.schema)]).sort("time", maintain_order=True)


def _thinned(frame: pl.DataFrame, names: Sequence[str], *, n_stretches: int) -> pl.DataFrame:
    """Return two rows for each stretch: the least of every column, then the greatest."""
    stretch = (pl.int_range(pl.len()) * n_stretches // pl.len()).alias("_stretch")
    grouped = frame.with_columns(stretch).group_by("_stretch", maintain_order=True)
    edges = grouped.agg(
        pl.col("time").first().alias("_first"),
        pl.col("time").last().alias("_last"),
        *(pl.col(n).min().alias(f"{n}_least") for n in names),
        *(pl.col(n).max().alias(f"{n}_most") for n in names),
    )
    least = edges.select(
        pl.col("_first").alias("time"), *(pl.col(f"{n}_least").alias(n) for n in names)
    )
    most = edges.select(
        ((pl.col("_first") + pl.col("_last")) / 2).alias("time"),
        *(pl.col(f"{n}_most").alias(n) for n in names),
    )
    return pl.concat([least, most]).sort("time", maintain_order=True)
