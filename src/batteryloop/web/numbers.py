"""How a number is written on a page: with its interval, and a dash where it is not known."""

import math
from datetime import datetime

# In whatever unit the page writes beside it.
Known = float
Figure = Known | None


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


def figure(value: Known, low: Figure = None, high: Figure = None) -> str:
    """Return a value as exactly as it is known: to the second digit of its interval's width.

    Examples
    --------
    >>> figure(86.4375, 85.2, 87.5), figure(0.00271), figure(31250.0)
    ('86.4', '0.00271', '31,250')
    """
    return f"{value:,.{_decimals(value, low, high)}f}"


def bounds(value: Known, low: Figure, high: Figure) -> str:
    """Return an interval as exactly as `figure` writes its value; nothing where there is none.

    Examples
    --------
    >>> bounds(86.4375, 85.2, 87.5)
    '85.2–87.5'
    """
    if low is None or high is None:
        return ""
    n = _decimals(value, low, high)
    return f"{low:,.{n}f}–{high:,.{n}f}"


def _decimals(value: Known, low: Figure, high: Figure) -> int:
    if low is not None and high is not None and high > low:
        return min(max(1 - math.floor(math.log10(high - low)), 0), 6)
    # Without an interval as it was stated, up to six digits.
    _, _, behind = f"{value:.6g}".partition(".")
    return len(behind) if behind.isdigit() else 6 if "e-" in f"{value:.6g}" else 0


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
