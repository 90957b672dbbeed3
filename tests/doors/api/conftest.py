"""A real server on a real port, with accounts of every role in two organisations."""

import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

import httpx
import pytest
import uvicorn

from batteryloop.api.app import make_app
from batteryloop.record import EventKind, LifeEvent, Party, PartyRole
from batteryloop.record.accounts import Account, Role, Scope
from batteryloop.storage.records import open_record
from batteryloop.usecases.issue_token import issue_token
from batteryloop.usecases.record_passport import record_passport
from batteryloop.wiring.accounts import open_accounts
from batteryloop.wiring.issuers import issuer_of
from batteryloop.wiring.secrets import Argon2Passwords, new_secret
from batteryloop.wiring.settings import Settings

ISSUER = "https://loop.example.org"
PASSWORD = "correct horse battery"
PLAIN = ssl.create_default_context()  # made once: reading the certificates takes its time
START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that a test may set forward."""

    at: datetime = START

    def __call__(self) -> datetime:
        """Return its time."""
        return self.at


def described(organisation: str) -> dict[str, object]:
    """Return something of each point of Annex XIII, so that redaction has what to hide."""
    report = f"https://{organisation}.example.org/report.pdf"
    return {
        "attributes": {"mass_kg": 300.0, "test_reports": [report], "soce_frac": 0.91,
                       "safety_measures": report}
    }  # fmt: skip


@cache
def hash_of(password: str) -> str:
    """Return the hash of a password, made once, since it is slow on purpose."""
    return Argon2Passwords().hash(password)


@dataclass
class Server:
    """A server that runs, and tokens of everybody who may ask it."""

    url: str
    app: object
    clock: Clock
    tokens: dict[str, str] = field(default_factory=dict)
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def house(self):
        return self.app.state.house

    def client(self, who: str | None = None, **headers: str) -> httpx.Client:
        """Return a client that shows the token of `who`."""
        if who is not None:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        client = httpx.Client(base_url=self.url, headers=headers, timeout=20, verify=PLAIN)
        self.clients.append(client)
        return client


def serve(app) -> tuple[uvicorn.Server, threading.Thread, str]:
    """Run an app in a thread on a port of the system's choice."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    return server, thread, f"http://127.0.0.1:{port}"


def make_server(folder: Path, **settings: object) -> tuple[object, Clock, dict[str, str]]:
    """Return an app with two organisations, a battery each, and an account of every role."""
    clock = Clock()
    record = open_record(str(folder / "record.sqlite"), now=clock)
    accounts = open_accounts(record)
    passwords = Argon2Passwords()
    app = make_app(
        Settings(**{"requests_per_minute": 10**6, "sign_ins_per_minute": 10**6} | settings),
        record, accounts, passwords=passwords, session_key="k" * 43, now=clock,
        new_secret=new_secret, issuer=issuer_of(folder / "keys", ISSUER, now=START),
    )  # fmt: skip
    for organisation in ("depot", "rival"):
        record.add_party(Party(organisation, organisation.title(), "DE", (PartyRole.OPERATOR,)))
        event = LifeEvent(
            f"e-{organisation}", f"BAT-{organisation}", EventKind.MADE, START, organisation,
            {"battery": {"application": "car", "chemistry": "LFP"}},
        )  # fmt: skip
        record.append([event], recorded_by="test", recorded_at=START)
        record_passport(
            record, f"BAT-{organisation}", description=described(organisation),
            party_id=organisation, recorded_by="test", now=START,
            new_passport_id=lambda name=organisation: f"urn:passport:{name}",
            new_event_id=lambda name=organisation: f"issued-{name}",
        )  # fmt: skip
    tokens = {}
    for role in Role:
        if role is Role.PUBLIC:
            continue
        has_home = role not in {Role.ADMIN}
        home = frozenset({"depot"} if has_home else ())
        accounts.add_account(Account(role.value, role, home, hash_of(PASSWORD), START))
        scopes = set(Scope) if role is Role.ADMIN else {Scope.READ, Scope.WRITE}
        tokens[role.value], _ = issue_token(
            accounts, role.value, new_secret(), scopes=scopes, now=START, n_days=30
        )
    return app, clock, tokens


def running(folder: Path, **settings: object) -> Iterator[Server]:
    """Yield a running server and stop it in the end."""
    app, clock, tokens = make_server(folder, **settings)
    server, thread, url = serve(app)
    made = Server(url, app, clock, tokens)
    yield made
    for client in made.clients:
        client.close()
    server.should_exit = True
    thread.join(10)
    made.house.record.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """Return a server that the tests of a module share."""
    yield from running(tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="session")
def running_in():
    """Return what runs a server in a folder with the settings given, for longer than one test."""
    return running


@pytest.fixture
def serving(tmp_path):
    """Return what runs a server with other settings."""
    return partial(running, tmp_path)


@pytest.fixture
def own_server(tmp_path) -> Iterator[Server]:
    """Return a server of the test's own, which it may change."""
    yield from running(tmp_path)
