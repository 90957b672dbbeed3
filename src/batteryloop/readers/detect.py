"""Which format is this file? Its content decides, never its name."""

from collections.abc import Sequence

from batteryloop.errors import FileDamaged, FormatUnknown
from batteryloop.readers.parquet import names_of
from batteryloop.readers.types import Format, Head


def detect(head: Head, formats: Sequence[Format]) -> Format:
    """Return the first of `formats` that recognises the file.

    Raises
    ------
    FileDamaged
        If the file is empty.
    FormatUnknown
        If none does; the sentence says what was looked for.
    """
    refuse_empty(head)
    for candidate in formats:
        if candidate.recognises(head):
            return candidate
    raise FormatUnknown(
        head.name,
        f"no format recognises it; it begins with {_glimpse(head)}",
        ", ".join(f.title for f in formats if f.is_read),
        "say what its columns mean in a mapping file (--mapping)",
    )


def refuse_empty(head: Head) -> None:
    """Raise for a file without any content.

    Raises
    ------
    FileDamaged
        If the file is empty, or blank as far as its head goes.
    """
    if head.size == 0 or not head.start.strip(b" \t\r\n\0"):
        raise FileDamaged(
            head.name, "is empty", "a file with samples in it", "export or copy it again"
        )


def _glimpse(head: Head) -> str:
    names = names_of(head)
    if names:
        return f"the columns {', '.join(names[:8])}"
    first = next((line.strip() for line in head.lines if line.strip()), "")
    return repr(first[:60]) if first else f"the bytes {head.start[:12].hex(' ')}"
