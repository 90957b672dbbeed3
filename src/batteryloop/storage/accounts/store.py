"""Keeps accounts, tokens, sessions and readings in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, delete, insert, select, update

from batteryloop.errors import RecordSaysNo
from batteryloop.record.accounts import Account, Reading, Role, Scope, Session, Token
from batteryloop.record.moments import moment_of, text_of
from batteryloop.storage.accounts import tables as t
from batteryloop.storage.records.database import Database, run_many


@dataclass(frozen=True, slots=True)
class AccountStore:
    """Fulfils `usecases.accounts_port.Accounts` in the record's own database."""

    database: Database

    def add_account(self, account: Account) -> None:
        """Keep a new account.

        Raises
        ------
        RecordSaysNo
            If there is one of that name.
        """
        same = select(t.account).where(t.account.c.account_id == account.account_id)
        with self.database.writing() as connection:
            if connection.execute(same).first() is not None:
                raise RecordSaysNo(
                    f"account {account.account_id}", "is there already",
                    next_step="take another name",
                )  # fmt: skip
            connection.execute(insert(t.account).values(**_of_account(account)))

    def replace_account(self, account: Account) -> None:
        """Keep what is new of an account."""
        with self.database.writing() as connection:
            connection.execute(
                update(t.account)
                .where(t.account.c.account_id == account.account_id)
                .values(**_of_account(account))
            )

    def account(self, account_id: str) -> Account | None:
        """Return an account, or None."""
        wanted = select(t.account).where(t.account.c.account_id == account_id)
        return next(iter(map(_account, self._rows(wanted))), None)

    def accounts(self) -> list[Account]:
        """Return every account, by name."""
        return [
            _account(row) for row in self._rows(select(t.account).order_by(t.account.c.account_id))
        ]

    def keep_token(self, token: Token) -> None:
        """Keep a token, or what is new of it."""
        values = {
            "secret_sha256": token.secret_sha256,
            "token_id": token.token_id,
            "account_id": token.account_id,
            "label": token.label,
            "scopes": _joined(token.scopes),
            "issued_at": text_of(token.issued_at),
            "expires_at": text_of(token.expires_at),
            "revoked_at": text_of(token.revoked_at) if token.revoked_at else None,
        }
        same = t.account_token.c.secret_sha256 == token.secret_sha256
        with self.database.writing() as connection:
            if (
                connection.execute(update(t.account_token).where(same).values(**values)).rowcount
                == 0
            ):
                connection.execute(insert(t.account_token).values(**values))

    def token(self, secret_sha256: str) -> Token | None:
        """Return the token whose secret has this hash, or None."""
        wanted = select(t.account_token).where(t.account_token.c.secret_sha256 == secret_sha256)
        return next(iter(map(_token, self._rows(wanted))), None)

    def tokens(self, account_id: str) -> list[Token]:
        """Return an account's tokens, the newest first."""
        wanted = (
            select(t.account_token)
            .where(t.account_token.c.account_id == account_id)
            .order_by(t.account_token.c.issued_at.desc(), t.account_token.c.token_id)
        )
        return [_token(row) for row in self._rows(wanted)]

    def keep_session(self, session: Session) -> None:
        """Keep a session, and forget those that were over when it was opened."""
        opened = text_of(session.opened_at)
        with self.database.writing() as connection:
            connection.execute(
                delete(t.account_session).where(t.account_session.c.expires_at <= opened)
            )
            connection.execute(
                insert(t.account_session).values(
                    secret_sha256=session.secret_sha256,
                    account_id=session.account_id,
                    opened_at=opened,
                    expires_at=text_of(session.expires_at),
                )
            )

    def session(self, secret_sha256: str) -> Session | None:
        """Return the session whose secret has this hash, or None."""
        wanted = select(t.account_session).where(t.account_session.c.secret_sha256 == secret_sha256)
        return next(iter(map(_session, self._rows(wanted))), None)

    def end_session(self, secret_sha256: str) -> None:
        """Forget a session."""
        with self.database.writing() as connection:
            connection.execute(
                delete(t.account_session).where(t.account_session.c.secret_sha256 == secret_sha256)
            )

    def end_sessions(self, account_id: str) -> None:
        """Forget every session of an account."""
        with self.database.writing() as connection:
            connection.execute(
                delete(t.account_session).where(t.account_session.c.account_id == account_id)
            )

    def keep_readings(self, readings: Sequence[Reading]) -> None:
        """Keep what was read, all or none."""
        if not readings:
            return
        with self.database.writing() as connection:
            run_many(connection, _KEEP_READING, [_of_reading(reading) for reading in readings])

    def readings(
        self, *, battery_id: str | None = None, before: datetime | None = None, n_most: int = 100
    ) -> list[Reading]:
        """Return what was read, the newest first."""
        wanted = select(t.reading).order_by(
            t.reading.c.read_at.desc(), t.reading.c.reading_id.desc()
        )
        if battery_id is not None:
            wanted = wanted.where(t.reading.c.battery_id == battery_id)
        if before is not None:
            wanted = wanted.where(t.reading.c.read_at < text_of(before))
        return [_reading(row) for row in self._rows(wanted.limit(n_most))]

    def _rows(self, wanted: Select[Any]) -> list[RowMapping]:
        with self.database.reading() as connection:
            return list(connection.execute(wanted).mappings())


def _joined(names: frozenset[Scope] | frozenset[str] | tuple[str, ...]) -> str:
    return "\n".join(sorted(str(name) for name in names))


def _of_account(account: Account) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "role": account.role.value,
        "organisation_ids": _joined(account.organisation_ids),
        "password_hash": account.password_hash,
        "opened_at": text_of(account.opened_at),
        "is_closed": account.is_closed,
    }


def _account(row: RowMapping) -> Account:
    return Account(
        row["account_id"],
        Role(row["role"]),
        frozenset(row["organisation_ids"].splitlines()),
        row["password_hash"],
        moment_of(row["opened_at"]),
        row["is_closed"],
    )


def _token(row: RowMapping) -> Token:
    return Token(
        row["token_id"],
        row["account_id"],
        row["secret_sha256"],
        row["label"],
        frozenset(Scope(name) for name in row["scopes"].splitlines()),
        moment_of(row["issued_at"]),
        moment_of(row["expires_at"]),
        moment_of(row["revoked_at"]) if row["revoked_at"] is not None else None,
    )


def _session(row: RowMapping) -> Session:
    return Session(
        row["secret_sha256"],
        row["account_id"],
        moment_of(row["opened_at"]),
        moment_of(row["expires_at"]),
    )


_READING = (
    "request_id", "read_at", "account_id", "role", "organisation_ids", "what", "battery_id",
    "purpose", "is_own",
)  # fmt: skip
_KEEP_READING = (
    f"INSERT INTO reading ({', '.join(_READING)}) VALUES ({', '.join('?' * len(_READING))})"
)


def _of_reading(reading: Reading) -> tuple[object, ...]:
    return (
        reading.request_id,
        text_of(reading.read_at),
        reading.account_id,
        reading.role.value,
        "\n".join(reading.organisation_ids),
        reading.what,
        reading.battery_id,
        reading.purpose,
        reading.is_own,
    )


def _reading(row: RowMapping) -> Reading:
    return Reading(
        row["request_id"],
        moment_of(row["read_at"]),
        row["account_id"],
        Role(row["role"]),
        tuple(row["organisation_ids"].splitlines()),
        row["what"],
        row["battery_id"],
        row["is_own"],
        row["purpose"],
    )
