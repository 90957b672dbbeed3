"""Arbin, exported as text: one row a sample, counters in Ah and Wh, current positive on charge."""

from pathlib import Path

from batteryloop.readers.layout import find_layout
from batteryloop.readers.tabular import raw_table, read_table
from batteryloop.readers.types import Format, Head, RawTable

_MARKS = frozenset({"record", "elapsed_s", "step_index", "cycle_count"})


def recognises(head: Head) -> bool:
    """Return whether the header has Arbin's data point, test time, step and cycle index."""
    layout = find_layout(head, "arbin")
    return layout is not None and layout.is_time_series and layout.names >= _MARKS


def read(path: Path) -> RawTable:
    """Return the samples; MITS Pro, BEEP and battery-archive headers alike."""
    layout = find_layout(Head.of(path), "arbin")
    assert layout is not None
    return raw_table(read_table(path, layout), subject=path.name)


FORMAT = Format("arbin-text", "Arbin text (csv)", recognises, read)
