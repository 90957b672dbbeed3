"""Where is the record kept? A ledger and what follows from it, in SQLite or PostgreSQL."""

from batteryloop.storage.records.record import SqlRecord, open_record

__all__ = ["SqlRecord", "open_record"]
