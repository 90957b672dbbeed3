"""Where the record is: a file in the working folder, unless `BATTERYLOOP_RECORD` says otherwise."""

import os
import uuid
from pathlib import Path

from batteryloop.errors import PathMissing
from batteryloop.storage.records import SqlRecord
from batteryloop.storage.records import open_record as _open
from batteryloop.wiring.clock import now

VARIABLE = "BATTERYLOOP_RECORD"
DEFAULT = "batteryloop.sqlite"


def record_url(given: str | None = None) -> str:
    """Return the URL or path of the record: the one given, the environment's, or the default."""
    return given or os.environ.get(VARIABLE) or DEFAULT


def open_record(given: str | None = None) -> SqlRecord:
    """Return the record, made if it is not there.

    Raises
    ------
    OptionWrong, PathMissing
        If it cannot be kept there.
    OutsideFailed
        If the database cannot be reached.
    """
    return _open(record_url(given), now=now)


def existing_record(given: str | None = None) -> SqlRecord:
    """Return a record that must be there already.

    Raises
    ------
    PathMissing
        If it is a file and is not there.
    """
    url = record_url(given)
    path = url.removeprefix("sqlite:///")
    if "://" not in path and not Path(path).is_file():
        raise PathMissing(
            f"the record {path}",
            "is not there",
            "a record",
            f"make it with `batteryloop record add`, or name it with --record or {VARIABLE}",
        )
    return open_record(url)


def new_event_id() -> str:
    """Return an id that no other event has."""
    return uuid.uuid4().hex
