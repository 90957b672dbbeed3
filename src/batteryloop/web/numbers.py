"""How a number is written on a page: with its interval, and a dash where it is not known."""

from datetime import datetime

Figure = float | None


def interval(value: Figure, low: Figure, high: Figure, *, decimals: int = 1) -> str:
    """Return a value with its bounds in brackets.

    Examples
    --------
    >>> interval(86.4, 85.2, 87.5)
    '86.4 (85.2–87.5)'
    >>> interval(None, None, None)
    '–'
    """
    if value is None:
        return "–"
    said = f"{value:,.{decimals}f}"
    if low is None or high is None:
        return said
    return f"{said} ({low:,.{decimals}f}–{high:,.{decimals}f})"


def percent(value: Figure, low: Figure = None, high: Figure = None, *, decimals: int = 1) -> str:
    """Return a share as percent, with its bounds where they are known.

    Examples
    --------
    >>> percent(0.864, 0.852, 0.875)
    '86.4 (85.2–87.5)'
    """
    scaled = [None if v is None else 100 * v for v in (value, low, high)]
    return interval(*scaled, decimals=decimals)


def moment(at: datetime | None, *, form: str = "%Y-%m-%d") -> str:
    """Return a point in time, or a dash.

    Examples
    --------
    >>> from datetime import UTC
    >>> moment(datetime(2026, 11, 25, tzinfo=UTC))
    '2026-11-25'
    """
    return "–" if at is None else f"{at:{form}}"


def since(at: datetime, now: datetime) -> str:
    """Return how long ago something was, in the largest unit that fits.

    Examples
    --------
    >>> from datetime import UTC, timedelta
    >>> now = datetime(2026, 11, 25, tzinfo=UTC)
    >>> since(now - timedelta(hours=5), now), since(now - timedelta(days=3), now)
    ('5 h', '3 d')
    """
    n_seconds = (now - at).total_seconds()
    if n_seconds < 5_400:
        return f"{max(n_seconds / 60, 0):.0f} min"
    if n_seconds < 172_800:
        return f"{n_seconds / 3_600:.0f} h"
    return f"{n_seconds / 86_400:.0f} d"
