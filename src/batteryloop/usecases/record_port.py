"""What the use cases need of the record; `storage` fulfils it over SQLite and PostgreSQL."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Protocol

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
from batteryloop.record.ledger import Line


class Record(Protocol):
    """The ledger of all lives, and what follows from it."""

    def append(
        self, events: Sequence[LifeEvent], *, recorded_by: str, recorded_at: datetime
    ) -> list[Entry]:
        """Keep the events, all or none; once it returns they outlive any crash.

        Raises
        ------
        RecordSaysNo
            If a life so far does not allow one of them.
        """

    def battery(self, battery_id: str) -> BatteryState:
        """Return what a battery's events come to.

        Raises
        ------
        NotKnown
            If there is no such battery.
        """

    def battery_with_code(self, code: str) -> str:
        """Return the name of the battery that bears a code, or whose passport has that name.

        Raises
        ------
        NotKnown
            If none does.
        """

    def batteries_with_part(self, serial: str) -> list[str]:
        """Return the names of the batteries that a part of this serial is in today."""

    def batteries(self, query: FleetQuery) -> FleetPage:
        """Return one page of the batteries that are asked for."""

    def fleet_rows(self, query: FleetQuery) -> FleetRows:
        """Return the same page as lean rows, for lists that are asked for often."""

    def components(self, battery_id: str) -> list[Component]:
        """Return what a battery is made up of today."""

    def history(
        self, battery_id: str, *, n_most: int = 100, before_sequence: int | None = None
    ) -> list[Entry]:
        """Return a battery's entries, the newest first."""

    def last_entry(self, battery_id: str, kind: EventKind) -> Entry | None:
        """Return the last entry of a kind about a battery, or None."""

    def entries(self, *, after_sequence: int = 0) -> Iterator[Entry]:
        """Yield the whole ledger in order."""

    def lineage(self, battery_id: str) -> Lineage:
        """Return all ancestors and descendants."""

    def stage_counts(self, organisation_ids: frozenset[str] | None = None) -> dict[Stage, int]:
        """Return how many batteries are in each stage of the loop."""

    def overview(self, organisation_ids: frozenset[str] | None = None) -> FleetOverview:
        """Return a fleet at a glance: stages, health, passports."""

    def latest(
        self,
        organisation_ids: frozenset[str] | None = None,
        *,
        n_most: int = 10,
        kinds: Collection[EventKind] = (),
    ) -> list[Entry]:
        """Return the last entries about a fleet, of some kinds or of all, the newest first."""

    def add_party(self, party: Party) -> None:
        """Keep a party, or what is new of it."""

    def party(self, party_id: str) -> Party:
        """Return a party.

        Raises
        ------
        NotKnown
            If there is no such party.
        """

    def parties(self) -> list[Party]:
        """Return every party."""

    def keep_document(self, battery_id: str, kind: str, content: bytes) -> str:
        """Keep a document (an evaluation, a passport, a credential); return its SHA-256 in hex."""

    def document(self, sha256: str) -> bytes:
        """Return a document.

        Raises
        ------
        NotKnown
            If there is no such document.
        """

    def documents(self, battery_id: str, kind: str) -> list[tuple[str, datetime]]:
        """Return hash and time of each document of a kind, the newest first."""


class WholeRecord(Record, Protocol):
    """The record with its ledger laid open: to be verified, carried away and brought back."""

    def lines(
        self, *, after_sequence: int = 0, battery_ids: Collection[str] | None = None
    ) -> Iterator[Line]:
        """Yield the ledger in order as it is stored, of all batteries or of some."""

    def head(self) -> tuple[int, str]:
        """Return number and hash of the last entry as the store remembers them."""

    def adopt(self, lines: Sequence[Line]) -> None:
        """Take over the whole ledger of another record as it is; this one must be empty.

        Raises
        ------
        RecordSaysNo
            If there are entries already, or one does not follow from those before it.
        """

    def stale(self) -> Iterator[str]:
        """Yield what the projections say otherwise than the ledger."""

    def keep_checkpoint(self, mark: Checkpoint) -> None:
        """Keep a signed checkpoint."""

    def checkpoints(self) -> list[Checkpoint]:
        """Return every signed checkpoint, in order."""

    def documents_of(self, battery_id: str) -> list[KeptDocument]:
        """Return every document of a battery with its content."""
