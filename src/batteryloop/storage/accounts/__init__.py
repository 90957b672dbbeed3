"""Who may sign in, and what they have read, beside the record in one database."""

from batteryloop.storage.accounts.store import AccountStore

__all__ = ["AccountStore"]
