"""Whatever the bytes: a recording with findings or a named error, never a traceback."""

import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batteryloop.errors import InputWrong
from batteryloop.readers import Mapping, read
from batteryloop.telemetry.frame import dtype_of
from batteryloop.telemetry.types import Recording

DIALECTS = sorted((Path(__file__).parent / "dialects").iterdir())
MOST_BYTES = 20_000
MAPPING = Mapping.of(
    {"restarts": "Step", "columns": {"elapsed_s": "Time_s", "current_a": "Current_A"}}
)
quietly = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def outcome(path: Path, data: bytes, mapping: Mapping | None = None) -> Recording | InputWrong:
    """Read `data`; anything but a well-formed recording or a named error fails the test."""
    path.write_bytes(data)
    try:
        result = read(path, mapping=mapping)
    except InputWrong as error:
        return error
    frame = result.frame
    assert frame.height > 0
    assert frame["time"].null_count() == 0
    assert all(frame.schema[name] == dtype_of(name) for name in frame.columns)
    assert all(f.row_last is None or f.row_last < frame.height for f in result.findings)
    return result


def variants(data: bytes, chance: random.Random) -> Iterator[bytes]:
    """Yield `data` cut, flipped, in other encodings, with lines shuffled and characters lost."""
    for share in (0.02, 0.3, 0.6, 0.97):
        yield data[: int(share * len(data))]
    for n_bytes in (1, 10, 200):
        broken = bytearray(data)
        for _ in range(n_bytes):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        yield bytes(broken)
    text = data.decode("latin-1")
    for encoding in ("utf-8", "utf-16", "utf-16-be", "utf-32"):
        yield text.encode(encoding)
    yield data.replace(b"\r\n", b"\n").replace(b"\n", b"\r")
    lines = data.split(b"\n")
    chance.shuffle(lines)
    yield b"\n".join(lines)
    start = chance.randrange(len(data))
    yield data[:start] + data[start + chance.randrange(200) :]
    for old, new in ((b".", b","), (b",", b";"), (b"0", b'"'), (b"1", b"\xff"), (b"3", b"1e999")):
        yield data.replace(old, new)
    yield data.replace(b"\n", b"\0\n")
    yield b"\xef\xbb\xbf" + data


@pytest.mark.parametrize("path", DIALECTS, ids=lambda path: path.name)
def test_every_spoilt_dialect_is_read_or_named(path, tmp_path):
    data = path.read_bytes()
    assert isinstance(outcome(tmp_path / "whole", data), Recording)
    for broken in variants(data, random.Random(path.name)):
        outcome(tmp_path / "broken", broken)


@pytest.mark.shared_data
def test_every_spoilt_export_is_read_or_named(shared_data, tmp_path):
    exports = sorted((shared_data / "cycler_exports").iterdir())
    binary = {".mpr", ".nda", ".ndax", ".res"}  # their own tests spoil these
    for path in (p for p in exports if p.suffix not in binary):
        data = path.read_bytes()[:MOST_BYTES]
        for broken in variants(data, random.Random(path.name)):
            outcome(tmp_path / "broken", broken)
    for path in sorted((shared_data / "eis").iterdir()):
        for broken in islice(variants(path.read_bytes(), random.Random(path.name)), 8):
            outcome(tmp_path / "broken", broken)


@given(data=st.data(), path=st.sampled_from(DIALECTS))
@quietly
def test_bytes_put_in_anywhere_are_read_or_named(data, path, tmp_path):
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    upto = data.draw(st.integers(at, min(len(whole), at + 40)))
    outcome(tmp_path / "x", whole[:at] + data.draw(st.binary(max_size=40)) + whole[upto:])


@pytest.fixture(params=["parquet", "workbook"])
def packed(request, tmp_path) -> bytes:
    """Return the bytes of the short test as a Parquet file or a workbook."""
    rows = pl.read_csv(Path(__file__).parent / "dialects" / "arbin_mits.csv")
    if request.param == "parquet":
        rows.write_parquet(tmp_path / "packed")
    else:
        book = openpyxl.Workbook()
        for row in (rows.columns, *rows.iter_rows()):
            book.active.append(row)
        book.save(tmp_path / "packed")
    return (tmp_path / "packed").read_bytes()


def test_a_spoilt_parquet_file_or_workbook_is_read_or_named_in_silence(packed, tmp_path, capfd):
    assert isinstance(outcome(tmp_path / "whole", packed), Recording)
    chance = random.Random(7)
    for _ in range(300):
        broken = bytearray(packed[: chance.choice([len(packed), chance.randrange(len(packed))])])
        for _ in range(min(len(broken), chance.choice([1, 3, 30]))):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        outcome(tmp_path / "broken", bytes(broken))
    assert capfd.readouterr() == ("", "")


@given(st.binary(max_size=2000))
@quietly
def test_any_bytes_are_named(tmp_path, data):
    outcome(tmp_path / "x", data)


CELLS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(str),
    st.integers(-(10**20), 10**20).map(str),
    st.text(max_size=8),
    st.sampled_from(["", "NaN", "2024-01-01 00:00:00", "00:00:01", "1e308", "-1e308"]),
)


@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=7), max_size=8),
    mapped=st.booleans(),
    separator=st.sampled_from(",;\t"),
)
@quietly
def test_any_cells_under_a_good_header_are_read_or_named(rows, mapped, separator, tmp_path):
    header = ["Step", "Time_s", "Current_A", "Voltage_V", "Cycle_Index", "Charge_Capacity_Ah"]
    text = "\n".join(separator.join(row) for row in [header, *rows])
    outcome(tmp_path / "x", text.encode("utf-8", "replace"), MAPPING if mapped else None)
