"""Many writers, and writers that are killed: what was acknowledged stays, the chain is whole."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest

from batteryloop.errors import OutsideFailed
from batteryloop.record.verification import verify
from batteryloop.storage.records import open_record

_WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from batteryloop.record import EventKind, LifeEvent
from batteryloop.storage.records import open_record

url, name, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
now = datetime(2026, 11, 25, tzinfo=UTC)
record = open_record(url, now=lambda: now)
battery = {"battery": {"application": "car"}}
for number in range(n):
    events = [
        LifeEvent(f"{name}-{number}-{i}", f"{name}-{number}", kind, now, "m", details)
        for i, (kind, details) in enumerate(
            [(EventKind.MADE, battery), (EventKind.NOTED, {"text": "x" * 200})]
        )
    ]
    record.append(events, recorded_by=name, recorded_at=now)
    # Acknowledged: from here on nothing may lose it.
    print(events[0].battery_id, flush=True)
"""


def _start(url, name, n):
    words = [sys.executable, "-c", _WRITER, url, name, str(n)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def test_nothing_acknowledged_is_lost_when_writers_are_killed(url, now):
    """One after another is killed with SIGKILL, at moments that nobody chose, amid the others."""
    open_record(url, now=lambda: now).close()
    rng = random.Random(5)
    acknowledged = set()
    writers = [_start(url, f"w{n}", 100_000) for n in range(5)]
    for writer in writers:
        acknowledged.add(writer.stdout.readline().strip())
    for writer in writers:
        time.sleep(rng.uniform(0.02, 0.3))
        os.kill(writer.pid, signal.SIGKILL)
        said = writer.communicate()[0].splitlines(keepends=True)
        acknowledged |= {line.strip() for line in said if line.endswith("\n")}
    with open_record(url, now=lambda: now) as record:
        found = verify(record.lines(), head=record.head())
        assert found.is_whole
        kept = {line.battery_id for line in record.lines()}
        assert acknowledged <= kept
        # All of a call or nothing: two events each, and the tables say what the ledger says.
        assert found.n_entries == 2 * len(kept)
        assert list(record.stale()) == []
    assert len(acknowledged) >= 5


def test_writers_in_many_threads_and_processes_make_one_chain(url, now, made, happened):
    with open_record(url, now=lambda: now) as record:
        processes = [_start(url, "p0", 15)]
        failures = []

        def write(name):
            try:
                for number in range(15):
                    battery = f"{name}-{number}"
                    events = [made(battery), happened("noted", battery, day=1, text="x")]
                    record.append(events, recorded_by=name, recorded_at=now)
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=write, args=(f"t{n}",)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for process in processes:
            process.communicate()
        assert failures == []
        assert [process.returncode for process in processes] == [0]
        found = verify(record.lines(), head=record.head())
        assert found.is_whole
        assert found.n_entries == 2 * 15 * 4
        assert list(record.stale()) == []


def test_two_who_begin_at_once_make_one_record(url):
    processes = [_start(url, f"p{n}", 3) for n in range(2)]
    assert [p.communicate()[0].count("\n") for p in processes] == [3, 3]


def test_two_who_send_the_same_event_get_the_same_entry(record, made, now):
    found = []
    threads = [
        threading.Thread(
            target=lambda: found.extend(
                record.append([made()], recorded_by="x", recorded_at=now + timedelta(seconds=1))
            )
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.sequence for entry in found] == [1, 1, 1, 1]


def test_a_reader_is_not_held_up_by_a_writer(record, keep, made):
    keep(made("B1"))
    with record.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM party")
        assert record.battery("B1").n_events == 1


def test_a_damaged_file_is_said_to_be_so(tmp_path, now):
    path = tmp_path / "record.sqlite"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(OutsideFailed, match="not a database"):
        open_record(str(path), now=lambda: now)
