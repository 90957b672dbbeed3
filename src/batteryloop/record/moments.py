"""Points in time as the ledger writes them: one text for one moment, sorting as time does."""

from datetime import UTC, datetime

from batteryloop.errors import ValueOutOfRange


def text_of(moment_at: datetime, *, subject: str = "a time") -> str:
    """Return a moment as text, in UTC to the microsecond.

    Raises
    ------
    ValueOutOfRange
        If it has no time zone.

    Examples
    --------
    >>> text_of(datetime(2026, 3, 1, 12, tzinfo=UTC))
    '2026-03-01T12:00:00.000000Z'
    """
    if moment_at.tzinfo is None:
        raise ValueOutOfRange(
            subject, f"{moment_at} has no time zone", "an aware time", "write it with Z or +01:00"
        )
    if moment_at.tzinfo is not UTC:
        moment_at = moment_at.astimezone(UTC)
    return moment_at.isoformat(timespec="microseconds")[:26] + "Z"


def moment_of(text: str, *, subject: str = "a time") -> datetime:
    """Return the moment that a text says; a date alone is its beginning in UTC.

    Raises
    ------
    ValueOutOfRange
        If it says none, or has no time zone.

    Examples
    --------
    >>> moment_of("2026-03-01T13:00:00+01:00")
    datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.timezone.utc)
    """
    try:
        found = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise ValueOutOfRange(
            subject, f"{text!r} is no time", "ISO 8601", "write 2026-03-01 or 2026-03-01T12:00:00Z"
        ) from None
    if len(text) == 10:
        return found.replace(tzinfo=UTC)
    if found.tzinfo is None:
        raise ValueOutOfRange(
            subject, f"{text!r} has no time zone", "ISO 8601 with a zone", "append Z for UTC"
        )
    return found.astimezone(UTC)
