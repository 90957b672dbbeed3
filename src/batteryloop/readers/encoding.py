"""How bytes become text: the encodings that testers write, told apart by content."""

import codecs

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\x1a\x1b")


def guess_encoding(start: bytes) -> str:
    """Return the encoding of a text that begins with `start`, or nothing if it is binary.

    A byte order mark decides; without one, text with a zero in every second byte is UTF-16, valid
    UTF-8 is UTF-8, text that GB 18030 reads as Chinese words is that, and the rest Windows-1252.

    Examples
    --------
    >>> guess_encoding("T1[°C]".encode("latin-1"))
    'cp1252'
    >>> guess_encoding("电压(V)".encode("gb18030"))
    'gb18030'
    >>> guess_encoding(bytes(64))
    ''
    """
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name
    if 0 in start:
        return _utf16_without_mark(start)
    if _share_of_controls(start) > 0.02:
        return ""
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(start)
    except UnicodeDecodeError:
        return "gb18030" if _is_chinese(start) else "cp1252"
    return "utf-8"


def decode(data: bytes, encoding: str) -> str:
    """Return `data` as text without its byte order mark; bytes that do not fit become U+FFFD."""
    return data.decode(encoding, errors="replace").removeprefix("\ufeff")


def decode_head(start: bytes) -> str:
    """Return the beginning of a file as text, or nothing if it is binary.

    Examples
    --------
    >>> decode_head("Volts".encode("utf-16"))
    'Volts'
    """
    encoding = guess_encoding(start)
    if not encoding:
        return ""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    return decoder.decode(start).removeprefix("\ufeff")


def _utf16_without_mark(start: bytes) -> str:
    even, odd = start[0:4096:2], start[1:4096:2]
    if odd.count(0) > 0.6 * len(odd) and even.count(0) < 0.05 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.6 * len(even) and odd.count(0) < 0.05 * len(odd):
        return "utf-16-be"
    # a few flipped bytes do not make a text binary
    return "utf-8" if _share_of_controls(start) < 0.02 else ""


def _share_of_controls(start: bytes) -> float:
    controls = sum(start.count(bytes((b,))) for b in range(32) if b not in _TEXT_CONTROLS)
    return controls / max(len(start), 1)


def _is_chinese(start: bytes) -> bool:
    text = codecs.getincrementaldecoder("gb18030")("replace").decode(start)
    return any(word in text for word in ("电压", "电流", "容量", "工步", "循环"))
