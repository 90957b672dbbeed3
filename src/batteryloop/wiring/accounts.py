"""Where accounts are: beside the record, in its database."""

from datetime import datetime

from batteryloop.record.accounts import Role
from batteryloop.storage.accounts import AccountStore
from batteryloop.storage.records import SqlRecord
from batteryloop.usecases.accounts_port import Accounts, Passwords
from batteryloop.usecases.open_account import open_account
from batteryloop.wiring.secrets import new_password

FIRST = "admin"


def open_accounts(record: SqlRecord) -> AccountStore:
    """Return the accounts of a record that is open."""
    return AccountStore(record.database)


def first_admin(accounts: Accounts, passwords: Passwords, *, now: datetime) -> str | None:
    """Make the first admin of an empty record; return its random password, which is kept nowhere.

    Returns None where there are accounts already.
    """
    if accounts.accounts():
        return None
    password = new_password()
    open_account(accounts, passwords, FIRST, Role.ADMIN, (), password, now=now)
    return password
