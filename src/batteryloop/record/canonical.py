"""One way to write plain data as bytes, so that its hash is always the same: RFC 8785."""

from typing import Any

import msgspec
import rfc8785

from batteryloop.errors import ValueOutOfRange

# Within these bounds every shortest form of a fraction is written without an exponent.
_PLAIN_LOW = 1e-3
_PLAIN_HIGH = 1e15
_WHOLE_MOST = 2**53 - 1
_WIDEST = 1023


def canonical(data: Any, *, subject: str = "data") -> bytes:  # noqa: ANN401 - any plain data
    """Return plain data as canonical JSON after RFC 8785.

    Data whose canonical form a fast encoder is known to write goes through that, all else through
    the reference of the standard; the bytes are the same.

    Raises
    ------
    ValueOutOfRange
        If JSON cannot say it: not a number, infinite, an integer beyond 2^53, an odd type.

    Examples
    --------
    >>> canonical({"b": 2.0, "a": [1e21, 0.5, None]})
    b'{"a":[1e+21,0.5,null],"b":2}'
    """
    try:
        if not _is_simple(data):
            data = _with_whole(data)
            if not _is_simple(data):
                return rfc8785.dumps(data)
        return msgspec.json.encode(data, order="sorted")
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as exc:
        raise ValueOutOfRange(
            subject,
            f"holds what JSON cannot say ({exc})",
            "text, finite numbers, truths, null, lists and objects with text keys",
            "write it as one of these",
        ) from exc


def _is_simple(data: Any) -> bool:  # noqa: ANN401 - any plain data
    """Tell whether both encoders write the same: no odd fraction, no key beyond ASCII."""
    kind = type(data)
    if kind is dict:
        for key, value in data.items():
            if type(key) is not str or not key.isascii():
                return False
            if type(value) is not str and not _is_simple(value):
                return False
        return True
    if kind is float:
        size = abs(data)
        return bool(_PLAIN_LOW <= size < _PLAIN_HIGH and not data.is_integer())
    if kind is list or kind is tuple:
        return all(type(item) is str or _is_simple(item) for item in data)
    if kind is int:
        return bool(-_WHOLE_MOST <= data <= _WHOLE_MOST)
    return kind is str or kind is bool or data is None


def _with_whole(data: Any) -> Any:  # noqa: ANN401 - any plain data
    """Return the data with whole numbers in place of fractions like 5.0, which are the same."""
    kind = type(data)
    if kind is dict:
        return {key: _with_whole(value) for key, value in data.items()}
    if kind is list or kind is tuple:
        return [_with_whole(item) for item in data]
    if kind is float and abs(data) < _PLAIN_HIGH and data.is_integer():
        return int(data)
    if kind is int and abs(data) > _WHOLE_MOST and data.bit_length() < _WIDEST:
        # As JSON reads a large fraction again, which is written without a point.
        return float(data) if rfc8785.dumps(float(data)) == str(data).encode() else data
    return data
