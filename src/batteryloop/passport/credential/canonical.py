"""One form of a JSON document, so that its hash says whether it is the same document.

The form itself is `record.canonical`'s (RFC 8785). Reading is strict, because what two
readers take in two ways can be signed in one and shown in the other: a name twice in one object,
NaN, a byte that is no UTF-8 are refused.
"""

import hashlib
import json
from typing import Any

import rfc8785

from batteryloop.errors import InputWrong
from batteryloop.passport.credential.policy import default_policy
from batteryloop.record.canonical import canonical

CANONICAL_FORM = "RFC8785"
HASH = "SHA-256"


def parsed(text: str | bytes, *, subject: str = "document") -> object:
    """Return the JSON in a text, read strictly.

    Raises
    ------
    InputWrong
        If it is no JSON, or can be read in two ways.

    Examples
    --------
    >>> parsed('{"soh": 0.9}')
    {'soh': 0.9}
    >>> parsed('{"soh": 0.9, "soh": 1.0}')
    Traceback (most recent call last):
    ...
    batteryloop.errors.InputWrong: document: names 'soh' twice in one object; allowed: once
    """
    most = default_policy().text_bytes_max
    if len(text) > most:
        raise InputWrong(subject, f"{len(text)} bytes", f"at most {most}")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise InputWrong(subject, f"names {twice!r} twice in one object", "once")
        return found

    def never(name: str) -> object:
        raise InputWrong(subject, f"holds {name}", "numbers of JSON")

    try:
        body = text.decode("utf-8") if isinstance(text, bytes) else text
        found: object = json.loads(
            body, object_pairs_hook=once, parse_constant=never, parse_int=_whole
        )
    except (ValueError, RecursionError) as exc:
        raise InputWrong(subject, f"is no JSON ({str(exc)[:80]})", "JSON in UTF-8") from exc
    return found


def _whole(text: str) -> int | float:
    """Return a whole number as other readers of JSON see it: past 2⁵³ a double, if it is one's."""
    value = int(text)
    if abs(value) < 2**53 or len(text) > 22:
        return value
    return float(value) if rfc8785.dumps(float(value)).decode() == text else value


def digest(document: object, *, subject: str = "document") -> str:
    """Return the SHA-256 of the document's one form, 64 hexadecimal digits.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest(parsed('{ "b": 2.0, "a": 1 }'))
    True
    """
    return hashlib.sha256(canonical(document, subject=subject)).hexdigest()
