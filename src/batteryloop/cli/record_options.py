"""Options and words that the commands of `batteryloop record` share."""

import getpass
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from batteryloop.errors import OptionWrong
from batteryloop.record import Entry
from batteryloop.record.moments import moment_of
from batteryloop.wiring.records import VARIABLE

RecordAt = Annotated[
    str | None,
    typer.Option(
        "--record",
        envvar=VARIABLE,
        help="A file, or postgresql://user@host/name; batteryloop.sqlite here if not given.",
    ),
]
BatteryId = Annotated[
    str, typer.Argument(metavar="BATTERY", help="The battery's name.", show_default=False)
]
By = Annotated[str, typer.Option("--by", help="The party whose deed it is.", show_default=False)]
At = Annotated[
    str | None, typer.Option("--at", help="When it happened, ISO 8601; now if not given.")
]
Keys = Annotated[
    list[Path] | None,
    typer.Option("--keys", help="A public key set whose signatures count; may be repeated."),
]


def moment_given(text: str | None, now: datetime) -> datetime:
    """Return the moment that a person wrote, or now."""
    return now if text is None else moment_of(text, subject="--at")


def details_given(pairs: list[str] | None) -> dict[str, Any]:
    """Return details written as NAME=VALUE; a value that is JSON counts as such.

    Examples
    --------
    >>> details_given(["soh_frac=0.86", "grade=A", 'unit="7"'])
    {'soh_frac': 0.86, 'grade': 'A', 'unit': '7'}
    """
    found: dict[str, Any] = {}
    for pair in pairs or ():
        name, sign, text = pair.partition("=")
        if not sign or not name:
            raise OptionWrong("--detail", repr(pair), "NAME=VALUE", "write severity=2")
        try:
            found[name] = json.loads(text)
        except ValueError:
            found[name] = text
    return found


def recorder() -> str:
    """Return who is at the keyboard, for the entry's `recorded_by`."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):
        return "cli"


def entry_dict(entry: Entry) -> dict[str, Any]:
    """Return an entry as plain data."""
    event = entry.event
    return {
        "sequence": entry.sequence,
        "event_id": event.event_id,
        "battery_id": event.battery_id,
        "kind": event.kind.value,
        "happened_at": event.happened_at,
        "party_id": event.party_id,
        "details": dict(event.details),
        "recorded_at": entry.recorded_at,
        "recorded_by": entry.recorded_by,
        "previous_hash": entry.previous_hash,
        "entry_hash": entry.entry_hash,
    }
