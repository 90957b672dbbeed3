"""Arbin MITS, binary (`.res`): an Access file with one row a sample in `Channel_Normal_Table`."""

from pathlib import Path

import numpy as np
import polars as pl

from batteryloop.errors import FileDamaged, NotTimeSeries
from batteryloop.readers.access_tables import Database, fixed_columns
from batteryloop.readers.foreign import guarded
from batteryloop.readers.sampling import sample_times
from batteryloop.readers.types import Format, Head, RawTable, noticed
from batteryloop.telemetry.types import Finding

_OLE_EPOCH = pl.date(1899, 12, 30).cast(pl.Datetime("us"))
_TEMPERATURE = 1  # Data_Type of an auxiliary channel

_SAMPLES = {
    "Test_ID": "test_id",
    "Data_Point": "data_point",
    "Test_Time": "elapsed_s",
    "Step_Time": "step_time_s",
    "DateTime": "clock_days",
    "Step_Index": "step_index",
    "Cycle_Index": "cycle_count",
    "Current": "current_a",
    "Voltage": "voltage_v",
    "Charge_Capacity": "charge_capacity_ah",
    "Discharge_Capacity": "discharge_capacity_ah",
    "Charge_Energy": "charge_energy_wh",
    "Discharge_Energy": "discharge_energy_wh",
    "Internal_Resistance": "internal_resistance_ohm",
}
_AUXILIARY = ("Test_ID", "Data_Point", "Auxiliary_Index", "Data_Type", "X")
_SAID = {
    "Test_Name": "test_name",
    "Item_ID": "item",
    "Channel_Index": "channel",
    "Schedule_File_Name": "schedule",
    "Serial_Number": "tester_serial_number",
    "Software_Version": "software_version",
}


def recognises(head: Head) -> bool:
    """Return whether the file begins as an Access file does."""
    return head.start[:4] == b"\0\1\0\0" and head.start[4:19] in (
        b"Standard Jet DB",
        b"Standard ACE DB",
    )


def read(path: Path) -> RawTable:
    """Return the samples of a `.res` file; several tests in one file stay apart.

    Time is made of both clocks: the computer's, in whole seconds, and the tester's own.

    Raises
    ------
    FileDamaged
        If the file is broken.
    NotTimeSeries
        If the Access file is not Arbin's, or holds no samples.
    """
    with guarded(path, "access_parser") as said:
        file = Database(path)
        table = file.table("Channel_Normal_Table")
        if table is None:
            raise NotTimeSeries(
                path.name,
                f"an Access file without samples; tables: {', '.join(list(file.catalog)[:8])}",
                "a table Channel_Normal_Table",
                "choose the .res file that the tester wrote",
            )
        samples = fixed_columns(table, tuple(_SAMPLES))
        auxiliary = file.table("Auxiliary_Table")
        sensors = None if auxiliary is None else fixed_columns(auxiliary, _AUXILIARY)
        tests = _tests(file)
        n_said = table.table_header.number_of_rows
    missing = [name for name in ("Test_Time", "Current", "Voltage") if name not in samples.columns]
    if missing:
        raise FileDamaged(path.name, f"Channel_Normal_Table has no column {', '.join(missing)}")
    with np.errstate(all="ignore"):  # a broken number is a finding of the checks, not of numpy
        frame, findings = frame_of(samples, sensors, tests)
    if len(frame) != n_said:
        findings = (*findings, _rows_missing(len(frame), n_said))
    if said:
        findings = (*findings, noticed("file-untidy", f"the file is untidy: {'; '.join(said[:3])}"))
    first = tests.row(0, named=True) if len(tests) else {}
    return RawTable(
        frame,
        metadata={_SAID[k]: str(v) for k, v in first.items() if k in _SAID and v not in (None, "")},
        findings=findings,
        battery_id=str(first.get("Item_ID") or ""),
    )


