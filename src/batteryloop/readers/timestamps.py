"""How testers write dates, times of day and spans of time."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from batteryloop.readers.numbers import finite, plain_text

_DATES_MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y")
_DATES_DAY_FIRST = ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y")
_DATES_PLAIN = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d-%b-%y", "%d-%b-%Y", "%d %b %Y", "%Y%m%d")
_CLOCKS = (
    " %H:%M:%S%.f",
    "T%H:%M:%S%.f",
    " %I:%M:%S%.f %p",
    " %H:%M",
    " %I:%M %p",
    "-%H:%M:%S%.f",
    "",  # a date alone: the day's beginning
)
_ZONES = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z")

PLAIN = tuple(d + c for d in _DATES_PLAIN for c in _CLOCKS)
MONTH_FIRST = tuple(d + c for d in _DATES_MONTH_FIRST for c in _CLOCKS)
DAY_FIRST = tuple(d + c for d in _DATES_DAY_FIRST for c in _CLOCKS)
ALL = (*PLAIN, *MONTH_FIRST, *DAY_FIRST)

_CLOCK = r"^-?(?:(\d+)\s*(?:d|days?|[:.])?[\s,:]+)?(\d+):(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)$"
_CLOCK_SHORT = r"^(\d+):(\d{1,2}(?:[.,]\d+)?)$"


def parse_stamps(texts: pl.Series) -> tuple[pl.Series, bool, bool]:
    """Return the moments written in `texts`, whether a zone was written, whether the order is sure.

    Where day and month could change places, the order is taken in which time does not run
    backwards; if that does not decide either, a month comes before the day with `/` and `-`.

    Returns
    -------
    times : polars.Series
        datetime[us], UTC where a zone was written, else without zone; null where unreadable.
    has_zone : bool
        Whether the texts name their zone.
    is_order_sure : bool
        Whether day and month cannot be mistaken for one another.

    Examples
    --------
    >>> parse_stamps(pl.Series(["23-Nov-23 3:56:08 PM"]))[0].to_list()
    [datetime.datetime(2023, 11, 23, 15, 56, 8)]
    >>> parse_stamps(pl.Series(["05/13/2024 11:19:51.602"]))[0].dt.month().to_list()
    [5]
    """
    bare = plain_text(texts).str.replace(r",(\d{1,6})$", ".$1")
    sample = _sample(bare)
    if sample.is_empty():
        return pl.Series(texts.name, [None] * len(texts), dtype=pl.Datetime("us")), False, True
    share = _n_read(sample, (*_ZONES, *ALL))
    for form in _ZONES:
        if share.pop(form) >= 0.9 * len(sample):
            return _read(bare, form), True, True
    best = max(share.values())
    if best < 0.5 * len(sample):
        return pl.Series(texts.name, [None] * len(texts), dtype=pl.Datetime("us")), False, True
    forms = [form for form in ALL if share[form] == best]
    if len(forms) == 1 or forms[0] in PLAIN:
        return _read(bare, forms[0]), False, True
    read = {form: _read(bare, form) for form in forms}
    rising = [f for f in forms if _never_falls(read[f])]
    if len(rising) == 1:
        return read[rising[0]], False, True
    chosen = min(rising or forms, key=lambda f: (_span_s(read[f]), forms.index(f)))
    return read[chosen], False, all(read[chosen].equals(read[f]) for f in forms)


def parse_moment(text: str) -> datetime | None:
    """Return the one moment written in `text`, without zone, or None.

    Examples
    --------
    >>> parse_moment("19.06.2023 17:56:53")
    datetime.datetime(2023, 6, 19, 17, 56, 53)
    """
    times, _, _ = parse_stamps(pl.Series([text]))
    moment = times.dt.replace_time_zone(None)[0]
    return moment if isinstance(moment, datetime) else None


def parse_spans_s(texts: pl.Series) -> pl.Series:
    """Return the spans written in `texts` as clocks, in seconds [s]; null where none.

    Reads `1:02:03.5`, `0d 01:02:03.50`, `1 days 02:03:04`, `1:02:03:04` and `02:03`.

    Examples
    --------
    >>> parse_spans_s(pl.Series(["0d 00:01:00.50", "144:01:18", "1:00:00:01", "02:03"])).to_list()
    [60.5, 518478.0, 86401.0, 123.0]
    """
    frame = plain_text(texts).str.replace(r",(\d+)$", ".$1").to_frame("x")
    long = pl.col("x").str.extract_groups(_CLOCK)
    short = pl.col("x").str.extract_groups(_CLOCK_SHORT)

    def part(groups: pl.Expr, field: str, scale_s: float) -> pl.Expr:
        return groups.struct.field(field).cast(pl.Float64, strict=False) * scale_s

    whole = (
        part(long, "1", 86400.0).fill_null(0.0)
        + part(long, "2", 3600.0)
        + part(long, "3", 60.0)
        + part(long, "4", 1.0)
    )
    brief = part(short, "1", 60.0) + part(short, "2", 1.0)
    return frame.select(pl.coalesce(whole, brief)).to_series().alias(texts.name)


def stamps_from_numbers(numbers: pl.Series, unit: str = "") -> pl.Series | None:
    """Return moments from numbers: Unix seconds or milliseconds, MATLAB or spreadsheet days.

    Without `unit` the size of the numbers tells which; None if they can be none of these.

    Examples
    --------
    >>> stamps_from_numbers(pl.Series([737791.5]), "datenum").to_list()
    [datetime.datetime(2020, 1, 1, 12, 0)]
    >>> stamps_from_numbers(pl.Series([1494377253.17])).dt.year().to_list()
    [2017]
    """
    values = finite(numbers.cast(pl.Float64))
    middle = values.median()
    if not isinstance(middle, float):
        return None
    if unit == "datenum" or (not unit and 6e5 < middle < 9e5):
        since_s = (values - 719529.0) * 86400.0
    elif not unit and 2e4 < middle < 8e4:
        since_s = (values - 25569.0) * 86400.0
    elif unit == "ms" or 1e11 < middle < 1e13:
        since_s = values / 1e3
    elif unit == "us" or 1e14 < middle < 1e16:
        since_s = values / 1e6
    elif unit == "ns" or 1e17 < middle < 1e19:
        since_s = values / 1e9
    elif 1e8 < middle < 1e11:
        since_s = values
    else:
        return None
    within = pl.when(pl.col("x").abs() < 1e11).then(pl.col("x"))
    return (
        since_s.to_frame("x")
        .select((within * 1e6).round().cast(pl.Int64, strict=False).cast(pl.Datetime("us")))
        .to_series()
        .alias(numbers.name)
    )


def _sample(bare: pl.Series) -> pl.Series:
    known = bare.drop_nulls()
    return known.gather_every(max(1, len(known) // 200))


def _as(form: str) -> pl.Expr:
    return pl.col("x").str.to_datetime(form, strict=False, exact=True, time_unit="us")


def _read(bare: pl.Series, form: str) -> pl.Series:
    return bare.to_frame("x").select(_as(form)).to_series().alias(bare.name)


def _n_read(sample: pl.Series, forms: Sequence[str]) -> dict[str, int]:
    """Return how many of `sample` each form reads as a moment of our times."""
    counted = sample.to_frame("x").select(
        _as(form).dt.year().is_between(1980, 2100).sum().alias(form) for form in forms
    )
    return {form: int(n or 0) for form, n in counted.row(0, named=True).items()}


def _never_falls(times: pl.Series) -> bool:
    known = times.drop_nulls()
    return known.is_sorted()


def _span_s(times: pl.Series) -> float:
    low, high = times.min(), times.max()
    if isinstance(low, datetime) and isinstance(high, datetime):
        return (high - low).total_seconds()
    return float("inf")
