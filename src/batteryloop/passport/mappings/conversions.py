"""How single values change between our passport and the models: shares, units, dates, names."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from batteryloop.passport.mappings.loss import LossKind
from batteryloop.passport.mappings.scribe import Conversion, Conversions, Convert, Scribe, Unfit

URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
CAS = re.compile(r"\d{2,7}-\d{2}-\d")
_UUID = re.compile(r"(?:urn:uuid:)?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")


def tidy(number: Any) -> float:  # noqa: ANN401
    """Return a number without the dust of binary fractions.

    Examples
    --------
    >>> tidy(0.07 * 100)
    7.0
    """
    return float(f"{number:.12g}")


def times(factor: float) -> Conversion:
    """Return the conversion that multiplies by `factor`, and back divides."""
    return Conversion(_number(lambda v: tidy(v * factor)), _number(lambda v: tidy(v / factor)))


def names(pairs: Mapping[str, str], what: str) -> Conversion:
    """Return the conversion between two spellings of a closed list.

    Examples
    --------
    >>> both = names({"re-used": "Reused"}, "status")
    >>> both.out("re-used", Scribe({})), both.back("Reused", Scribe({}))
    ('Reused', 're-used')
    >>> both.out("waste", Scribe({})).why
    "the model knows no status 'waste'"
    """
    inverse = {theirs: ours for ours, theirs in pairs.items()}

    def out(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
        return pairs.get(value, Unfit(f"the model knows no {what} {value!r}"))

    def back(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
        return inverse.get(value, Unfit(f"{value!r} is no {what} of the passport"))

    return Conversion(out, back)


def despite(unit: str, theirs: str) -> Conversion:
    """Return the conversion that carries a value in the unit the model's text has, not its tag."""
    why = f"given in {unit}, as the model's text has it; its unit says {theirs}"

    def same(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
        scribe.note(LossKind.CHANGED, why)
        return value

    return Conversion(same, same)


def uuid_in(text: str) -> str | None:
    """Return the UUID in a text that is nothing but one, in small letters.

    Examples
    --------
    >>> uuid_in("urn:uuid:550E8400-e29b-41d4-a716-446655440000")
    '550e8400-e29b-41d4-a716-446655440000'
    """
    found = _UUID.fullmatch(text)
    return found[1].lower() if found else None


def _number(convert: Any) -> Convert:  # noqa: ANN401
    def checked(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Unfit(f"{value!r} is no number")
        return convert(value)

    return checked


def _same(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    return value


def _whole(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    if value != round(value):
        scribe.note(LossKind.CHANGED, f"{value:g} rounded: the model wants a whole number")
    return round(value)


def _whole_percent(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    return _whole(tidy(value * 100), scribe)


def _day_to_moment(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    return f"{value}T00:00:00Z"


def _moment_to_day(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except (TypeError, ValueError):
        return Unfit(f"{value!r} is no moment")


def _day(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        return Unfit(f"{value!r} is no day of the calendar")


def _cas(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    text = str(value).strip()
    if not CAS.fullmatch(text):
        return Unfit(f"{value!r} is no CAS number")
    if text != value:
        scribe.note(LossKind.CHANGED, f"blanks around the CAS number {text} taken away")
    return text


def _header(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    if len(value) > 100:
        scribe.note(LossKind.CHANGED, "title cut at 100 characters")
    return value[:100]


def _text(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    return str(value)


def _integer(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    try:
        return int(value)
    except (TypeError, ValueError):
        return Unfit(f"{value!r} is no whole number")


SHARED: Conversions = {
    "": Conversion(_same, _same),
    "percent": times(100),
    "whole_percent": Conversion(_whole_percent, times(100).back),
    "minutes": times(60),
    "grams": times(1000),
    "kilowatts": times(0.001),
    "whole": Conversion(_whole, _same),
    "day_moment": Conversion(_day_to_moment, _moment_to_day),
    "moment_day": Conversion(_moment_to_day, _day_to_moment),
    "day": Conversion(_same, _day),
    "cas": Conversion(_cas, _cas),
    "header": Conversion(_header, _same),
    "version": Conversion(_text, _integer),
}
