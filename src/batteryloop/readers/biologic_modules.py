"""The container of a BioLogic `.mpr` file: a line of modules, each with a name and a length.

A file begins with `MAGIC`, padded; then module follows module to the end of the file: the word
`MODULE`, a short name (10 bytes), a long name (25 bytes), the length and the version of its body
(32-bit, little-endian), the date in eight letters, the body. EC-Lab from 11.50 on writes
0xffffffff where the length stood, then the length, the old version and the new one.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from batteryloop.errors import FileDamaged

MAGIC = b"BIO-LOGIC MODULAR FILE\x1a"
_WORD = b"MODULE"
_START = 52
_NAMES = struct.Struct("<6s10s25s")
_OLD = struct.Struct("<II8s")
_NEW = struct.Struct("<IIII8s")
_MARK_OF_NEW = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Module:
    """One module: its short name, the version of its body, the date it was begun, the body."""

    name: str
    version: int
    date: str
    body: memoryview


def modules(data: bytes, *, subject: str) -> Iterator[Module]:
    """Yield the modules of a `.mpr` file in their order, each length checked before it is used.

    Parameters
    ----------
    data : bytes
        The whole file.
    subject : str
        What to call it in an error: the file's name.

    Raises
    ------
    FileDamaged
        If the file is cut short or a module does not begin where the one before it ends.
    """
    if not data.startswith(MAGIC):
        raise FileDamaged(subject, "does not begin as a BioLogic modular file", next_step=_AGAIN)
    view = memoryview(data)
    at = _START
    while at < len(data):
        if data[at : at + len(_WORD)] != _WORD:
            raise FileDamaged(
                subject,
                f"no module begins at byte {at:,}, where the one before it ends",
                "module after module to the end of the file",
                _AGAIN,
            )
        try:
            name, version, date, length, begin = _head(data, at)
        except struct.error as exc:
            raise FileDamaged(
                subject, f"ends within the head of a module, at byte {len(data):,}", "", _AGAIN
            ) from exc
        if begin + length > len(data):
            raise FileDamaged(
                subject,
                f"is cut short: module {name!r} has {length:,} bytes, "
                f"{len(data) - begin:,} are there",
                "a whole file",
                _AGAIN,
            )
        yield Module(name, version, date, view[begin : begin + length])
        at = begin + length


_AGAIN = "copy the file again from the tester's computer"


def _head(data: bytes, at: int) -> tuple[str, int, str, int, int]:
    _, short_name, _ = _NAMES.unpack_from(data, at)
    at += _NAMES.size
    length, version, date = _OLD.unpack_from(data, at)
    begin = at + _OLD.size
    if length == _MARK_OF_NEW:
        _, length, _, version, date = _NEW.unpack_from(data, at)
        begin = at + _NEW.size
    return (
        short_name.decode("latin-1").strip(),
        version,
        date.decode("latin-1").strip("\0 "),
        length,
        begin,
    )
