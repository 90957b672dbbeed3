"""Neware BTS, binary (`.nda`, and `.ndax`, which is a zip archive), through `fastnda`.

The library gives mA, mAh and mWh with positive current on charge; its counters restart at every
step. It trusts the sizes that an archive names and the file's name, so both are seen to here.
"""

import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile

import fastnda
import polars as pl

from batteryloop.errors import FileDamaged, NotTimeSeries
from batteryloop.readers.foreign import guarded
from batteryloop.readers.sampling import sample_times
from batteryloop.readers.types import Format, Head, RawTable, noticed
from batteryloop.telemetry.types import Finding

_NDA = b"NEWARE"
_ZIP = b"PK\x03\x04"
_MARKS = (b".ndc", b"VersionInfo.xml", b"TestInfo.xml")
_DATA = "data.ndc"
_SENSOR = re.compile(r"aux-?\d*_temperature_degC")  # not a clamp's, a lead's or a set point
_LARGEST_BYTES = 4 * 1024**3
_AGAIN = "copy the file again from the tester's computer"
_SAID = {  # our name: theirs, in .nda and in .ndax
    "start_time": ("start_time", "StartTime"),
    "barcode": ("barcode", "Barcode"),
    "remarks": ("remarks", "Remark"),
    "test_name": ("test_name", "TestName"),
    "schedule": ("step_name", "StepName"),
    "channel": ("channel", "ChlID"),
    "software_version": ("client_version", "SortVersion"),
}
_EARLIEST_S = datetime(1990, 1, 1, tzinfo=UTC).timestamp()


def recognises_nda(head: Head) -> bool:
    """Return whether the file begins as an `.nda` file."""
    return head.start.startswith(_NDA)


def recognises_ndax(head: Head) -> bool:
    """Return whether the file is a zip archive of the parts that Neware writes."""
    return head.start.startswith(_ZIP) and any(mark in head.start for mark in _MARKS)


def read_nda(path: Path) -> RawTable:
    """Return the samples of an `.nda` file.

    Raises
    ------
    FileDamaged
        If the library can make no sense of it.
    """
    return _read(path, ".nda")


def read_ndax(path: Path) -> RawTable:
    """Return the samples of an `.ndax` file.

    Raises
    ------
    FileDamaged
        If it is no whole archive, or its parts unpack to more than 4 GiB.
    NotTimeSeries
        If there is no part with samples.
    """
    _look_into_archive(path)
    return _read(path, ".ndax")


def frame_of(samples: pl.DataFrame) -> pl.DataFrame:
    """Return `fastnda`'s columns as columns by the names of `quantities.csv`.

    Capacity and energy come with the sign of the step and are laid apart into charge and discharge.
    Where a point of time is given for every sample it is `time`, else only the elapsed time is.

    Examples
    --------
    >>> raw = pl.DataFrame({"total_time_s": [0.0, 9.0], "voltage_V": [3.2, 3.1],
    ...                     "current_mA": [0.0, -500.0], "capacity_mAh": [0.0, -1.25]})
    >>> frame_of(raw).select("current_a", "discharge_capacity_ah").rows()
    [(0.0, 0.0), (-0.5, 0.00125)]
    """
    plain = {
        "total_time_s": "elapsed_s",
        "step_time_s": "step_time_s",
        "voltage_V": "voltage_v",
        "cycle_count": "cycle_count",
        "step_index": "step_index",
    }
    columns = [pl.col(k).alias(v) for k, v in plain.items() if k in samples.columns]
    if "current_mA" in samples.columns:
        columns.append((pl.col("current_mA").cast(pl.Float64) / 1e3).alias("current_a"))
    for total, unit in (("capacity_mAh", "capacity_ah"), ("energy_mWh", "energy_wh")):
        if total in samples.columns:
            value = pl.col(total).cast(pl.Float64) / 1e3
            columns.append(value.clip(lower_bound=0.0).alias(f"charge_{unit}"))
            columns.append(value.clip(upper_bound=0.0).abs().alias(f"discharge_{unit}"))
    warm = [name for name in samples.columns if _SENSOR.fullmatch(name)]
    if len(warm) == 1:
        columns.append(pl.col(warm[0]).alias("temperature_degc"))
    elif warm:
        columns.append(pl.min_horizontal(warm).alias("temperature_min_degc"))
        columns.append(pl.max_horizontal(warm).alias("temperature_max_degc"))
    if _has_clock(samples):
        since_us = (samples.get_column("unix_time_s") * 1e6).round().cast(pl.Int64, strict=False)
        stamps = since_us.cast(pl.Datetime("us"))
        time, _ = sample_times(samples.get_column("total_time_s"), stamps)
        columns.append(pl.lit(time).alias("time"))
    return samples.select(columns)


