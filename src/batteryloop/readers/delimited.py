"""The fields of a delimited text: at once where the text is clean, with care where it is not."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from batteryloop.errors import FileDamaged
from batteryloop.readers.encoding import decode
from batteryloop.readers.headers import Column
from batteryloop.readers.layout import Layout
from batteryloop.readers.numbers import MISSING, parse_numbers
from batteryloop.readers.types import noticed
from batteryloop.telemetry.types import Finding

_NEEDED = ("time", "elapsed_s", "current_a", "voltage_v")


def read_fields(
    path: Path, layout: Layout, columns: Sequence[Column]
) -> tuple[pl.DataFrame, list[Finding]]:
    """Return the fields of `columns`, as numbers where every one is a number, else as text.

    Polars reads the clean text, at its full speed. A text with a field that is no number, a line
    too short or too long or a byte that is no character is read again, line by line.

    Returns
    -------
    fields : polars.DataFrame
        One column each, by name, Float64 or String, lines without any field left out.
    findings : list of Finding
        What was noticed; rows count from 0 in `fields`.

    Raises
    ------
    FileDamaged
        If the rows hold more than the header names: which is which cannot be told.
    """
    if layout.n_said > len(layout.labels):
        raise FileDamaged(
            path.name,
            f"its rows hold {layout.n_said} fields, its header names {len(layout.labels)}",
            "a name for each column",
            "complete the header",
        )
    findings: list[Finding] = []
    source: Path | bytes = path
    if not layout.encoding.startswith("utf-8"):
        source = decode(path.read_bytes(), layout.encoding).encode("utf-8")
        findings.append(
            noticed(
                "encoding-guessed",
                f"the text is not UTF-8; read as {layout.encoding}",
                "nothing, unless names or units look wrong",
                severity="note",
            )
        )
    fields = _at_once(source, layout, columns)
    if fields is None:
        data = source if isinstance(source, bytes) else path.read_bytes()
        fields, noted = _with_care(data, layout, columns)
        findings += noted
    return fields, findings


def _at_once(
    source: Path | bytes, layout: Layout, columns: Sequence[Column]
) -> pl.DataFrame | None:
    is_number = _numeric(source, layout, columns)
    schema: dict[str, pl.DataType] = {f"c{i}": pl.String() for i in range(layout.n_fields)}
    schema |= {f"c{c.index}": pl.Float64() for c in columns if is_number.get(c.name, False)}
    try:
        fields = pl.read_csv(
            source,
            has_header=False,
            schema=schema,
            columns=sorted({c.index for c in columns}),
            separator=layout.separator,
            skip_lines=layout.first_row,
            decimal_comma=layout.is_decimal_comma,
            null_values=[w.upper() if w != "nan" else "NaN" for w in MISSING if w],
            raise_if_empty=False,
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError):
        return None
    if fields.is_empty():
        return None  # nothing follows the header, or its lines end in a way Polars does not know
    fields = fields.select(pl.col(f"c{c.index}").alias(c.name) for c in columns)
    needed = [name for name in _NEEDED if name in fields.columns]
    if needed and not any(fields.get_column(name).has_nulls() for name in needed):
        return fields
    fields = fields.filter(~pl.all_horizontal(pl.all().is_null()))
    return None if any(fields.get_column(name).has_nulls() for name in needed) else fields


def _numeric(source: Path | bytes, layout: Layout, columns: Sequence[Column]) -> dict[str, bool]:
    """Say of each column whether all its first fields are numbers."""
    sample = _head_lines(source, layout.first_row, 200)
    rows = [line.split(layout.separator) for line in sample]
    found: dict[str, bool] = {}
    for column in columns:
        texts = pl.Series([r[column.index] for r in rows if column.index < len(r)], dtype=pl.String)
        said = texts.filter(~texts.str.strip_chars().str.to_lowercase().is_in(MISSING))
        numbers = parse_numbers(said, is_decimal_comma=layout.is_decimal_comma)
        found[column.name] = (
            not (column.is_text and column.name != "time") and not numbers.has_nulls()
        )
    return found


def _head_lines(source: Path | bytes, first: int, n_lines: int) -> list[str]:
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        lines: list[str] = []
        for number, raw in enumerate(file):
            if number >= first:
                lines.append(raw.decode("utf-8", errors="replace").rstrip("\r\n"))
            if len(lines) >= n_lines:
                break
    return lines


def _with_care(
    data: bytes, layout: Layout, columns: Sequence[Column]
) -> tuple[pl.DataFrame, list[Finding]]:
    text = data.decode("utf-8", errors="replace").replace("\0", "")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[layout.first_row :]
    rows = split_rows(lines, layout.separator)
    said = rows.list.eval(pl.element().str.strip_chars().str.len_bytes() > 0).list.any()
    rows = rows.filter(said.fill_null(False))
    findings: list[Finding] = []
    n_had = rows.list.len()
    last_said = (
        rows.list.eval(
            pl.when(pl.element().str.strip_chars() != "").then(pl.int_range(1, pl.len() + 1)).max()
        )
        .list.first()
        .fill_null(0)
    )
    too_long = last_said > len(layout.labels)
    too_short = n_had < min(1 + max((c.index for c in columns), default=0), layout.n_fields)
    findings += _lines_noticed(
        "line-cut", too_short, "a line ends too early", "the fields it lacks are left out"
    )
    findings += _lines_noticed(
        "line-too-long", too_long, "a line has more fields than the header", "it is left empty"
    )
    fields = rows.to_frame().select(
        pl.when(~too_long).then(pl.col("row").list.get(c.index, null_on_oob=True)).alias(c.name)
        for c in columns
    )
    return fields, findings


def split_rows(lines: Sequence[str], separator: str) -> pl.Series:
    """Return the fields of each line; quotes hold together what they enclose on their line.

    A line that opens a quote and does not close it shows that quotes mean nothing here.

    Examples
    --------
    >>> split_rows(['1,"a,b"', "2"], ",").to_list()
    [['1', 'a,b'], ['2']]
    """
    n_quotes = [line.count('"') for line in lines]
    if any(n_quotes) and not any(n % 2 for n in n_quotes):
        rows = list(csv.reader(lines, delimiter=separator))
        return pl.Series("row", rows, dtype=pl.List(pl.String))
    return pl.Series("row", lines, dtype=pl.String).str.split(separator)


def _lines_noticed(rule: str, is_so: pl.Series, what: str, then: str) -> list[Finding]:
    rows = is_so.arg_true()
    if rows.is_empty():
        return []
    return [
        noticed(
            rule,
            f"{what}: {len(rows)} of {len(is_so)} lines",
            f"look at these rows in the file; {then}",
            row_first=int(rows[0]),
            row_last=int(rows[-1]),
            n_rows=len(rows),
        )
    ]
