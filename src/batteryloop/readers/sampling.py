"""The moment of each sample, from the two clocks of a tester: elapsed seconds and time of day."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.readers.types import noticed
from batteryloop.telemetry.types import Finding

_TOLERANCE_S = 2.0
_MINUTE_S = 60.0
_DAY_S = 86400.0

Array = NDArray[Any]


def sample_times(elapsed_s: pl.Series, stamps: pl.Series) -> tuple[pl.Series, list[Finding]]:
    """Return the time of each sample from elapsed time and time of day together.

    The time of day says when; the elapsed time, which is finer, says how far apart. Where the
    two part company by more than a step of the time of day, the test was interrupted or the
    elapsed time began anew, and the time of day is taken up again. A time of day that was set
    back while the elapsed time went on is not followed. Where one clock is off in a single row,
    the other one counts there. A time of day that is only a date is the day's beginning, to which
    the elapsed time is added.

    Parameters
    ----------
    elapsed_s : polars.Series
        Shape (n,); may begin anew. [s]
    stamps : polars.Series
        Shape (n,), datetime[us]; null where unreadable.

    Returns
    -------
    times : polars.Series
        Shape (n,), datetime[us]; null where neither clock says anything.
    findings : list of Finding
        A time of day that was set back, single rows in which a clock is off.

    Examples
    --------
    >>> from datetime import datetime
    >>> at = pl.Series([datetime(2024, 1, 1, 0, 0, s) for s in (0, 0, 1)])
    >>> sample_times(pl.Series([0.0, 0.5, 1.0]), at)[0].dt.millisecond().to_list()
    [0, 500, 0]
    """
    since_s = elapsed_s.cast(pl.Float64).to_numpy().astype(float)
    day_us = stamps.cast(pl.Datetime("us")).dt.epoch("us")
    day_s = day_us.cast(pl.Float64).to_numpy().astype(float) / 1e6
    both = np.isfinite(since_s) & np.isfinite(day_s)
    if not both.any():
        return stamps.cast(pl.Datetime("us")), []
    rows = np.flatnonzero(both)
    with np.errstate(all="ignore"):  # a broken number may be as large as numbers get
        day_s[both], since_s[both], off = _mended(day_s[both], since_s[both])
        at, since = day_s[both], since_s[both]
        if np.all(at % _DAY_S == 0) and np.all((since >= 0) & (since < _DAY_S)):
            return _stamps(stamps.name, day_s + since_s), []
        offset, leap, back = _offsets(at, since)
        times = _filled(day_s, since_s, both, offset)
    if np.any(np.diff(times[both]) < 0) and not np.any(np.diff(at) < 0):
        times = np.where(np.isfinite(day_s), day_s, times)
    noted = [*_set_back(rows[back], -float(leap[back].sum())), *_glitches(rows[off])]
    return _stamps(stamps.name, times), noted


def chained_s(step_time_s: pl.Series) -> pl.Series:
    """Return the elapsed time made of step times, each beginning where the last one ended.

    Both in seconds. [s]

    Examples
    --------
    >>> chained_s(pl.Series([0.0, 60.0, 0.0, 30.0])).to_list()
    [0.0, 60.0, 60.0, 90.0]
    """
    filled = step_time_s.cast(pl.Float64).fill_null(strategy="forward").fill_null(0.0)
    step = filled.diff().fill_null(0.0)
    return step.to_frame("d").select(
        pl.when(pl.col("d") < 0).then(pl.lit(filled)).otherwise(pl.col("d")).cum_sum()
    ).to_series().alias("elapsed_s") + (filled[0] if len(filled) else 0.0)


def begins_anew(elapsed_s: pl.Series) -> int:
    """Return how often the elapsed time falls to less than half and goes on from there.

    Examples
    --------
    >>> begins_anew(pl.Series([0.0, 10.0, 20.0, 0.0, 10.0]))
    1
    """
    since = elapsed_s.cast(pl.Float64).drop_nulls().to_frame("s")
    before = pl.col("s").shift()
    falls = (pl.col("s") < before / 2) & (pl.col("s").shift(-1) < before)
    return int(since.select(falls.sum()).item() or 0)


def _stamps(name: str, times_s: Array) -> pl.Series:
    since_us = pl.Series(name, times_s).fill_nan(None) * 1e6
    return since_us.round().cast(pl.Int64, strict=False).cast(pl.Datetime("us"))


def _mended(at: Array, since: Array) -> tuple[Array, Array, Array]:
    """Put right single rows in which one clock disagrees with the rows on both sides."""
    if len(at) < 3:
        return at, since, np.zeros(0, int)
    offset, tolerance = at - since, _step_of(at)
    before, here, after = offset[:-2], offset[1:-1], offset[2:]
    is_off = (
        (np.abs(here - before) > tolerance)
        & (np.abs(after - here) > tolerance)
        & (np.abs(after - before) <= tolerance)
    )
    rows = np.flatnonzero(is_off) + 1
    rises = (since[rows - 1] <= since[rows]) & (since[rows] <= since[rows + 1])
    of_day, of_test = rows[rises], rows[~rises]
    at, since = at.copy(), since.copy()
    at[of_day] = since[of_day] + offset[of_day - 1]
    since[of_test] = at[of_test] - offset[of_test - 1]
    return at, since, rows


def _offsets(at: Array, since: Array) -> tuple[Array, Array, Array]:
    """Return when each sample's elapsed clock stood at zero, how that leaps, and where back."""
    is_anew = np.diff(since, prepend=since[0]) < 0
    offset = at - since
    leap = np.diff(offset, prepend=offset[0])
    tolerance = _step_of(at)
    is_back = (leap < -tolerance) & ~is_anew
    offset = offset - np.cumsum(np.where(is_back, leap, 0.0))
    is_new = is_anew | (leap > tolerance)
    is_new[0] = False
    run = np.cumsum(is_new)
    firsts = np.flatnonzero(is_new | (np.arange(len(offset)) == 0))
    return offset[firsts][run], leap, np.flatnonzero(is_back)


def _step_of(at: Array) -> float:
    """Return how far two clocks may part before they disagree: more than a step of the coarser."""
    is_minutes = np.mean(at % _MINUTE_S == 0) > 0.99
    return _MINUTE_S + _TOLERANCE_S if is_minutes else _TOLERANCE_S


def _filled(day_s: Array, since_s: Array, both: Array, offset: Array) -> Array:
    """Return the times; a sample with one clock only goes by that one."""
    where = np.clip(np.cumsum(both) - 1, 0, None)
    times: Array = offset[where] + since_s
    return np.where(np.isfinite(since_s), times, day_s)


def _set_back(rows: Array, back_s: float) -> list[Finding]:
    if rows.size == 0:
        return []
    return [
        noticed(
            "clock-set-back",
            f"against the elapsed time the time of day falls back {rows.size} times, "
            f"by {back_s:.0f} s in all",
            "nothing: the elapsed time was followed",
            severity="warning" if back_s > _MINUTE_S else "note",
            row_first=int(rows[0]),
            row_last=int(rows[-1]),
            n_rows=int(rows.size),
        )
    ]


def _glitches(rows: Array) -> list[Finding]:
    if rows.size == 0:
        return []
    return [
        noticed(
            "clock-glitch",
            f"in {rows.size} single rows the elapsed time and the time of day disagree with the "
            "rows around them; the clock that fits was taken",
            "look at these rows",
            row_first=int(rows[0]),
            row_last=int(rows[-1]),
            n_rows=int(rows.size),
        )
    ]
