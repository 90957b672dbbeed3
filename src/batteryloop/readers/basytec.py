"""Basytec, exported as text: a head of `~` lines, the last of which names the columns."""

from pathlib import Path

import polars as pl

from batteryloop.errors import FileDamaged
from batteryloop.readers.layout import Layout, layout_at, split_line
from batteryloop.readers.sign import with_sign_of
from batteryloop.readers.tabular import raw_table, read_table
from batteryloop.readers.timestamps import parse_moment
from batteryloop.readers.types import Format, Head, RawTable

_SAID = {
    "Name of Test": "test",
    "Battery": "battery",
    "Testplan": "testplan",
    "Testchannel": "channel",
    "Start of Test": "started",
    "End of Test": "ended",
}


def recognises(head: Head) -> bool:
    """Return whether the first lines begin with `~` and one of them names a time and a voltage."""
    return bool(head.lines) and head.lines[0].startswith("~") and _layout(head) is not None


def read(path: Path) -> RawTable:
    """Return the samples; the command (Charge, Discharge) confirms the current's sign.

    Raises
    ------
    FileDamaged
        If no line of the head names time, current and voltage.
    """
    head = Head.of(path)
    layout = _layout(head)
    assert layout is not None
    if not layout.is_time_series:
        raise FileDamaged(
            path.name,
            f"the head names {', '.join(layout.labels[:8])}",
            "time, current and voltage",
            "export these columns too",
        )
    about = _about(head.lines[: layout.first_row])
    table = read_table(path, layout)
    if "step_type" in table.frame.columns:
        command = pl.col("step_type").str.to_lowercase()
        direction = (
            pl.when(command.str.starts_with("discharge"))
            .then(-1)
            .when(command.str.starts_with("charge"))
            .then(1)
            .otherwise(0)
        )
        table = with_sign_of(table, direction, said_by="the command")
    return raw_table(
        table,
        subject=path.name,
        metadata=about,
        start_at=parse_moment(about.get("started", "")),
        battery_id=about.get("battery", ""),
    )


def _layout(head: Head) -> Layout | None:
    number = -1
    for i, line in enumerate(head.lines):
        if not line.startswith("~"):
            break
        number = i
    if number < 0:
        return None
    line = head.lines[number].lstrip("~")
    separator = max("\t;,", key=line.count)
    layout = layout_at(
        head.lines, number, separator, split_line(line, separator), head.start, "basytec"
    )
    return layout if {"elapsed_s", "voltage_v"} <= layout.names else None


def _about(lines: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        key, _, value = line.lstrip("~").partition(":")
        name = _SAID.get(key.strip())
        if name and value.strip():
            found[name] = value.strip()
    return found


FORMAT = Format("basytec", "Basytec text", recognises, read)
