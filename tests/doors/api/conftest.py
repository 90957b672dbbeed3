"""A real server on a real port, with accounts of every role in two organisations."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlalchemy import create_engine

from batteryloop.api.app import make_app
from batteryloop.errors import NotKnown, RecordSaysNo
from batteryloop.record import (
    Application,
    Battery,
    BatteryState,
    Component,
    Entry,
    EventKind,
    FleetPage,
    LifeEvent,
    LifeStatus,
    Lineage,
    Party,
    PartyRole,
    Stage,
)  # fmt: skip
from batteryloop.record.accounts import Account, Role, Scope
from batteryloop.storage.accounts import AccountStore
from batteryloop.storage.accounts.schema import make_tables
from batteryloop.usecases.issue_token import issue_token
from batteryloop.wiring.secrets import Argon2Passwords, new_secret
from batteryloop.wiring.settings import Settings

PASSWORD = "correct horse battery"
START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that a test may set forward."""

    at: datetime = START

    def __call__(self) -> datetime:
        """Return its time."""
        return self.at


@dataclass
class MemoryRecord:
    """As much of a record as the routes ask of it."""

    log: list[Entry] = field(default_factory=list)
    states: dict[str, BatteryState] = field(default_factory=dict)
    known: dict[str, Party] = field(default_factory=dict)

    def append(self, events, *, recorded_by, recorded_at):
        for event in events:
            if event.kind is EventKind.MADE and event.battery_id in self.states:
                raise RecordSaysNo(f"battery {event.battery_id}", "is made already")
            if event.kind is not EventKind.MADE and event.battery_id not in self.states:
                raise RecordSaysNo(f"battery {event.battery_id}", "was never made")
        return [self._keep(event, recorded_by, recorded_at) for event in events]

    def _keep(self, event, recorded_by, recorded_at):
        entry = Entry(len(self.log) + 1, event, recorded_at, recorded_by, "0" * 64, "0" * 64)
        self.log.append(entry)
        state = self.states.get(event.battery_id) or BatteryState(
            Battery(event.battery_id, Application.CAR, "LFP"), Stage.MAKE, LifeStatus.ORIGINAL,
            event.party_id, event.party_id, 0, event.happened_at, event.kind,
        )  # fmt: skip
        self.states[event.battery_id] = replace(
            state, n_events=state.n_events + 1, last_event_kind=event.kind
        )
        return entry

    def battery(self, battery_id):
        try:
            return self.states[battery_id]
        except KeyError:
            raise NotKnown.among("battery", battery_id, self.states) from None

    def batteries(self, query):
        found = [
            state for _, state in sorted(self.states.items())
            if query.organisation_ids is None or state.holder_id in query.organisation_ids
        ]  # fmt: skip
        return FleetPage(tuple(found[: query.n_most]), len(found))

    def components(self, battery_id):
        return [Component("C1", "cell")]

    def history(self, battery_id, *, n_most=100, before_sequence=None):
        return [e for e in reversed(self.log) if e.event.battery_id == battery_id][:n_most]

    def entries(self, *, after_sequence=0):
        return iter(self.log[after_sequence:])

    def lineage(self, battery_id):
        return Lineage(battery_id, ())

    def stage_counts(self, organisation_ids=None):
        return dict.fromkeys(Stage, 0)

    def add_party(self, party):
        self.known[party.party_id] = party

    def party(self, party_id):
        try:
            return self.known[party_id]
        except KeyError:
            raise NotKnown.among("party", party_id, self.known) from None

    def parties(self):
        return list(self.known.values())


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
        client = httpx.Client(base_url=self.url, headers=headers, timeout=20)
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
    engine = create_engine(f"sqlite:///{folder}/accounts.db")
    make_tables(engine)
    accounts = AccountStore(engine)
    passwords = Argon2Passwords()
    clock = Clock()
    record = MemoryRecord()
    app = make_app(
        Settings(**{"requests_per_minute": 10**6, "sign_ins_per_minute": 10**6} | settings),
        record, accounts, passwords=passwords, session_key="k" * 43, now=clock,
        new_secret=new_secret,
    )  # fmt: skip
    for organisation in ("depot", "rival"):
        record.add_party(Party(organisation, organisation.title(), "DE", (PartyRole.OPERATOR,)))
        event = LifeEvent(
            f"e-{organisation}", f"BAT-{organisation}", EventKind.MADE, START, organisation
        )
        record.append([event], recorded_by="test", recorded_at=START)
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
    made.house.accounts.engine.dispose()


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """Return a server that the tests of a module share."""
    yield from running(tmp_path_factory.mktemp("server"))


@pytest.fixture
def serving(tmp_path):
    """Return what runs a server with other settings."""
    return partial(running, tmp_path)


@pytest.fixture
def own_server(tmp_path) -> Iterator[Server]:
    """Return a server of the test's own, which it may change."""
    yield from running(tmp_path)
