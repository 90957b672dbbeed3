"""Files that the readers' tests write themselves."""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from batteryloop.telemetry.types import Recording

WIDTHS = {1: "bits", 4: "<f8", 6: "<f4", 8: "<f4", 7: "<f8", 9: "<f4", 13: "<f8", 24: "<f8"}
WIDTHS |= {131: "<u2", 32: "<f4", 468: "<u4", 123: "<f8"}
RECORDS_AT = {0: 100, 2: 405, 3: 406, 11: 1007}


@dataclass
class Mpr:
    """A BioLogic file in the making: columns by number, the start in days since 1899-12-30."""

    columns: Mapping[int, Sequence[float]]
    version: int = 3
    started_days: float | None = 45000.5
    widths: Mapping[int, str] = field(default_factory=dict)
    n_rows: int | None = None
    path: str = "C:\\data\\cell.mpr"

    def module(self, name: bytes, body: bytes, version: int) -> bytes:
        head = struct.pack("<6s10s25s", b"MODULE", name.ljust(10), name.ljust(25))
        if self.version == 11:
            head += struct.pack("<IIII8s", 0xFFFFFFFF, len(body), 0, version, b"03/14/23")
        else:
            head += struct.pack("<II8s", len(body), version, b"03/14/23")
        return head + body

    def data(self) -> bytes:
        numbers = list(self.columns)
        fields = [(str(n), (WIDTHS | dict(self.widths))[n]) for n in numbers]
        fields = [(name, "<u1" if kind == "bits" else kind) for name, kind in fields]
        table = np.zeros(len(next(iter(self.columns.values()))), np.dtype(fields))
        for n in numbers:
            table[str(n)] = self.columns[n]
        n_rows = len(table) if self.n_rows is None else self.n_rows
        count, number = {0: ("B", "B"), 11: ("H", "H")}.get(self.version, ("B", "H"))
        ids = struct.pack(f"<I{count}{len(numbers)}{number}", n_rows, len(numbers), *numbers)
        return ids.ljust(RECORDS_AT.get(self.version, 500), b"\0") + table.tobytes()

    def log(self) -> bytes:
        days = b"" if self.started_days is None else struct.pack("<d", self.started_days)
        path = self.path.encode("latin-1")
        return bytes(585) + days + struct.pack("B", len(path)) + path + bytes(50)

    def __bytes__(self) -> bytes:
        parts = [
            b"BIO-LOGIC MODULAR FILE\x1a".ljust(48) + bytes(4),
            self.module(b"VMP Set", b"\x04" + bytes(20), 10),
            self.module(b"VMP data", self.data(), self.version),
        ]
        if self.started_days is not None:
            parts.append(self.module(b"VMP LOG", self.log(), 10))
        return b"".join(parts)


@pytest.fixture
def mpr() -> Callable[..., Mpr]:
    return Mpr


# One short test as every dialect writes it: rest, charge 1.2 A, rest, discharge 0.6 A, rest.
CELL_CURRENTS_A = [0, 0, 1.2, 1.2, 1.2, 0, 0, -0.6, -0.6, -0.6, 0]
CELL_VOLTAGES_V = [3.60, 3.60, 3.68, 3.70, 3.72, 3.66, 3.65, 3.61, 3.59, 3.57, 3.60]
CELL_TIMES_S = [0, 60, 60, 120, 180, 180, 240, 240, 300, 360, 360]
CELL_BEGAN_AT = datetime(2024, 3, 25, 9, 30, tzinfo=UTC)


@pytest.fixture
def dialects() -> Path:
    """Return the folder of synthetic exports, one a dialect, all of the same test."""
    return Path(__file__).parent / "dialects"


@pytest.fixture
def is_the_cell() -> Callable[..., None]:
    """Return the check that a recording is the one short test."""

    def check(
        recording: Recording,
        *,
        began_at: datetime | None = CELL_BEGAN_AT,
        has_counters: bool = True,
    ) -> None:
        frame = recording.frame
        assert frame["current_a"].to_list() == pytest.approx(CELL_CURRENTS_A, abs=1e-9)
        assert frame["voltage_v"].to_list() == pytest.approx(CELL_VOLTAGES_V, abs=1e-9)
        since_s = (frame["time"] - frame["time"][0]).dt.total_milliseconds() / 1e3
        assert since_s.to_list() == pytest.approx(CELL_TIMES_S, abs=0.011)
        assert recording.source.is_time_relative == (began_at is None)
        assert frame["time"][0] == began_at or began_at is None
        assert len(recording.source.sha256) == 64
        if has_counters:
            # 1.2 A for 120 s is 0.04 Ah; 0.6 A for 120 s is 0.02 Ah
            assert frame["charge_capacity_ah"].max() == pytest.approx(0.04, abs=1e-6)
            assert frame["discharge_capacity_ah"].max() == pytest.approx(0.02, abs=1e-6)

    return check