def _has_clock(samples: pl.DataFrame) -> bool:
    if not {"unix_time_s", "total_time_s"} <= set(samples.columns) or samples.is_empty():
        return False
    clock = samples.get_column("unix_time_s")
    return clock.null_count() == 0 and bool((clock > _EARLIEST_S).all())


def _read(path: Path, suffix: str) -> RawTable:
    with guarded(path, "fastnda") as said, _named(path, suffix) as file:
        frame = frame_of(fastnda.read(file, cycle_mode="raw"))
    metadata, findings = _metadata(path, suffix)
    if said:
        findings.append(
            noticed("file-untidy", f"fastnda says: {'; '.join(said[:3])}", severity="note")
        )
    return RawTable(
        frame,
        metadata=metadata,
        findings=tuple(findings),
        battery_id=metadata.get("barcode", ""),
    )


def _metadata(path: Path, suffix: str) -> tuple[dict[str, str], list[Finding]]:
    """Return what the file says about itself; samples are not lost for a broken label."""
    try:
        with guarded(path, "fastnda"), _named(path, suffix) as file:
            said = fastnda.read_metadata(file)
    except FileDamaged as exc:
        return {}, [noticed("label-unreadable", exc.found, "name the battery by hand")]
    if suffix == ".ndax":
        said = _flat(said.get("TestInfo"))
    return {
        name: text
        for name, keys in _SAID.items()
        for text in [next((str(said[k]).strip() for k in keys if said.get(k)), "")]
        if text
    }, []


def _flat(tree: object) -> dict[str, object]:
    """Return the leaves of nested dictionaries by their own names."""
    if not isinstance(tree, dict):
        return {}
    leaves: dict[str, object] = {}
    for name, value in tree.items():
        leaves |= _flat(value) if isinstance(value, dict) else {name: value}
    return leaves


@contextmanager
def _named(path: Path, suffix: str) -> Iterator[Path]:
    """Yield the file under a name that ends in `suffix`, by which the library knows the format."""
    if path.suffix.lower() == suffix:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / f"samples{suffix}"
        copyfile(path, again)
        yield again


def _look_into_archive(path: Path) -> None:
    """Refuse an archive that is broken, has no samples, or unpacks to more than it should."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {part.filename: part.file_size for part in archive.infolist()}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, NotImplementedError) as exc:
        raise FileDamaged(
            path.name, f"is no whole zip archive ({exc})", "a whole .ndax file", _AGAIN
        ) from exc
    if _DATA not in parts:
        raise NotTimeSeries(
            path.name,
            f"holds no part {_DATA}; parts: {', '.join(list(parts)[:8])}",
            "samples over time",
            "export the test anew in BTSDA",
        )
    if sum(parts.values()) > _LARGEST_BYTES:
        raise FileDamaged(
            path.name,
            f"unpacks to {sum(parts.values()) / 1024**3:.1f} GiB",
            f"at most {_LARGEST_BYTES / 1024**3:.0f} GiB",
            "export the test in parts",
        )


NDA = Format("neware-nda", "Neware BTS binary (.nda)", recognises_nda, read_nda)
NDAX = Format("neware-ndax", "Neware BTS archive (.ndax)", recognises_ndax, read_ndax)
