"""BioLogic EC-Lab, binary (`.mpr`): our own small reader, since the kept libraries are GPL.

Units as EC-Lab keeps them (mA, mAh, V, s) become the frame's; positive current is oxidation at the
working electrode, which for a battery wired plus to working electrode is charging.
"""

import re
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.errors import NotTimeSeries
from batteryloop.readers.biologic_modules import MAGIC, Module, modules
from batteryloop.readers.biologic_records import COLUMNS, Records, records
from batteryloop.readers.types import Format, Head, RawTable, noticed
from batteryloop.telemetry.types import Finding

Array = NDArray[np.float64]

_OLE_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_OLE_DAYS = (29_221.0, 80_000.0)  # 1980 to 2119
_START_AT_BYTE = (585, 465, 469, 473)  # of the log module; the place moved with the versions
_REST = 3  # the mode in which the cell's circuit is open
_TECHNIQUES = {0x04: "GCPL", 0x1D: "PEIS", 0x7F: "MB"}


def recognises(head: Head) -> bool:
    """Return whether the file begins as a BioLogic modular file."""
    return head.start.startswith(MAGIC)


def read(path: Path) -> RawTable:
    """Return the samples of a `.mpr` file.

    The voltage between the terminals is that of the working electrode less that of the counter
    electrode, where the file has both. Where no current was recorded it is taken as nought at
    rest, else from the charge that passed since the sample before.

    Raises
    ------
    FileDamaged
        If the file is cut short or its lengths contradict one another.
    NotTimeSeries
        If there is no time, no voltage or nothing that tells the current (a bare spectrum).
    FormatUnknown
        If the data module is of a version that is not known.
    """
    by_name = {module.name: module for module in modules(path.read_bytes(), subject=path.name)}
    if "VMP data" not in by_name:
        raise NotTimeSeries(
            path.name,
            f"holds no data module; modules: {', '.join(by_name) or 'none'}",
            "a measurement (.mpr)",
            "choose the .mpr file of a technique that has run",
        )
    found = records(by_name["VMP data"], subject=path.name)
    with np.errstate(all="ignore"):  # a broken number is a finding of the checks, not of numpy
        return RawTable(
            frame_of(found, subject=path.name),
            metadata=_metadata(by_name),
            start_at=started_at(by_name.get("VMP LOG")),
            findings=tuple(_findings(found)),
        )


def frame_of(found: Records, *, subject: str) -> pl.DataFrame:
    """Return the records as columns by the names of `quantities.csv`, in their order.

    Raises
    ------
    NotTimeSeries
        If there is no time, no voltage or nothing that tells the current.
    """
    voltage_v = _voltage(found)
    current_a = _current(found)
    if "time/s" not in found.columns or voltage_v is None or current_a is None:
        raise NotTimeSeries(
            subject,
            f"holds no time, voltage and current; columns: {', '.join(found.columns)}",
            "samples over time",
            "choose the .mpr file of a technique that records time, Ewe and I",
        )
    kept = {
        column.quantity: np.asarray(found.columns[column.name], np.float64) * column.factor
        for column in COLUMNS.values()
        if column.quantity and column.name in found.columns
    }
    passed_ah = _charge_passed(found)
    if passed_ah is not None:
        kept["charge_capacity_ah"] = np.cumsum(np.clip(passed_ah, 0, None))
        kept["discharge_capacity_ah"] = np.cumsum(np.clip(-passed_ah, 0, None))
    if "cycle_count" not in kept and "half cycle" in found.columns:
        kept["cycle_count"] = np.asarray(found.columns["half cycle"], np.float64) // 2
    kept |= {"voltage_v": voltage_v, "current_a": current_a}
    whole = [pl.col(name).cast(pl.Int64, strict=False) for name in _COUNTS if name in kept]
    return pl.DataFrame(kept).with_columns(whole)


_COUNTS = ("cycle_count", "step_index")


def _values(found: Records, *names: str) -> Array | None:
    """Return the first of the columns `names` that there is."""
    for name in names:
        if name in found.columns:
            return np.asarray(found.columns[name], np.float64)
    return None


