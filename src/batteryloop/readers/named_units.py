"""Any table whose headers name a quantity and its unit: `Current(A)`, `Voltage_V`, `Time / h`."""

from pathlib import Path

from batteryloop.readers.layout import find_layout
from batteryloop.readers.parquet import columns_of, read_columns
from batteryloop.readers.tabular import converted, raw_table, read_table
from batteryloop.readers.types import Format, Head, RawTable


def recognises(head: Head) -> bool:
    """Return whether some line names time, current and voltage."""
    layout = find_layout(head)
    return layout is not None and layout.is_time_series


def read(path: Path) -> RawTable:
    """Return the samples under the understood headers; the current's sign stays as written."""
    layout = find_layout(Head.of(path))
    assert layout is not None
    return raw_table(read_table(path, layout), subject=path.name)


def recognises_parquet(head: Head) -> bool:
    """Return whether a Parquet file's columns name time, current and voltage."""
    names = {c.name for c in columns_of(head)}
    return (
        "current_a" in names
        and not names.isdisjoint(("time", "elapsed_s", "step_time_s"))
        and any("voltage" in n for n in names)
    )


def read_parquet(path: Path) -> RawTable:
    """Return the samples under the understood columns; the current's sign stays as written."""
    columns = columns_of(Head.of(path))
    return raw_table(converted(read_columns(path, columns), columns), subject=path.name)


FORMAT = Format("named-units", "table with units in its headers (csv, tsv)", recognises, read)
PARQUET = Format(
    "named-units-parquet", "Parquet with units in its names", recognises_parquet, read_parquet
)
