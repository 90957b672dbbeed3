"""Maccor, exported as text: a state letter, and Amp-hr without sign in each half cycle."""

import re
from pathlib import Path

import polars as pl

from batteryloop.readers.layout import Layout, find_layout
from batteryloop.readers.sign import direction_from_voltage, with_sign_of
from batteryloop.readers.tabular import Table, raw_table, read_table
from batteryloop.readers.timestamps import parse_moment
from batteryloop.readers.types import Format, Head, RawTable, noticed

_MARKS = frozenset({"record", "half_cycle_capacity_ah", "elapsed_s"})
_ABOUT = re.compile(
    r"(Today''?s Date|Date of Test|Filename|Procedure|Comment/Barcode)\s*:?\s*[\t,]?\s*"
    r"(.*?)(?=\s*(?:Date of Test|Filename|Procedure|Comment/Barcode)\s*:|$)"
)
_MILLI = 1000.0


def recognises(head: Head) -> bool:
    """Return whether the header has Maccor's Rec#, Amp-hr and test time."""
    layout = find_layout(head, "maccor")
    return layout is not None and layout.is_time_series and layout.names >= _MARKS


def read(path: Path) -> RawTable:
    """Return the samples, charge positive, Amp-hr and Watt-hr split into charge and discharge.

    The state letter (C charge, D discharge) gives the sign. Without that column a current that is
    never negative takes its sign from how the voltage moves.
    """
    head = Head.of(path)
    layout = find_layout(head, "maccor")
    assert layout is not None
    about = _about(head, layout)
    table = _in_volts(_with_sign(read_table(path, layout)))
    return raw_table(
        table,
        subject=path.name,
        metadata=about,
        start_at=parse_moment(about.get("date_of_test", "")),
    )


def _with_sign(table: Table) -> Table:
    frame = table.frame
    if "state" in frame.columns:
        letter = pl.col("state").str.to_uppercase().str.slice(0, 1)
        direction = pl.when(letter == "C").then(1).when(letter == "D").then(-1).otherwise(0)
        return with_sign_of(table, direction, said_by="the state letter")
    if not {"current_a", "voltage_v"} <= set(frame.columns):
        return table
    if ((frame.get_column("current_a") < 0).sum() or 0) > 0:
        return table
    moved = direction_from_voltage(frame)
    signed = with_sign_of(table, pl.lit(moved), said_by="the voltage's movement")
    return signed.noting(
        noticed(
            "sign-inferred",
            "no current is negative and no state letter says which way it flows; "
            "the sign was taken from how the voltage moves in each step",
            "export the state column",
        )
    )


def _in_volts(table: Table) -> Table:
    """Put right millivolts under the header Volts: energy over charge tells the true voltage."""
    frame = table.frame
    if not {"voltage_v", "half_cycle_capacity_ah", "half_cycle_energy_wh"} <= set(frame.columns):
        return table
    counted = frame.filter(pl.col("half_cycle_capacity_ah") > 0)
    mean_v = counted.select(
        (pl.col("half_cycle_energy_wh") / pl.col("half_cycle_capacity_ah")).median()
    ).item()
    shown = counted.get_column("voltage_v").median()
    if not isinstance(shown, float) or not mean_v or not 300 < shown / mean_v < 3000:
        return table
    return table.with_columns(pl.col("voltage_v") / _MILLI).noting(
        noticed(
            "unit-converted",
            f"the header says Volts, but {shown:.0f} with {mean_v:.2f} Wh per Ah is millivolts; "
            "divided by 1000",
            "nothing",
        )
    )


def _about(head: Head, layout: Layout) -> dict[str, str]:
    """Return what the lines above the header say."""
    found: dict[str, str] = {}
    for line in head.lines[: max(layout.first_row - 1, 0)]:
        for key, value in _ABOUT.findall(line):
            name = key.lower().replace("''", "'").replace("'s", "s")
            name = name.replace(" ", "_").replace("/", "_")
            if value.strip(" \t,"):
                found[name] = value.strip(" \t,")
    return found


FORMAT = Format("maccor", "Maccor text (.txt, .0xx, csv)", recognises, read)
