"""Axes: from data to places on the paper, with round ticks."""

import math
from collections.abc import Callable
from datetime import UTC, datetime

Span = tuple[float, float]
Scale = Callable[[float], float]


def linear(data: Span, paper: Span) -> Scale:
    """Return the map from a span of the data to one of the paper; no span maps to the middle.

    Examples
    --------
    >>> linear((0.0, 10.0), (100.0, 200.0))(2.5)
    125.0
    """
    (low, high), (start, end) = data, paper
    if high == low:
        return lambda _: (start + end) / 2
    return lambda value: start + (value - low) / (high - low) * (end - start)


def round_ticks(data: Span, n_about: int = 5) -> list[float]:
    """Return round values within the span, about `n_about` of them.

    Examples
    --------
    >>> round_ticks((0.66, 1.01))
    [0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0]
    >>> round_ticks((0.0, 42.0))
    [0.0, 10.0, 20.0, 30.0, 40.0]
    """
    low, high = data
    if not high > low:
        return [low]
    rough = (high - low) / max(n_about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = min((m * power for m in (1, 2, 5, 10)), key=lambda s: abs(s - rough))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def time_ticks(start_at: datetime, end_at: datetime, n_most: int = 8) -> list[tuple[datetime, str]]:
    """Return points in time with their words: years, months or days as the span asks.

    Examples
    --------
    >>> from datetime import timedelta
    >>> start = datetime(2024, 3, 1, tzinfo=UTC)
    >>> [words for _, words in time_ticks(start, start + timedelta(days=1000))]
    ['2025', '2026']
    """
    n_days = (end_at - start_at).total_seconds() / 86_400
    if n_days > 700:
        years = range(start_at.year + 1, end_at.year + 1)
        step = math.ceil(len(years) / n_most) or 1
        return [(datetime(y, 1, 1, tzinfo=UTC), str(y)) for y in years[::step]]
    if n_days > 60:
        months = range(start_at.year * 12 + start_at.month, end_at.year * 12 + end_at.month)
        step = math.ceil(len(months) / n_most) or 1
        moments = [datetime(m // 12, m % 12 + 1, 1, tzinfo=UTC) for m in months[::step]]
        return [(moment, f"{moment:%Y-%m}") for moment in moments]
    n_ticks = max(min(n_most // 2, int(n_days) + 1), 2)
    form = "%m-%d" if n_days > 2 else "%d %H:%M"
    between = (end_at - start_at) / n_ticks
    return [(start_at + between * k, f"{start_at + between * k:{form}}") for k in range(n_ticks)]
