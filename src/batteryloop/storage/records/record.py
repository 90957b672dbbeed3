"""The record in a database: fulfils `usecases.record_port.Record`."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Engine

from batteryloop.errors import NotKnown
from batteryloop.record import (
    BatteryState,
    Component,
    Entry,
    EventKind,
    FleetOverview,
    FleetPage,
    FleetQuery,
    LifeEvent,
    Lineage,
    Party,
    Stage,
)
from batteryloop.record.bundle import KeptDocument
from batteryloop.record.checkpoints import Checkpoint
from batteryloop.record.fleet_rows import FleetRows
from batteryloop.record.ledger import GENESIS, Line, entry_of
from batteryloop.storage.records import papers, reading, writing
from batteryloop.storage.records.database import Database, database_of
from batteryloop.storage.records.fleet import Fleet
from batteryloop.storage.records.migrate import migrate, newest_revision, revision_of
from batteryloop.storage.records.overview import Overview
from batteryloop.storage.records.rebuild import adopt, rebuild, stale


class SqlRecord:
    """The ledger of all lives in SQLite or PostgreSQL; safe to use from several threads."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self.database = database
        self._now = now
        self._fleet = Fleet(database)
        self._overview = Overview(database, self._fleet)

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's engine, for other tables of the same database."""
        return self.database.engine

    def append(
        self, events: Sequence[LifeEvent], *, recorded_by: str, recorded_at: datetime
    ) -> list[Entry]:
        """Keep the events, all or none; once it returns they outlive any crash."""
        if not events:
            return []
        with self.database.writing() as connection:
            return writing.append(
                connection, events, recorded_by=recorded_by, recorded_at=recorded_at
            )

    def battery(self, battery_id: str) -> BatteryState:
        """Return what a battery's events come to."""
        return reading.battery(self.database, battery_id)

    def battery_with_code(self, code: str) -> str:
        """Return the name of the battery that bears a code."""
        return reading.battery_with_code(self.database, code)

    def batteries_with_part(self, serial: str) -> list[str]:
        """Return the names of the batteries that a part of this serial is in today."""
        return reading.batteries_with_part(self.database, serial)

    def batteries(self, query: FleetQuery) -> FleetPage:
        """Return one page of the batteries that are asked for."""
        return self._fleet.page(query)

    def fleet_rows(self, query: FleetQuery) -> FleetRows:
        """Return the same page as lean rows, several times faster."""
        return self._fleet.rows(query)

    def components(self, battery_id: str) -> list[Component]:
        """Return what a battery is made up of today."""
        return reading.components(self.database, battery_id)

    def history(
        self, battery_id: str, *, n_most: int = 100, before_sequence: int | None = None
    ) -> list[Entry]:
        """Return a battery's entries, and those by which its parts moved on, the newest first."""
        return reading.history(
            self.database, battery_id, n_most=n_most, before_sequence=before_sequence
        )

    def last_entry(self, battery_id: str, kind: EventKind) -> Entry | None:
        """Return the last entry of a kind about a battery, or None."""
        return reading.last_entry(self.database, battery_id, kind)

    def entries(self, *, after_sequence: int = 0) -> Iterator[Entry]:
        """Yield the whole ledger in order."""
        return map(entry_of, self.lines(after_sequence=after_sequence))

    def lines(
        self, *, after_sequence: int = 0, battery_ids: Collection[str] | None = None
    ) -> Iterator[Line]:
        """Yield the ledger in order as it is stored, even what was tampered with."""
        return reading.lines(self.database, after_sequence=after_sequence, battery_ids=battery_ids)

    def adopt(self, lines: Sequence[Line]) -> None:
        """Take over the whole ledger of another record as it is; this one must be empty."""
        with self.database.writing() as connection:
            adopt(connection, lines)

    def stale(self) -> Iterator[str]:
        """Yield what the projections say otherwise than the ledger."""
        with self.database.reading() as connection:
            yield from stale(connection)

    def head(self) -> tuple[int, str]:
        """Return number and hash of the last entry as the store remembers them."""
        ask = "SELECT sequence, entry_hash FROM head WHERE name = 'ledger'"
        rows = self.database.rows(ask)
        return (rows[0][0], rows[0][1]) if rows else (0, GENESIS)

    def lineage(self, battery_id: str) -> Lineage:
        """Return all ancestors and descendants."""
        return reading.lineage(self.database, battery_id)

    def stage_counts(self, organisation_ids: frozenset[str] | None = None) -> dict[Stage, int]:
        """Return how many batteries are in each stage of the loop."""
        return self._fleet.stage_counts(organisation_ids)

    def overview(self, organisation_ids: frozenset[str] | None = None) -> FleetOverview:
        """Return a fleet at a glance: stages, health, passports."""
        return self._overview.of(organisation_ids)

    def latest(
        self,
        organisation_ids: frozenset[str] | None = None,
        *,
        n_most: int = 10,
        kinds: Collection[EventKind] = (),
    ) -> list[Entry]:
        """Return the last entries about a fleet, of some kinds or of all, the newest first."""
        return self._overview.latest(organisation_ids, n_most, kinds)

    def add_party(self, party: Party) -> None:
        """Keep a party, or what is new of it."""
        with self.database.writing() as connection:
            papers.add_party(connection, party)

    def party(self, party_id: str) -> Party:
        """Return a party."""
        found = papers.parties(self.database, party_id)
        if not found:
            known = [party.party_id for party in self.parties()]
            raise NotKnown.among("party", party_id, known or ["a party that you add first"])
        return found[0]

    def parties(self) -> list[Party]:
        """Return every party."""
        return papers.parties(self.database)

    def keep_document(self, battery_id: str, kind: str, content: bytes) -> str:
        """Keep a document (an evaluation, a passport, a credential); return its SHA-256 in hex."""
        with self.database.writing() as connection:
            return papers.keep_document(connection, battery_id, kind, content, self._now())

    def document(self, sha256: str) -> bytes:
        """Return a document."""
        return papers.document(self.database, sha256)

    def documents(self, battery_id: str, kind: str) -> list[tuple[str, datetime]]:
        """Return hash and time of each document of a kind, the newest first."""
        return papers.documents(self.database, battery_id, kind)

    def documents_of(self, battery_id: str) -> list[KeptDocument]:
        """Return every document of a battery with its content."""
        return papers.documents_of(self.database, battery_id)

    def keep_checkpoint(self, mark: Checkpoint) -> None:
        """Keep a signed checkpoint."""
        with self.database.writing() as connection:
            papers.keep_checkpoint(connection, mark)

    def checkpoints(self) -> list[Checkpoint]:
        """Return every signed checkpoint, in order."""
        return papers.checkpoints(self.database)

    def rebuild(self) -> int:
        """Make the projections anew from the ledger; return how many entries there are."""
        with self.database.writing() as connection:
            return rebuild(connection)

    def settle(self) -> None:
        """Let the database look at its tables, so that it plans well: after many were added."""
        with self.database.writing() as connection:
            connection.exec_driver_sql("ANALYZE")

    def migrate(self) -> tuple[str | None, str]:
        """Bring the tables to this version; return the step before and after."""
        with self.database.migrating() as connection:
            return migrate(connection)

    def close(self) -> None:
        """Close every connection."""
        self.database.close()

    def __enter__(self) -> "SqlRecord":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_record(url: str, *, now: Callable[[], datetime]) -> SqlRecord:
    """Return the record at a URL or a path, made or brought up to this version if need be.

    Parameters
    ----------
    url : str
        `sqlite:///path`, a path, or `postgresql://user@host/name`.
    now : callable
        The clock; documents are stamped with it.

    Raises
    ------
    OptionWrong
        If the URL is none that can be kept in.
    PathMissing
        If a file's folder is not there.
    RecordSaysNo
        If a newer version wrote it.
    OutsideFailed
        If the database cannot be reached.
    """
    record = SqlRecord(database_of(url), now)
    try:
        if not _is_current(record.database):
            record.migrate()
    except BaseException:
        record.close()
        raise
    return record


def _is_current(database: Database) -> bool:
    with database.reading() as connection:
        return revision_of(connection) == newest_revision()
