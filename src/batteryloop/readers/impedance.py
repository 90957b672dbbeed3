"""Impedance spectra: told apart from samples over time, and refused."""

import re
from pathlib import Path

import polars as pl

from batteryloop.errors import NotTimeSeries
from batteryloop.readers.types import Format, Head, RawTable, noticed
from batteryloop.telemetry.types import Finding

_MARKS = tuple(
    re.compile(mark, re.IGNORECASE)
    for mark in (
        r"^ZPLOT2 ASCII",
        r"^\"?Z(PlotW|60W) Data File",
        r"^TAG\tEIS",
        r"A\.C\. Impedance",
        r"Electrochemical Impedance Spectroscopy",
        r"\bfreq(uency)?\b.{0,40}\b(Z'|Zre|Zreal|Re\(Z\)|Zimg?|Z\"|Impedance)",
        r"^(Name|Type)=.{0,40}(Impedance|EIS)",
    )
)


def without_impedance(frame: pl.DataFrame, *, subject: str) -> tuple[pl.DataFrame, list[Finding]]:
    """Return `frame` without rows that are points of an impedance spectrum, and the finding.

    A row with a frequency above 0 is such a point: its voltage and current are not the battery's
    at rest or at work. A cycler's file may hold a few; a file that is mostly such points, or
    comes from an instrument that counts neither cycles nor steps, is a spectrum.

    Raises
    ------
    NotTimeSeries
        If it is a spectrum.
    """
    if "frequency_hz" not in frame.columns:
        return frame, []
    is_point = (frame.get_column("frequency_hz") > 0).fill_null(False)
    n_points = int(is_point.sum())
    counts = not {"cycle_count", "step_index"}.isdisjoint(frame.columns)
    if n_points > 0.5 * len(frame) or (n_points and not counts):
        raise is_spectrum(subject, f"{n_points} of {len(frame)} rows have a frequency")
    if n_points == 0:
        return frame, []
    rows = is_point.arg_true()
    finding = noticed(
        "impedance-rows",
        f"{n_points} rows are points of an impedance spectrum and are left out "
        f"(rows {rows[0]} to {rows[-1]} of the file's table)",
        "nothing: a spectrum holds no samples over time",
        severity="note",
        n_rows=n_points,
    )
    numbered = frame if "row_in_file" in frame.columns else frame.with_row_index("row_in_file")
    return numbered.filter(~is_point), [finding]


def is_spectrum(subject: str, found: str) -> NotTimeSeries:
    """Return the error for a file that holds an impedance spectrum."""
    return NotTimeSeries(
        subject,
        f"is an impedance spectrum ({found})",
        "samples of time, current and voltage",
        "leave it out; spectra are not read yet",
    )


def _recognises(head: Head) -> bool:
    return any(mark.search(line) for line in head.lines[:400] for mark in _MARKS)


def _refuse(path: Path) -> RawTable:
    head = Head.of(path)
    line = next(ln for ln in head.lines if any(mark.search(ln) for mark in _MARKS))
    raise is_spectrum(path.name, f"it says {line.strip()[:60]!r}")


FORMAT = Format("impedance", "impedance spectra", _recognises, _refuse, is_read=False)
