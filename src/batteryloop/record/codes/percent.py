"""Percent-encoding of RFC 3986, strict: what may not stand is refused, nothing is guessed."""

import re

from batteryloop.errors import InputWrong

_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")


def encoded(text: str) -> str:
    """Return the text with everything but letters, digits and ``-._~`` as %XX of its UTF-8.

    Examples
    --------
    >>> encoded("A/7 b")
    'A%2F7%20b'
    """
    return "".join(
        sign if sign in _UNRESERVED else "".join(f"%{byte:02X}" for byte in sign.encode("utf-8"))
        for sign in text
    )


def decoded(text: str) -> str:
    """Return the text with its %XX resolved.

    Raises
    ------
    InputWrong
        If a % is not followed by two hexadecimal digits, or the bytes are no UTF-8.

    Examples
    --------
    >>> decoded("A%2F7%20b")
    'A/7 b'
    """
    left_over = _ESCAPE.sub("", text)
    if "%" in left_over:
        raise InputWrong("code", f"{text[:60]!r} has a % without two hexadecimal digits", "%2F")
    parts = _ESCAPE.split(text)
    raw = bytearray()
    for place, part in enumerate(parts):
        raw += bytes([int(part, 16)]) if place % 2 else part.encode("utf-8", "surrogatepass")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise InputWrong("code", f"{text[:60]!r} decodes to no UTF-8", "UTF-8") from None
