"""Parties and documents: kept beside the ledger, documents by their hash."""

import hashlib
import json
from datetime import datetime

from sqlalchemy import Connection

from batteryloop.errors import NotKnown
from batteryloop.record import Party, PartyRole
from batteryloop.record.bundle import KeptDocument
from batteryloop.record.checkpoints import Checkpoint
from batteryloop.record.moments import moment_of, text_of
from batteryloop.storage.records.database import Database, run_many


def add_party(connection: Connection, party: Party) -> None:
    """Keep a party, or what is new of it."""
    row = (
        party.party_id,
        party.name,
        party.country,
        json.dumps([role.value for role in party.roles]),
        party.registration_number,
    )
    run_many(
        connection,
        "INSERT INTO party (party_id, name, country, roles, registration_number) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (party_id) DO UPDATE SET name = excluded.name, "
        "country = excluded.country, roles = excluded.roles, "
        "registration_number = excluded.registration_number",
        [row],
    )


def parties(database: Database, party_id: str | None = None) -> list[Party]:
    """Return every party, or the one of that name."""
    where, given = ("", ()) if party_id is None else (" WHERE party_id = ?", (party_id,))
    rows = database.rows(
        "SELECT party_id, name, country, roles, registration_number FROM party"
        f"{where} ORDER BY party_id",
        given,
    )
    return [
        Party(row[0], row[1], row[2], tuple(PartyRole(r) for r in json.loads(row[3])), row[4])
        for row in rows
    ]


def keep_document(
    connection: Connection, battery_id: str, kind: str, content: bytes, kept_at: datetime
) -> str:
    """Keep a document; return its hash. The same one again changes nothing."""
    sha256 = hashlib.sha256(content).hexdigest()
    run_many(
        connection,
        "INSERT INTO document (sha256, content) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(sha256, content)],
    )
    run_many(
        connection,
        "INSERT INTO battery_document (battery_id, kind, sha256, kept_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        [(battery_id, kind, sha256, text_of(kept_at))],
    )
    return sha256


def document(database: Database, sha256: str) -> bytes:
    """Return a document.

    Raises
    ------
    NotKnown
        If there is no such document.
    """
    rows = database.rows("SELECT content FROM document WHERE sha256 = ?", (sha256,))
    if not rows:
        raise NotKnown(f"document {sha256[:12]!r}", "not known", next_step="check the hash")
    return bytes(rows[0][0])


def documents(database: Database, battery_id: str, kind: str) -> list[tuple[str, datetime]]:
    """Return hash and time of each document of a kind, the newest first."""
    rows = database.rows(
        "SELECT sha256, kept_at FROM battery_document WHERE battery_id = ? AND kind = ? "
        "ORDER BY kept_at DESC, sha256",
        (battery_id, kind),
    )
    return [(row[0], moment_of(row[1])) for row in rows]


def documents_of(database: Database, battery_id: str) -> list[KeptDocument]:
    """Return every document of a battery with its content."""
    ask = (
        "SELECT b.kind, b.kept_at, d.content FROM battery_document b JOIN document d "
        "ON d.sha256 = b.sha256 WHERE b.battery_id = ? ORDER BY b.kept_at, b.kind, b.sha256"
    )
    return [
        KeptDocument(battery_id, row[0], row[1], bytes(row[2]))
        for row in database.rows(ask, (battery_id,))
    ]


def keep_checkpoint(connection: Connection, mark: Checkpoint) -> None:
    """Keep a signed checkpoint."""
    run_many(
        connection,
        "INSERT INTO checkpoint (sequence, key_id, signed_at, entry_hash, signature) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(mark.sequence, mark.key_id, mark.signed_at, mark.entry_hash, mark.signature)],
    )


def checkpoints(database: Database) -> list[Checkpoint]:
    """Return every signed checkpoint, in order."""
    rows = database.rows(
        "SELECT sequence, entry_hash, signed_at, key_id, signature FROM checkpoint "
        "ORDER BY sequence, signed_at"
    )
    return [Checkpoint(*row) for row in rows]
