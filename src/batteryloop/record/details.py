"""Does an event carry what its kind asks for? Each detail has a form."""

import math
from collections.abc import Callable

from batteryloop.errors import InputWrong, ValueOutOfRange
from batteryloop.record.events import LifeEvent
from batteryloop.record.rules import LifeRule, life_rules

_SEVERITY_MOST = 4
# As `quantities.csv` bounds a state of health.
_SHARE_MOST = 1.5


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_country(value: object) -> bool:
    return isinstance(value, str) and (
        value == "" or (len(value) == 2 and value.isalpha() and value.isupper())
    )


_FORMS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "text": ("a text", lambda v: isinstance(v, str) and v != ""),
    "country": ("two capital letters of ISO 3166-1", _is_country),
    "share": (
        f"a share from 0 to {_SHARE_MOST}",
        lambda v: _is_number(v) and 0 <= v <= _SHARE_MOST,  # type: ignore[operator]
    ),
    "severity": (
        "a whole number from 0 to 4",
        lambda v: type(v) is int and 0 <= v <= _SEVERITY_MOST,
    ),
    "truth": ("true or false", lambda v: isinstance(v, bool)),
    "list": ("a list", lambda v: isinstance(v, list | tuple)),
    "object": ("an object", lambda v: isinstance(v, dict)),
}


def checked_details(event: LifeEvent, rule: LifeRule) -> None:
    """Say what is missing or of another form.

    Raises
    ------
    InputWrong
        If a detail that the kind asks for is not there.
    ValueOutOfRange
        If one has another form.
    """
    details = event.details
    for asked in rule.details:
        value = details.get(asked.name)
        if value is None:
            if asked.is_needed:
                raise InputWrong(
                    subject_of(event),
                    f"has no detail {asked.name!r}",
                    f"{asked.name}, {_FORMS[asked.form][0]}",
                    f"give --detail {asked.name}=…",
                )
            continue
        words, fits = _FORMS[asked.form]
        if not fits(value):
            raise ValueOutOfRange(
                subject_of(event),
                f"detail {asked.name} is {value!r}",
                words,
                "write it so",
            )


def no_row(event: LifeEvent) -> InputWrong:
    """Return the error for an event whose details fit no row of its kind."""
    rows = life_rules()[event.kind]
    name = rows[0].where_name
    values = sorted(v for row in rows if row.where_name == name for v in row.where_values)
    return InputWrong(
        subject_of(event),
        f"detail {name} is {event.details.get(name)!r}",
        f"{name} of {', '.join(values)}",
        f"give --detail {name}={values[0]}",
    )


def subject_of(event: LifeEvent) -> str:
    """Return how an error names an event.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from batteryloop.record.events import EventKind
    >>> subject_of(LifeEvent("e1", "B1", EventKind.MADE, datetime(2026, 1, 1, tzinfo=UTC), "P"))
    "battery B1, event made of 2026-01-01 ('e1')"
    """
    return (
        f"battery {event.battery_id}, event {event.kind.value} of {event.happened_at:%Y-%m-%d} "
        f"({event.event_id!r})"
    )
