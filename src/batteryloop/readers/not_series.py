"""Files that hold no samples over time, known for what they are and refused with the reason."""

from pathlib import Path

from batteryloop.errors import NotTimeSeries
from batteryloop.readers.layout import SEPARATORS, Layout, find_layout, split_line
from batteryloop.readers.parquet import columns_of, names_of
from batteryloop.readers.types import Format, Head, RawTable

_SAMPLES = "samples of time, current and voltage"


def _is_summary(head: Head) -> bool:
    layout = find_layout(head)
    if layout is None or "cycle_count" not in layout.names or layout.is_time_series:
        return False
    return _one_row_a_cycle(head, layout)


def _one_row_a_cycle(head: Head, layout: Layout) -> bool:
    index = next(c.index for c in layout.columns if c.name == "cycle_count")
    rows = [
        split_line(line, layout.separator)
        for line in head.lines[layout.first_row : layout.first_row + 200]
    ]
    if sum(map(_is_row_of_numbers, head.lines[layout.first_row :][:200])) < 0.5 * len(rows):
        return False
    cycles = [row[index].strip() for row in rows if index < len(row) and row[index].strip()]
    return bool(cycles) and len(set(cycles)) > 0.9 * len(cycles)


def _refuse_summary(path: Path) -> RawTable:
    layout = find_layout(Head.of(path))
    labels = layout.labels if layout else ()
    raise NotTimeSeries(
        path.name,
        f"is a table of cycles, one row each ({', '.join(labels[:6])}, …)",
        _SAMPLES,
        "read the file of samples that it was made from",
    )


def _is_summary_parquet(head: Head) -> bool:
    names = names_of(head)
    if not names:
        return False
    understood = {c.name for c in columns_of(head)}
    lacks = "current_a" not in understood or not any("voltage" in n for n in understood)
    return lacks and any("cycle" in n.casefold() or "capacity" in n.casefold() for n in names)


def _refuse_parquet(path: Path) -> RawTable:
    names = names_of(Head.of(path))
    raise NotTimeSeries(
        path.name,
        f"has no column for current and voltage; columns: {', '.join(names[:12])}",
        _SAMPLES,
        "read the file of samples, or name the columns in a mapping file (--mapping)",
    )


def _is_document(head: Head) -> bool:
    start = head.text.lstrip()[:1]
    return start in ("{", "[", "<") and not head.text.lstrip().startswith("[Summary]")


def _refuse_document(path: Path) -> RawTable:
    text = Head.of(path).text.lstrip()
    kind = "XML or HTML" if text.startswith("<") else "JSON"
    raise NotTimeSeries(
        path.name,
        f"is a document ({kind}), not a table",
        _SAMPLES,
        "export the samples as csv or Parquet",
    )


def _is_prose(head: Head) -> bool:
    """Say whether a text has no table of numbers: less than a third of its lines are rows."""
    lines = [line for line in head.lines if line.strip()][:200]
    if not lines:
        return False
    n_rows = sum(_is_row_of_numbers(line) for line in lines)
    return n_rows < 0.3 * len(lines) and n_rows < 10


def _is_row_of_numbers(line: str) -> bool:
    separator = max(SEPARATORS, key=line.count)
    fields = [f.strip(' "') for f in line.split(separator if separator in line else None)]
    n_numbers = sum(bool(f) and f.lstrip("+-.").replace(",", "")[:1].isdigit() for f in fields)
    return n_numbers >= 2


def _refuse_prose(path: Path) -> RawTable:
    lines = [line.strip() for line in Head.of(path).lines if line.strip()]
    raise NotTimeSeries(
        path.name,
        f"is text without a table of numbers; it begins with {lines[0][:60]!r}",
        _SAMPLES,
        "read the file of samples",
    )


SUMMARY = Format("cycle-table", "tables of cycles", _is_summary, _refuse_summary, is_read=False)
SUMMARY_PARQUET = Format(
    "other-parquet", "tables of results", _is_summary_parquet, _refuse_parquet, is_read=False
)
DOCUMENT = Format("document", "documents", _is_document, _refuse_document, is_read=False)
PROSE = Format("prose", "notes", _is_prose, _refuse_prose, is_read=False)
