"""BioLogic EC-Lab and BT-Lab, exported as text: the head says how many lines it has."""

import re
from pathlib import Path

from batteryloop.errors import FileDamaged, NotTimeSeries
from batteryloop.readers.encoding import decode, guess_encoding
from batteryloop.readers.impedance import is_spectrum
from batteryloop.readers.layout import layout_at, split_line
from batteryloop.readers.tabular import raw_table, read_table
from batteryloop.readers.timestamps import parse_moment
from batteryloop.readers.types import Format, Head, RawTable

_FIRST_LINE = re.compile(r"^(EC|BT)-Lab ASCII FILE", re.IGNORECASE)
_N_LINES = re.compile(r"^Nb header lines\s*:\s*(\d+)", re.IGNORECASE)
_SAID = {
    "Acquisition started on": "started",
    "Technique started on": "technique_started",
    "Device": "device",
    "Run on channel": "channel",
    "Battery capacity": "battery_capacity",
    "Comments": "comments",
    "Electrode material": "electrode_material",
}


def recognises(head: Head) -> bool:
    """Return whether the text begins as an EC-Lab or BT-Lab export does."""
    return bool(head.lines and _FIRST_LINE.match(head.lines[0]))


def read(path: Path) -> RawTable:
    """Return the samples; BioLogic counts the current that charges a cell as positive.

    Raises
    ------
    FileDamaged
        If the head ends before it said it would.
    NotTimeSeries
        If the technique is impedance spectroscopy or the table has no time, current or voltage.
    """
    with path.open("rb") as file:
        start = file.read(4 << 20)  # a head of many sequences is longer than 64 KiB
    encoding = guess_encoding(start) or "cp1252"
    lines = decode(start, encoding).replace("\r\n", "\n").split("\n")
    number = next((int(m[1]) for line in lines[:8] if (m := _N_LINES.match(line))), 0)
    if not 2 <= number <= len(lines):
        raise FileDamaged(
            path.name,
            f"says its head has {number} lines, but has {len(lines)} lines in all",
            "an export with its whole head",
            "export it again with its header",
        )
    technique = lines[3].strip() if len(lines) > 3 else ""
    layout = layout_at(
        lines, number - 1, "\t", split_line(lines[number - 1], "\t"), start, "biologic"
    )
    if "Impedance Spectroscopy" in technique:
        raise is_spectrum(path.name, f"its technique is {technique!r}")
    if not layout.is_time_series:
        raise NotTimeSeries(
            path.name,
            f"has no column of time, current and voltage; columns: {', '.join(layout.labels[:12])}",
            "time/s, I/mA and Ewe/V",
            "export these variables too",
        )
    about = _about(lines[: number - 1], technique)
    return raw_table(
        read_table(path, layout),
        subject=path.name,
        metadata=about,
        start_at=parse_moment(about.get("technique_started", about.get("started", ""))),
    )


def _about(lines: list[str], technique: str) -> dict[str, str]:
    found = {"technique": technique}
    for line in lines:
        key, _, value = line.partition(" : ")
        name = _SAID.get(key.strip())
        if name and value.strip():
            found[name] = value.strip()
    return found


FORMAT = Format("biologic-text", "BioLogic EC-Lab or BT-Lab text (.mpt, .txt)", recognises, read)