def frame_of(
    samples: pl.DataFrame, sensors: pl.DataFrame | None, tests: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Return the samples as columns by the names of `quantities.csv`, and what was noticed.

    Parameters
    ----------
    samples : polars.DataFrame
        Columns of Channel_Normal_Table.
    sensors : polars.DataFrame, optional
        Columns of Auxiliary_Table: one row a sample and sensor.
    tests : polars.DataFrame
        Columns of Global_Table: one row a test.
    """
    frame = samples.rename({k: v for k, v in _SAMPLES.items() if k in samples.columns})
    if "test_id" not in frame.columns:
        frame = frame.with_columns(pl.lit(1, pl.Int32).alias("test_id"))
    keys = [name for name in ("test_id", "data_point") if name in frame.columns]
    frame = frame.sort(keys, maintain_order=True)
    if sensors is not None and len(keys) == 2:
        frame = frame.join(temperatures(sensors), on=keys, how="left", maintain_order="left")
    frame, findings = _with_time(frame)
    if frame.get_column("test_id").n_unique() > 1:
        frame = frame.join(battery_ids(tests), on="test_id", how="left", maintain_order="left")
        if frame.get_column("battery_id").null_count():
            by_test = pl.format("test-{}", "test_id")
            frame = frame.with_columns(pl.coalesce("battery_id", by_test))
    return frame.drop("test_id", "data_point", "clock_days", strict=False), tuple(findings)


def temperatures(sensors: pl.DataFrame) -> pl.DataFrame:
    """Return the temperatures of each sample: one sensor's, or the lowest and highest of several.

    Returns
    -------
    polars.DataFrame
        test_id, data_point and temperature_degc, or temperature_min_degc and temperature_max_degc.
    """
    keys = [pl.col("Test_ID").alias("test_id"), pl.col("Data_Point").alias("data_point")]
    warm = sensors.filter(pl.col("Data_Type") == _TEMPERATURE)
    if warm.is_empty():
        return warm.select(keys)
    value = pl.col("X").cast(pl.Float64)
    if warm.get_column("Auxiliary_Index").n_unique() == 1:
        return warm.group_by(keys, maintain_order=True).agg(value.last().alias("temperature_degc"))
    return warm.group_by(keys, maintain_order=True).agg(
        value.min().alias("temperature_min_degc"), value.max().alias("temperature_max_degc")
    )


def battery_ids(tests: pl.DataFrame) -> pl.DataFrame:
    """Return which battery each test is of: the item, else the test's name, with its channel.

    The channel is named only where one name stands for several.
    """
    name = pl.coalesce(pl.col("Item_ID").replace("", None), pl.col("Test_Name").replace("", None))
    n_channels = pl.col("Channel_Index").n_unique().over(name)
    with_channel = pl.format("{}-channel-{}", name, "Channel_Index")
    return tests.select(
        pl.col("Test_ID").cast(pl.Int32).alias("test_id"),
        pl.when(n_channels > 1).then(with_channel).otherwise(name).alias("battery_id"),
    ).unique("test_id", keep="last", maintain_order=True)


def _tests(file: Database) -> pl.DataFrame:
    names = ("Test_ID", "Channel_Index", "Start_DateTime")
    texts = ("Test_Name", "Item_ID", "Schedule_File_Name", "Serial_Number", "Software_Version")
    table = file.table("Global_Table")
    said = {} if table is None else table.parse()
    n_tests = len(said.get("Test_ID", ()))
    numbers = pl.DataFrame(
        {name: pl.Series(list(said.get(name) or [None] * n_tests), strict=False) for name in names}
    ).cast({"Test_ID": pl.Int32, "Channel_Index": pl.Int32, "Start_DateTime": pl.Float64})
    return numbers.with_columns(
        pl.Series(name, [str(v or "").strip() for v in said.get(name) or [""] * n_tests], pl.String)
        for name in texts
    )


def _with_time(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """Add `time`, where the file knows the clock, test by test."""
    if "clock_days" not in frame.columns or frame.is_empty():
        return frame, []
    since_ole_us = (pl.col("clock_days") * 86_400e6).round().cast(pl.Int64, strict=False)
    timed, findings = [], []
    for test in frame.partition_by("test_id", maintain_order=True):
        stamps = test.select(_OLE_EPOCH + since_ole_us.cast(pl.Duration("us"))).to_series()
        time, noticed_here = sample_times(test.get_column("elapsed_s"), stamps)
        timed.append(test.with_columns(time.alias("time")))
        findings += noticed_here
    frame = pl.concat(timed)
    if frame.get_column("time").null_count() == len(frame):
        frame = frame.drop("time")
    return frame, findings


def _rows_missing(n_read: int, n_said: int) -> Finding:
    return noticed(
        "rows-missing",
        f"{n_read:,} samples were read, the table says it holds {n_said:,}",
        "copy the file again, or export it as text in MITS",
        severity="error",
        n_rows=abs(n_said - n_read),
    )


FORMAT = Format("arbin-res", "Arbin MITS binary (.res)", recognises, read)
