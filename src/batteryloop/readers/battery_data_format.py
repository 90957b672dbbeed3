"""Battery Data Format (BDF): machine names (`test_time_second`) or labels (`Test Time / s`)."""

from pathlib import Path

from batteryloop.readers.headers import slug
from batteryloop.readers.layout import find_layout
from batteryloop.readers.parquet import columns_of, names_of, read_columns
from batteryloop.readers.tabular import converted, raw_table, read_table
from batteryloop.readers.types import Format, Head, RawTable

_MACHINE = frozenset({"test_time_second", "voltage_volt", "current_ampere"})
_LABELS = ("testtime", "voltage", "current")


def names_are_bdf(names: tuple[str, ...]) -> bool:
    """Return whether `names` hold the three columns that the format requires.

    Examples
    --------
    >>> names_are_bdf(("Test Time / h", "Voltage / mV", "Current / A", "Step Index / 1"))
    True
    """
    plain = {name.strip().strip('"') for name in names}
    if plain >= _MACHINE:
        return True
    bases = {slug(name.partition(" / ")[0]) for name in plain if " / " in name}
    return all(label in bases for label in _LABELS)


def recognises(head: Head) -> bool:
    """Return whether the header's names are those of the format."""
    layout = find_layout(head)
    return layout is not None and names_are_bdf(layout.labels)


def read(path: Path) -> RawTable:
    """Return the samples; the format itself counts charge as positive."""
    layout = find_layout(Head.of(path))
    assert layout is not None
    return raw_table(read_table(path, layout), subject=path.name)


def recognises_parquet(head: Head) -> bool:
    """Return whether a Parquet file's columns are those of the format."""
    return names_are_bdf(names_of(head))


def read_parquet(path: Path) -> RawTable:
    """Return the samples of a Parquet file."""
    columns = columns_of(Head.of(path))
    return raw_table(converted(read_columns(path, columns), columns), subject=path.name)


FORMAT = Format("bdf", "Battery Data Format (csv)", recognises, read)
PARQUET = Format("bdf-parquet", "Battery Data Format (Parquet)", recognises_parquet, read_parquet)
