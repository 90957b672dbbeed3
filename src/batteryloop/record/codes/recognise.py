"""Whichever code a text is: tried from the most particular to the most general."""

import re
from datetime import date

from batteryloop.errors import BatteryloopError, InputWrong
from batteryloop.record.codes.gs1 import read_gs1
from batteryloop.record.codes.identification_link import read_link
from batteryloop.record.codes.traction import looks_like_traction_code, read_traction_code
from batteryloop.record.codes.types import IdentityCode
from batteryloop.record.codes.unique_identifier import read_unique_identifier
from batteryloop.record.codes.url import is_url

LONGEST_TEXT = 2048
_TRADE_ITEM = re.compile(r"/01/[0-9]+(?=[/?#]|$)")


def recognise(text: str, *, today: date | None = None) -> IdentityCode:
    """Return the identity code that a text is.

    A web address with ``/01/`` and fourteen digits is a GS1 Digital Link, any other an
    identification link; 24 or 19 characters with P, M or C in fourth place are a traction battery
    code, unless they cannot be one and are a unique identifier.

    Parameters
    ----------
    text : str
        What stands on the label or was scanned.
    today : datetime.date, optional
        Passed on to `read_traction_code`.

    Raises
    ------
    InputWrong
        If it is none; the error is that of the code it comes nearest to.

    Examples
    --------
    >>> recognise("https://id.example.com/01/09521234543213/21/42").kind
    'GS1 Digital Link'
    >>> recognise("001cb240000003b3c0221953").kind
    'GB/T 34014 traction battery code'
    """
    body = text.strip()
    if not body or len(body) > LONGEST_TEXT:
        raise InputWrong("code", f"{len(body)} characters", f"1 to {LONGEST_TEXT}")
    if is_url(body):
        return read_gs1(body) if _TRADE_ITEM.search(body) else read_link(body)
    if body.startswith("("):
        return read_gs1(body)
    error: BatteryloopError
    if looks_like_traction_code(body):
        try:
            return read_traction_code(body, today=today)
        except BatteryloopError as exc:
            error = exc
    else:
        error = InputWrong(
            "code",
            f"{body[:60]!r} is none known here",
            "a GS1 Digital Link, an identification link, 24 or 19 characters of GB/T 34014, or a "
            "unique identifier of ISO/IEC 15459",
            "scan it again; of a two-line label join both lines",
        )
    try:
        return read_unique_identifier(body)
    except BatteryloopError:
        raise error from None