def _voltage(found: Records) -> Array | None:
    between = _values(found, "Ewe-Ece/V")
    if between is not None:
        return between
    working = _values(found, "Ewe/V", "<Ewe>/V")
    counter = _values(found, "Ece/V", "<Ece>/V")
    return working if working is None or counter is None else working - counter


def _charge_passed(found: Records) -> Array | None:
    """Return the charge since the sample before [Ah], positive on charge."""
    step_mah = _values(found, "dq/mA.h", "dQ/mA.h")
    if step_mah is not None:
        return step_mah / 1000
    step_c = _values(found, "dQ/C")
    if step_c is not None:
        return step_c / 3600
    total_mah = _values(found, "(Q-Qo)/mA.h")
    return None if total_mah is None else np.diff(total_mah, prepend=total_mah[:1]) / 1000


def _current(found: Records) -> Array | None:
    """Return the current [A], positive on charge."""
    measured_ma = _values(found, "I/mA", "<I>/mA")
    if measured_ma is not None:
        return measured_ma / 1000
    mode = _values(found, "mode")
    elapsed_s = _values(found, "time/s")
    passed_ah = _charge_passed(found)
    is_rest = np.zeros(found.n_rows, bool) if mode is None else mode == _REST
    if is_rest.all():
        return np.zeros(found.n_rows)
    if passed_ah is None or elapsed_s is None:
        return None
    span_s = np.diff(elapsed_s, prepend=np.nan)
    mean_a = np.divide(passed_ah * 3600, span_s, out=np.zeros(found.n_rows), where=span_s > 0)
    return np.where(is_rest, 0.0, mean_a)


def started_at(log: Module | None) -> datetime | None:
    """Return the start that the log module keeps, as days since 30 December 1899, or None.

    It stands before the path of the file, which is written with its length in front.
    """
    if log is None:
        return None
    body = bytes(log.body)
    before_path = [m.start() - 9 for m in re.finditer(rb"[A-Za-z]:\\|\\\\[\w.-]", body)]
    for at in (*before_path, *_START_AT_BYTE):
        if 0 <= at <= len(body) - 8:
            (days,) = struct.unpack_from("<d", body, at)
            if _OLE_DAYS[0] < days < _OLE_DAYS[1]:
                return _OLE_EPOCH + timedelta(milliseconds=round(days * 86_400_000))
    return None


def _metadata(by_name: dict[str, Module]) -> dict[str, str]:
    said = {"date": by_name["VMP data"].date, "data_version": str(by_name["VMP data"].version)}
    settings = by_name.get("VMP Set")
    if settings is not None and len(settings.body) > 0:
        number = settings.body[0]
        said["technique"] = _TECHNIQUES.get(number, f"number {number}")
    said["clock"] = "the tester's local time, its zone not recorded"
    return said


def _findings(found: Records) -> list[Finding]:
    noticed_here = []
    if found.unknown:
        numbers = ", ".join(map(str, found.unknown))
        noticed_here.append(
            noticed(
                "columns-unknown",
                f"columns {numbers} are not known and were left out",
                "export the file as text (.mpt) if they are needed",
                severity="note",
            )
        )
    if _values(found, "I/mA", "<I>/mA") is None:
        noticed_here.append(
            noticed(
                "current-derived",
                "no current was recorded; it is the charge passed since the sample before over "
                "the time between, and nought at rest",
                "add I to the recorded variables in EC-Lab",
                severity="note",
                n_rows=found.n_rows,
            )
        )
    frequency = _values(found, "freq/Hz")
    n_alternating = 0 if frequency is None else int((frequency > 0).sum())
    if n_alternating:
        noticed_here.append(
            noticed(
                "impedance-rows",
                f"{n_alternating:,} rows are points of an impedance spectrum: an alternating "
                "signal was laid over current and voltage",
                "leave them out where capacity or resistance is counted",
                severity="note",
                n_rows=n_alternating,
            )
        )
    return noticed_here


FORMAT = Format("biologic-mpr", "BioLogic EC-Lab binary (.mpr)", recognises, read)
