"""A broken file is named as such: never a traceback, never a hang, whatever its bytes."""

import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batteryloop.errors import InputWrong
from batteryloop.readers import read
from batteryloop.telemetry.types import Recording

LONGEST_S = 20.0
EXPORTS = (
    "GCPL-0.mpr",
    "PEIS-0.mpr",
    "new_nda_file.nda",
    "filetype14-0.ndax",
    "20160805_test001_45_cc_01.res",
)
quietly = pytest.mark.filterwarnings("default")  # a foreign library may warn of what it meets


def outcome(path: Path, data: bytes) -> Recording | InputWrong:
    """Read `data`; anything but a recording or a named error, soon, fails the test."""
    path.write_bytes(data)
    began = time.monotonic()
    try:
        result = read(path)
    except InputWrong as error:
        result = error
    assert isinstance(result, Recording) or path.name in str(result)
    assert time.monotonic() - began < LONGEST_S
    return result


def flipped(data: bytes, chance: random.Random, n_bytes: int) -> bytes:
    broken = bytearray(data)
    for _ in range(n_bytes):
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
    return bytes(broken)


@pytest.fixture
def written(mpr):
    samples = {1: [3, 1, 1], 4: [0.0, 10.0, 20.0], 6: [3.0, 3.1, 3.2], 7: [0.0, 1.0, 1.0]}
    return bytes(mpr(samples))


def test_every_truncation_of_a_biologic_file_is_named(written, tmp_path):
    for length in range(0, len(written), 7):
        result = outcome(tmp_path / "cut.mpr", written[:length])
        assert isinstance(result, InputWrong) or length > written.find(b"VMP LOG")


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(flips=st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 255)), max_size=6))
def test_no_flip_of_a_biologic_file_escapes(written, tmp_path, flips):
    broken = bytearray(written)
    for at, mask in flips:
        broken[at % len(broken)] ^= mask
    outcome(tmp_path / "flipped.mpr", bytes(broken))


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    start=st.sampled_from(
        [
            b"BIO-LOGIC MODULAR FILE\x1a".ljust(52) + b"MODULE",
            b"\0\1\0\0Standard Jet DB\0\1\0\0\0",
            b"NEWARE20200325\x1d",
            b"PK\x03\x04data.ndc",
        ]
    ),
    rest=st.binary(max_size=6000),
)
def test_the_right_beginning_with_any_bytes_behind_is_damage(tmp_path, start, rest):
    assert isinstance(outcome(tmp_path / "any.bin", start + rest), InputWrong)


@pytest.mark.shared_data
@quietly
@pytest.mark.parametrize("name", EXPORTS)
def test_no_truncation_of_a_real_file_escapes(shared_data, tmp_path, name):
    whole = (shared_data / "cycler_exports" / name).read_bytes()
    for share in (0.0, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999):
        outcome(tmp_path / name, whole[: int(len(whole) * share)])


@pytest.mark.shared_data
@quietly
@pytest.mark.parametrize("name", EXPORTS)
def test_no_flip_of_a_real_file_escapes(shared_data, tmp_path, name):
    whole = (shared_data / "cycler_exports" / name).read_bytes()
    chance = random.Random(20261122)
    for n_bytes in (1, 4, 16, 64, 256, 1024, 4096) * (2 if len(whole) < 200_000 else 1):
        outcome(tmp_path / name, flipped(whole, chance, n_bytes))


@pytest.mark.shared_data
@quietly
@pytest.mark.parametrize("name", EXPORTS)
def test_no_damage_to_the_head_of_a_real_file_escapes(shared_data, tmp_path, name):
    whole = (shared_data / "cycler_exports" / name).read_bytes()
    chance = random.Random(8)
    for _ in range(12):
        broken = flipped(whole[32:4096], chance, 12)
        outcome(tmp_path / name, whole[:32] + broken + whole[4096:])


@pytest.mark.shared_data
@quietly
@pytest.mark.parametrize("name", EXPORTS)
def test_a_file_of_the_right_head_and_noise_escapes_nobody(shared_data, tmp_path, name):
    whole = (shared_data / "cycler_exports" / name).read_bytes()
    chance = random.Random(3)
    noise = chance.randbytes(min(len(whole), 100_000))
    assert isinstance(outcome(tmp_path / name, whole[:64] + noise), InputWrong)
