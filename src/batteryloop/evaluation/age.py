"""How old was it when the data end? Told only where both ends are dated."""

from batteryloop.evaluation.inputs import Inputs

YEAR_DAYS = 365.25


def age_of(inputs: Inputs) -> tuple[float | None, str]:
    """Return the age in years at the end of the data, or why it cannot be told.

    Age counts from when the battery went into service, else from when it was made.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from batteryloop.evaluation.inputs import Statement, TelemetryReference
    >>> from batteryloop.record import BatteryIdentity
    >>> year = lambda y: datetime(y, 1, 1, tzinfo=UTC)
    >>> seen = TelemetryReference("t", "csv", "", 9, year(2023), year(2024))
    >>> new = Statement(in_service_at=year(2020))
    >>> age_of(Inputs(BatteryIdentity("A"), seen, year(2026), "s", new))
    (4.0, '')
    >>> age_of(Inputs(BatteryIdentity("A"), seen, year(2026), "s"))
    (None, 'age not stated')
    """
    began = inputs.statement.in_service_at or inputs.statement.manufactured_at
    ended = inputs.telemetry.ended_at
    if began is None:
        return None, "age not stated"
    if ended is None or not inputs.telemetry.is_dated:
        return None, "the telemetry carries no date"
    years = (ended - began).total_seconds() / 86_400 / YEAR_DAYS
    if years <= 0:
        return None, "the data end before the battery went into service"
    return years, ""
