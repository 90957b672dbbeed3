"""What the use cases need of the accounts; `storage` fulfils it beside the record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from batteryloop.record.accounts import Account, Reading, Session, Token


class Accounts(Protocol):
    """Who may sign in, with what, and what they have read."""

    def add_account(self, account: Account) -> None:
        """Keep a new account.

        Raises
        ------
        RecordSaysNo
            If there is one of that name.
        """

    def replace_account(self, account: Account) -> None:
        """Keep what is new of an account: its password, or that it is closed."""

    def account(self, account_id: str) -> Account | None:
        """Return an account, or None."""

    def accounts(self) -> list[Account]:
        """Return every account, by name."""

    def keep_token(self, token: Token) -> None:
        """Keep a token, or what is new of it."""

    def token(self, secret_sha256: str) -> Token | None:
        """Return the token whose secret has this hash, or None."""

    def tokens(self, account_id: str) -> list[Token]:
        """Return an account's tokens, the newest first."""

    def keep_session(self, session: Session) -> None:
        """Keep a session."""

    def session(self, secret_sha256: str) -> Session | None:
        """Return the session whose secret has this hash, or None."""

    def end_session(self, secret_sha256: str) -> None:
        """Forget a session."""

    def end_sessions(self, account_id: str) -> None:
        """Forget every session of an account."""

    def keep_readings(self, readings: Sequence[Reading]) -> None:
        """Keep what was read, all or none; nothing kept can be changed or removed."""

    def readings(
        self, *, battery_id: str | None = None, before: datetime | None = None, n_most: int = 100
    ) -> list[Reading]:
        """Return what was read, the newest first."""


class Passwords(Protocol):
    """Makes hashes of passwords that are slow to guess, and checks them."""

    def hash(self, password: str) -> str:
        """Return the hash, with a salt of its own."""

    def matches(self, password: str, password_hash: str) -> bool:
        """Return whether the password has this hash; as slow where there is no hash."""
