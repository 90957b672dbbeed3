"""Moments as VC 2.0 (dateTimeStamp) and JSON Web Tokens (seconds) write them."""

import re
from datetime import UTC, datetime

_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
                    r"(Z|[+-][0-9]{2}:[0-9]{2})")  # fmt: skip


def stamp(at: datetime) -> str:
    """Return the moment as a dateTimeStamp, whole seconds, UTC.

    Examples
    --------
    >>> stamp(datetime(2026, 11, 25, 8, 30, tzinfo=UTC))
    '2026-11-25T08:30:00Z'
    """
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def moment(value: object) -> datetime | None:
    """Return the moment that a dateTimeStamp or a number of seconds says; None if it says none.

    Examples
    --------
    >>> moment("2026-11-25T08:30:00+01:00").isoformat()
    '2026-11-25T07:30:00+00:00'
    >>> moment("2026-11-25") is None, moment(True) is None
    (True, True)
    """
    try:
        if isinstance(value, str) and _STAMP.fullmatch(value):
            return datetime.fromisoformat(value).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None
