"""Keeps accounts, tokens, sessions and readings in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from batteryloop.errors import RecordSaysNo
from batteryloop.record.accounts import Account, Reading, Role, Scope, Session, Token
from batteryloop.storage.accounts.tables import ACCOUNTS, READINGS, SESSIONS, TOKENS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class AccountStore:
    """Fulfils `usecases.accounts_port.Accounts` over any engine whose schema is up to date."""

    engine: Engine

    def add_account(self, account: Account) -> None:
        """Keep a new account.

        Raises
        ------
        RecordSaysNo
            If there is one of that name.
        """
        try:
            with self.engine.begin() as connection:
                connection.execute(insert(ACCOUNTS).values(**_of_account(account)))
        except IntegrityError as exc:
            raise RecordSaysNo(
                f"account {account.account_id}", "is there already", next_step="take another name"
            ) from exc

    def replace_account(self, account: Account) -> None:
        """Keep what is new of an account."""
        with self.engine.begin() as connection:
            connection.execute(
                update(ACCOUNTS)
                .where(ACCOUNTS.c.account_id == account.account_id)
                .values(**_of_account(account))
            )

    def account(self, account_id: str) -> Account | None:
        """Return an account, or None."""
        wanted = select(ACCOUNTS).where(ACCOUNTS.c.account_id == account_id)
        with self.engine.connect() as connection:
            row = connection.execute(wanted).mappings().first()
        return None if row is None else _account(row)

    def accounts(self) -> list[Account]:
        """Return every account, by name."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(ACCOUNTS).order_by(ACCOUNTS.c.account_id))
            return [_account(row) for row in rows.mappings()]

    def keep_token(self, token: Token) -> None:
        """Keep a token, or what is new of it."""
        values = {
            "secret_sha256": token.secret_sha256,
            "token_id": token.token_id,
            "account_id": token.account_id,
            "label": token.label,
            "scopes": _joined(token.scopes),
            "issued_at": _us(token.issued_at),
            "expires_at": _us(token.expires_at),
            "revoked_at": _us(token.revoked_at) if token.revoked_at else None,
        }
        same = TOKENS.c.secret_sha256 == token.secret_sha256
        with self.engine.begin() as connection:
            if connection.execute(update(TOKENS).where(same).values(**values)).rowcount == 0:
                connection.execute(insert(TOKENS).values(**values))

    def token(self, secret_sha256: str) -> Token | None:
        """Return the token whose secret has this hash, or None."""
        wanted = select(TOKENS).where(TOKENS.c.secret_sha256 == secret_sha256)
        with self.engine.connect() as connection:
            row = connection.execute(wanted).mappings().first()
        return None if row is None else _token(row)

    def tokens(self, account_id: str) -> list[Token]:
        """Return an account's tokens, the newest first."""
        wanted = (
            select(TOKENS)
            .where(TOKENS.c.account_id == account_id)
            .order_by(TOKENS.c.issued_at.desc(), TOKENS.c.token_id)
        )
        with self.engine.connect() as connection:
            return [_token(row) for row in connection.execute(wanted).mappings()]

    def keep_session(self, session: Session) -> None:
        """Keep a session, and forget those that were over when it was opened."""
        opened = _us(session.opened_at)
        with self.engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at <= opened))
            connection.execute(
                insert(SESSIONS).values(
                    secret_sha256=session.secret_sha256,
                    account_id=session.account_id,
                    opened_at=opened,
                    expires_at=_us(session.expires_at),
                )
            )

    def session(self, secret_sha256: str) -> Session | None:
        """Return the session whose secret has this hash, or None."""
        wanted = select(SESSIONS).where(SESSIONS.c.secret_sha256 == secret_sha256)
        with self.engine.connect() as connection:
            row = connection.execute(wanted).mappings().first()
        if row is None:
            return None
        return Session(
            secret_sha256, row["account_id"], _at(row["opened_at"]), _at(row["expires_at"])
        )

    def end_session(self, secret_sha256: str) -> None:
        """Forget a session."""
        with self.engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.secret_sha256 == secret_sha256))

    def end_sessions(self, account_id: str) -> None:
        """Forget every session of an account."""
        with self.engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.account_id == account_id))

    def keep_readings(self, readings: Sequence[Reading]) -> None:
        """Keep what was read, all or none."""
        if not readings:
            return
        with self.engine.begin() as connection:
            connection.execute(insert(READINGS), [_of_reading(reading) for reading in readings])

    def readings(
        self, *, battery_id: str | None = None, before: datetime | None = None, n_most: int = 100
    ) -> list[Reading]:
        """Return what was read, the newest first."""
        wanted = select(READINGS).order_by(READINGS.c.read_at.desc(), READINGS.c.reading_id.desc())
        if battery_id is not None:
            wanted = wanted.where(READINGS.c.battery_id == battery_id)
        if before is not None:
            wanted = wanted.where(READINGS.c.read_at < _us(before))
        with self.engine.connect() as connection:
            return [_reading(row) for row in connection.execute(wanted.limit(n_most)).mappings()]


def _us(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _at(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _joined(names: frozenset[Scope] | frozenset[str] | tuple[str, ...]) -> str:
    return "\n".join(sorted(str(name) for name in names))


def _of_account(account: Account) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "role": account.role.value,
        "organisation_ids": _joined(account.organisation_ids),
        "password_hash": account.password_hash,
        "opened_at": _us(account.opened_at),
        "is_closed": account.is_closed,
    }


def _account(row: RowMapping) -> Account:
    return Account(
        row["account_id"],
        Role(row["role"]),
        frozenset(row["organisation_ids"].splitlines()),
        row["password_hash"],
        _at(row["opened_at"]),
        row["is_closed"],
    )


def _token(row: RowMapping) -> Token:
    return Token(
        row["token_id"],
        row["account_id"],
        row["secret_sha256"],
        row["label"],
        frozenset(Scope(name) for name in row["scopes"].splitlines()),
        _at(row["issued_at"]),
        _at(row["expires_at"]),
        _at(row["revoked_at"]) if row["revoked_at"] is not None else None,
    )


def _of_reading(reading: Reading) -> dict[str, Any]:
    return {
        "request_id": reading.request_id,
        "read_at": _us(reading.read_at),
        "account_id": reading.account_id,
        "role": reading.role.value,
        "organisation_ids": _joined(reading.organisation_ids),
        "what": reading.what,
        "battery_id": reading.battery_id,
        "is_own": reading.is_own,
        "purpose": reading.purpose,
    }


def _reading(row: RowMapping) -> Reading:
    return Reading(
        row["request_id"],
        _at(row["read_at"]),
        row["account_id"],
        Role(row["role"]),
        tuple(row["organisation_ids"].splitlines()),
        row["what"],
        row["battery_id"],
        row["is_own"],
        row["purpose"],
    )
