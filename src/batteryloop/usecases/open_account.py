"""Open an account, change its password, close it."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from batteryloop.errors import NotKnown, OptionWrong, ValueOutOfRange
from batteryloop.record.accounts import Account, Role
from batteryloop.usecases.accounts_port import Accounts, Passwords

NAME = r"[a-z0-9][a-z0-9._@-]{0,63}"
N_CHARACTERS_LEAST = 12
N_CHARACTERS_MOST = 256


def open_account(
    accounts: Accounts,
    passwords: Passwords,
    account_id: str,
    role: Role,
    organisation_ids: Collection[str],
    password: str | None,
    *,
    now: datetime,
) -> Account:
    """Keep a new account and return it; without a password only tokens can use it.

    Raises
    ------
    ValueOutOfRange
        If the name or the password cannot be one.
    OptionWrong
        If the role is the public's, or needs an organisation and has none.
    RecordSaysNo
        If there is an account of that name.
    """
    if not re.fullmatch(NAME, account_id):
        raise ValueOutOfRange(
            f"account {account_id[:64]!r}",
            "is no name of an account",
            "up to 64 small letters, digits, dots, dashes, @",
            "such as meier@depot-7",
        )
    if role is Role.PUBLIC:
        raise OptionWrong("role", "public", "a role that signs in", "the public needs no account")
    if role in {Role.OPERATOR, Role.SERVICE, Role.RECYCLER} and not organisation_ids:
        raise OptionWrong(
            "organisation",
            "none",
            f"at least one for the role {role}",
            "name the party it acts for",
        )
    kept = "" if password is None else passwords.hash(checked_password(account_id, password))
    account = Account(account_id, role, frozenset(organisation_ids), kept, now)
    accounts.add_account(account)
    return account


def change_password(
    accounts: Accounts, passwords: Passwords, account_id: str, password: str
) -> None:
    """Keep a new password and end every session that the old one opened.

    Raises
    ------
    NotKnown
        If there is no such account.
    ValueOutOfRange
        If the password cannot be one.
    """
    account = known_account(accounts, account_id)
    kept = passwords.hash(checked_password(account_id, password))
    accounts.replace_account(replace(account, password_hash=kept))
    accounts.end_sessions(account_id)


def close_account(accounts: Accounts, account_id: str) -> None:
    """Let an account sign in no longer; its sessions and tokens end at once.

    Raises
    ------
    NotKnown
        If there is no such account.
    """
    account = known_account(accounts, account_id)
    accounts.replace_account(replace(account, is_closed=True))
    accounts.end_sessions(account_id)


def known_account(accounts: Accounts, account_id: str) -> Account:
    """Return an account.

    Raises
    ------
    NotKnown
        If there is no such account.
    """
    account = accounts.account(account_id)
    if account is None:
        raise NotKnown(f"account {account_id[:64]!r}", "not known", next_step="open it first")
    return account


def checked_password(account_id: str, password: str) -> str:
    """Return the password, or say what it must be.

    Raises
    ------
    ValueOutOfRange
        If it is too short, too long, or the account's name.
    """
    n = len(password)
    if not N_CHARACTERS_LEAST <= n <= N_CHARACTERS_MOST or account_id in password.casefold():
        raise ValueOutOfRange(
            f"password of {account_id}",
            f"{n} characters"
            if n < N_CHARACTERS_LEAST or n > N_CHARACTERS_MOST
            else "holds the name",
            f"{N_CHARACTERS_LEAST} to {N_CHARACTERS_MOST} characters, not the account's name",
            "take a longer one; several words are easy to keep",
        )
    return password
