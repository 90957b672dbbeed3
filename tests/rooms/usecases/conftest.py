"""A record in a file of its own, and a scribe that writes into it."""

from datetime import UTC, datetime
from itertools import count

import pytest

from batteryloop.record import Party, PartyRole
from batteryloop.storage.records import open_record
from batteryloop.usecases.record_scribe import Scribe

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def record(tmp_path):
    """Return an empty record."""
    with open_record(str(tmp_path / "record.sqlite"), now=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def scribe(record):
    """Return a scribe whose names count up."""
    events, passports = count(1), count(1)
    return Scribe(
        record, "test", NOW, lambda: f"e{next(events)}", lambda: f"urn:uuid:{next(passports)}"
    )


@pytest.fixture
def party(record):
    """Return a function that gives a party that is on record."""

    def known(name):
        found = Party(name, f"{name} Ltd", "DE", (PartyRole.RECYCLER,))
        record.add_party(found)
        return found

    return known
