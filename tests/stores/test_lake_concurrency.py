"""Several processes on one lake, and processes that die: nothing is lost, nothing half is seen."""

import subprocess
import sys
import textwrap
import threading

import polars as pl
import pytest

from batteryloop.errors import OutsideFailed
from batteryloop.record import BatteryIdentity
from batteryloop.storage import open_lake

BY = ["battery_id", "time"]
PRELUDE = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
import polars as pl
from batteryloop.record import BatteryIdentity
from batteryloop.storage import open_lake

root, kind = Path(sys.argv[1]), sys.argv[2]

def samples(battery, n, start_s=0, **columns):
    at = datetime(2024, 5, 1, tzinfo=UTC)
    seconds = range(start_s, start_s + n)
    plain = {"battery_id": [battery] * n, "time": [at + timedelta(seconds=s) for s in seconds],
             "current_a": [float(s) for s in seconds],
             "voltage_v": [3.0 + s / 1000 for s in seconds]}
    return pl.DataFrame(plain | {k: [v] * n for k, v in columns.items()})

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def started(lake_root, kind, script, *arguments):
    code = PRELUDE + textwrap.dedent(script)
    command = [sys.executable, "-W", "error", "-c", code, str(lake_root), kind, *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def finished(process):
    _, errors = process.communicate(timeout=100)
    assert process.returncode == 0, errors


def everything(lake):
    return pl.concat(lake.frames(), how="diagonal").sort(BY)


def test_appends_of_several_processes_at_the_same_time_are_all_kept(tmp_path, kind):
    script = """
    who = sys.argv[3]
    lake = open_lake(root, kind=kind)
    for number in range(4):
        lake.append(samples(f"{who}-{number}", 10, **{f"{sys.argv[4]}": 0.5}))
        lake.append(samples("shared", 2, start_s=100 * int(who) + 10 * number))
        lake.remember({f"{who}-{number}": BatteryIdentity(f"{who}-{number}", "LFP")})
    """
    columns = ("soc_frac", "temperature_degc", "power_w")
    # the lake is not there yet: its making is part of the race
    running = [started(tmp_path / "lake", kind, script, str(who), columns[who]) for who in range(3)]
    for process in running:
        finished(process)
    lake = open_lake(tmp_path / "lake")
    own = {f"{who}-{number}" for who in range(3) for number in range(4)}
    for _ in range(2):
        frame = everything(lake)
        counted = dict(frame.group_by("battery_id").len().iter_rows())
        assert counted == dict.fromkeys(own, 10) | {"shared": 24}
        assert set(columns) <= set(frame.columns)
        assert set(lake.identities()) == own
        lake.compact()


def test_appends_during_compactions_are_kept_and_readers_see_whole_appends(tmp_path, kind):
    lake = open_lake(tmp_path / "lake", kind=kind)
    for number in range(6):
        lake.append(pl.concat([_samples("A", number), _samples("B", number)]))
    script = """
    lake = open_lake(root)
    for number in range(6, 26):
        lake.append(pl.concat([samples("A", 10, 10 * number), samples("B", 10, 10 * number)]))
    """
    process = started(lake.root, kind, script)
    seen, conflicts = [], []
    reads = threading.Event()

    def read_on():
        while not reads.is_set():
            frame = everything(open_lake(lake.root))
            counted = dict(frame.group_by("battery_id").len().iter_rows())
            seen.append((counted["A"], counted["B"], frame.unique().height == frame.height))

    reader = threading.Thread(target=read_on)
    reader.start()
    while process.poll() is None:
        try:
            lake.compact()
        except OutsideFailed as error:
            conflicts.append(error)
    reads.set()
    reader.join()
    finished(process)
    lake.compact()
    assert len(everything(lake)) == 520
    assert seen
    assert all(error.is_retryable for error in conflicts)
    assert all(a == b and a % 10 == 0 and is_unique for a, b, is_unique in seen)
    counts = [a for a, _, _ in seen]
    assert counts == sorted(counts)


def _samples(battery, number):
    at = pl.datetime(2024, 5, 1, time_zone="UTC") + pl.duration(seconds=pl.col("s"))
    return pl.DataFrame({"s": range(10 * number, 10 * number + 10)}).select(
        pl.lit(battery).alias("battery_id"),
        at.alias("time"),
        pl.col("s").cast(pl.Float64).alias("current_a"),
        (3 + pl.col("s") / 1000).alias("voltage_v"),
    )


KILLS = {
    "between two new files": """
    from batteryloop.storage import compaction
    write, n = compaction.write_samples, []
    def write_or_die(*args, **kwargs):
        n.append(1)
        return write(*args, **kwargs) if len(n) < 3 else die()
    compaction.write_samples = write_or_die
    """,
    "before the list is changed": """
    type(open_lake(root).ledger).swap = die
    """,
    "after the list is changed, before the old files go": """
    ledger = type(open_lake(root).ledger)
    swap = ledger.swap
    def swap_and_die(self, added, removed, *, keeps_replaced):
        swap(self, added, removed, keeps_replaced=True)
        die()
    ledger.swap = swap_and_die
    """,
    "while the old files go": """
    ledger, unlink, n = type(open_lake(root).ledger), Path.unlink, []
    swap = ledger.swap
    def unlink_or_die(self, *args, **kwargs):
        if self.suffix in (".parquet", ".json") and not self.name.startswith("."):
            n.append(1)
            if len(n) > 3:
                die()
        unlink(self, *args, **kwargs)
    Path.unlink = unlink_or_die
    """,
}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("moment", KILLS)
def test_a_compaction_that_is_killed_loses_nothing(tmp_path, kind, moment):
    lake = open_lake(tmp_path / "lake", kind=kind)
    for number in range(3):
        for battery in ("A", "B", "C", "D"):
            lake.append(_samples(battery, number))
    before = everything(lake)
    script = textwrap.dedent(KILLS[moment]) + "\nopen_lake(root).compact(target_rows=30)\n"
    process = started(lake.root, kind, script)
    process.communicate(timeout=100)
    is_never_reached = kind == "delta" and moment == "while the old files go"
    assert process.returncode == (0 if is_never_reached else -9)
    assert everything(lake).equals(before)
    lake.append(_samples("A", 3))
    done = lake.compact(target_rows=40)
    assert done.n_duplicates == 0
    assert len(everything(lake)) == 130
    assert lake.verify() == []
    if kind == "parquet":
        listed = {entry.name.split("/")[1] for entry in lake.files()}
        assert {p.name for p in (lake.root / "whole").iterdir()} == listed
        assert list((lake.root / "new").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_an_append_that_is_killed_is_not_seen_by_half(tmp_path, kind):
    lake = open_lake(tmp_path / "lake", kind=kind)
    lake.append(_samples("A", 0))
    script = """
    lake = open_lake(root)
    type(lake.ledger).add = die
    lake.append(samples("B", 10))
    """
    process = started(lake.root, kind, script)
    process.communicate(timeout=100)
    assert process.returncode == -9
    assert lake.battery_ids() == ["A"]
    assert lake.compact().n_rows == 10


def test_of_two_compactions_at_the_same_time_one_is_told_to_try_again(tmp_path, kind):
    lake = open_lake(tmp_path / "lake", kind=kind)
    for number in range(3):
        lake.append(_samples("A", number))
    other = open_lake(lake.root)
    told = []

    class Rival(type(lake.ledger)):
        """A ledger whose compaction is overtaken before it changes the list."""

        def swap(self, added, removed, *, keeps_replaced):
            try:
                other.compact()
            except OutsideFailed as error:
                told.append(error)
            super().swap(added, removed, keeps_replaced=keeps_replaced)

    try:
        open_lake_with(lake, Rival(lake.root)).compact()
    except OutsideFailed as error:
        told.append(error)
    (error,) = told
    assert error.is_retryable
    assert len(everything(lake)) == 30
    assert lake.compact().n_duplicates == 0


def open_lake_with(lake, ledger):
    return type(lake)(lake.root, ledger, lake.target_rows)


def test_identities_said_by_threads_at_the_same_time_are_all_kept(tmp_path, kind):
    lake = open_lake(tmp_path / "lake", kind=kind)

    def say(who):
        for number in range(10):
            name = f"{who}-{number}"
            lake.remember({name: BatteryIdentity(name, rated_capacity_ah=1.5)})

    threads = [threading.Thread(target=say, args=(who,)) for who in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lake.identities()) == 30
