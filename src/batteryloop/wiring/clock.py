"""The only place that reads the clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return this moment, UTC."""
    return datetime.now(UTC)
