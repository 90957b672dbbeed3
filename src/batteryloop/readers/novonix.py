"""Novonix UHPC: a summary, a protocol, then the samples under [Data]."""

from pathlib import Path

from batteryloop.errors import FileDamaged
from batteryloop.readers.encoding import decode, guess_encoding
from batteryloop.readers.layout import layout_at, split_line
from batteryloop.readers.tabular import raw_table, read_table
from batteryloop.readers.timestamps import parse_moment
from batteryloop.readers.types import Format, Head, RawTable

_SAID = {
    "Cell": "cell",
    "CellID": "cell_id",
    "Serial Number": "serial_number",
    "Description": "description",
    "Capacity (Ah)": "rated_capacity_ah",
    "Mass (g)": "mass_g",
    "Channel": "channel",
    "Started": "started",
    "Version": "version",
}


def recognises(head: Head) -> bool:
    """Return whether the text begins with Novonix's [Summary]."""
    first = [line.strip() for line in head.lines[:4]]
    return "[Summary]" in first[:1] and any("Novonix" in line for line in first)


def read(path: Path) -> RawTable:
    """Return the samples under [Data]; Novonix counts a charging current as positive.

    The capacity it gives is counted without saying which way and from which step; it is left out,
    since current and time give the same.

    Raises
    ------
    FileDamaged
        If there is no [Data].
    """
    start = path.read_bytes()[: 16 << 20]
    lines = decode(start, guess_encoding(start[:65536]) or "cp1252").replace("\r\n", "\n")
    rows = lines.split("\n")
    at = next((i for i, line in enumerate(rows) if line.strip() == "[Data]"), None)
    if at is None or at + 1 >= len(rows):
        raise FileDamaged(
            path.name, "has no samples after its summary", "a [Data] section", "copy it again"
        )
    layout = layout_at(rows, at + 1, ",", split_line(rows[at + 1], ","), start[:65536], "novonix")
    about = _about(rows[:at])
    return raw_table(
        read_table(path, layout),
        subject=path.name,
        metadata=about,
        start_at=parse_moment(about.get("started", "")),
        battery_id=about.get("cell_id") or about.get("serial_number") or "",
    )


def _about(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition(":")
        name = _SAID.get(key.strip())
        if name and value.strip(' ,"'):
            found.setdefault(name, value.strip(' ,"'))
    return found


FORMAT = Format("novonix", "Novonix UHPC (csv)", recognises, read)
