"""An Excel workbook: Arbin's channel sheets, Neware's records, any sheet that names units."""

import re
from collections.abc import Sequence
from pathlib import Path

import fastexcel
import polars as pl

from batteryloop.errors import FileDamaged, NotTimeSeries
from batteryloop.readers.headers import Column, understand
from batteryloop.readers.neware_text import with_sign_of_step
from batteryloop.readers.tabular import converted, raw_table
from batteryloop.readers.types import Format, Head, RawTable

_DIALECTS = ("neware", "arbin", "")
_N_HEADER_ROWS = 30
_CONTINUED = re.compile(r"^(?P<channel>.*\d+-\d+|Channel\d+|record)_\d+$", re.IGNORECASE)


def recognises(head: Head) -> bool:
    """Return whether the file is an Office Open XML workbook."""
    return head.start.startswith(b"PK\x03\x04") and (
        b"[Content_Types].xml" in head.start or b"xl/" in head.start
    )


def read(path: Path) -> RawTable:
    """Return the samples of every sheet that has time, current and voltage, sheet by sheet.

    A channel whose rows go on in a second sheet (`Channel_1-008_2`) is put together; several
    channels stay apart as several batteries.

    Raises
    ------
    FileDamaged
        If the workbook cannot be opened.
    NotTimeSeries
        If no sheet has samples.
    """
    sheets: dict[str, list[tuple[pl.DataFrame, tuple[Column, ...]]]] = {}
    try:
        book = fastexcel.read_excel(path)
        for name in book.sheet_names:
            found = _samples(book, name)
            if found is not None:
                match = _CONTINUED.match(name)
                sheets.setdefault(match["channel"] if match else name, []).append(found)
    except (fastexcel.FastExcelError, ValueError) as exc:
        raise FileDamaged(
            path.name,
            f"is a workbook that cannot be read ({str(exc).splitlines()[0][:120]})",
            "a whole .xlsx file without a password",
            "save it again from the spreadsheet",
        ) from exc
    if not sheets:
        raise NotTimeSeries(
            path.name,
            f"no sheet has time, current and voltage; sheets: {', '.join(book.sheet_names[:8])}",
            "a sheet of samples",
            "save the sheet of samples into the workbook",
        )
    columns = next(iter(sheets.values()))[0][1]
    frame = pl.concat(
        [
            _under_names(part, columns).with_columns(pl.lit(channel).alias("battery_id"))
            for channel, parts in sheets.items()
            for part, found_columns in parts
            if [c.name for c in found_columns] == [c.name for c in columns]
        ],
        how="vertical_relaxed",
    )
    table = converted(frame, columns)
    if len(sheets) > 1:
        table = table.with_columns(frame.get_column("battery_id"))
    return raw_table(
        with_sign_of_step(table),
        subject=path.name,
        metadata={"sheets": ", ".join(sheets)},
    )


def _samples(
    book: fastexcel.ExcelReader, name: str
) -> tuple[pl.DataFrame, tuple[Column, ...]] | None:
    """Return a sheet's rows and the columns that are understood, or None if it has no samples."""
    top = book.load_sheet(name, header_row=None, n_rows=_N_HEADER_ROWS, dtypes="string").to_polars()
    for number, row in enumerate(top.iter_rows()):
        labels = ["" if cell is None else str(cell) for cell in row]
        columns = _understood(labels)
        if columns:
            rows = book.load_sheet(
                name, header_row=None, skip_rows=number + 1, use_columns=[c.index for c in columns]
            ).to_polars()
            return (rows, columns) if rows.height and rows.width == len(columns) else None
    return None


def _understood(labels: Sequence[str]) -> tuple[Column, ...]:
    for dialect in _DIALECTS:
        columns = understand(labels, dialect)
        names = {c.name for c in columns}
        if dialect == "neware" and "step_type" not in names:
            continue
        if {"current_a", "voltage_v"} <= names and names & {"time", "elapsed_s", "step_time_s"}:
            return columns
    return ()


def _under_names(rows: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    order = sorted(columns, key=lambda c: c.index)
    return rows.rename(dict(zip(rows.columns, (c.name for c in order), strict=True))).select(
        c.name for c in columns
    )


FORMAT = Format("workbook", "Excel workbook (Arbin, Neware, others)", recognises, read)
