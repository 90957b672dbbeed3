"""PEC, exported as csv: lines of a head, then samples in mV, mA, mAh and mWh."""

from pathlib import Path

import polars as pl

from batteryloop.readers.layout import find_layout
from batteryloop.readers.tabular import raw_table, read_table
from batteryloop.readers.timestamps import parse_moment
from batteryloop.readers.types import Format, Head, RawTable

_MARKS = frozenset({"test_name", "cell_name", "elapsed_s"})
_SAID = {
    "Test": "test",
    "TestRegime Name": "regime",
    "Start Time": "started",
    "Product ID": "product_id",
    "LotID": "lot_id",
    "Requestor": "requestor",
}


def recognises(head: Head) -> bool:
    """Return whether the table has PEC's test, cell and position start time."""
    layout = find_layout(head, "pec")
    return (
        layout is not None
        and layout.is_time_series
        and layout.names >= _MARKS
        and {"Position Start Time", "ReasonCode", "Rack"} & {s.strip() for s in layout.labels}
        != set()
    )


def read(path: Path) -> RawTable:
    """Return the samples; a file of several cells keeps them apart as `test-cell`."""
    head = Head.of(path)
    layout = find_layout(head, "pec")
    assert layout is not None
    about = _about(head.lines[: layout.first_row])
    table = read_table(path, layout)
    frame = table.frame
    named = pl.concat_str("test_name", "cell_name", separator="-")
    battery_id = ""
    if "cell_id" in frame.columns:
        battery_id = frame.get_column("cell_id")[0] or ""
        named = pl.coalesce("cell_id", named)
    names = frame.select(named.alias("battery_id")).to_series()
    if names.n_unique() > 1:
        table = table.with_columns(names)
    return raw_table(
        table,
        subject=path.name,
        metadata=about,
        start_at=parse_moment(about.get("started", "")),
        battery_id=battery_id,
    )


def _about(lines: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition(",")
        name = _SAID.get(key.strip().rstrip(":"))
        if name and value.strip(' ,"'):
            found.setdefault(name, value.strip(' ,"'))
    return found


FORMAT = Format("pec", "PEC (csv)", recognises, read)
