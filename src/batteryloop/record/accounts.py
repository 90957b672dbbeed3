"""Who may ask: people and programmes, what they are, whose they are, and what they have read."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What somebody is to a battery; no role contains another."""

    ADMIN = "admin"
    OPERATOR = "operator"
    SERVICE = "service"
    RECYCLER = "recycler"
    AUTHORITY = "authority"
    LEGITIMATE_INTEREST = "legitimate-interest"
    PUBLIC = "public"


class Scope(StrEnum):
    """What a token may be used for; a person who has signed in has every scope."""

    READ = "read"
    WRITE = "write"
    ACCOUNTS = "accounts"


@dataclass(frozen=True, slots=True)
class Account:
    """A person or a programme that may sign in.

    Parameters
    ----------
    account_id : str
        The name to sign in with.
    role : Role
        What it is.
    organisation_ids : frozenset of str
        The parties whose batteries are its own.
    password_hash : str
        Argon2id; empty where only tokens may be used.
    opened_at : datetime
        When it was opened, UTC.
    is_closed : bool
        Whether it may no longer sign in; tokens and sessions end with it.
    """

    account_id: str
    role: Role
    organisation_ids: frozenset[str]
    password_hash: str
    opened_at: datetime
    is_closed: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, without the password's hash."""
        return {
            "account_id": self.account_id,
            "role": self.role.value,
            "organisation_ids": sorted(self.organisation_ids),
            "opened_at": self.opened_at.isoformat(),
            "is_closed": self.is_closed,
        }


@dataclass(frozen=True, slots=True)
class Token:
    """A secret that lets a programme in; only its SHA-256 is kept."""

    token_id: str
    account_id: str
    secret_sha256: str
    label: str
    scopes: frozenset[Scope]
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, without the secret's hash."""
        return {
            "token_id": self.token_id,
            "account_id": self.account_id,
            "label": self.label,
            "scopes": sorted(scope.value for scope in self.scopes),
            "issued_at": self.issued_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "revoked_at": self.revoked_at.isoformat() if self.revoked_at else None,
        }


@dataclass(frozen=True, slots=True)
class Session:
    """A person who has signed in with a browser; only the SHA-256 of its secret is kept."""

    secret_sha256: str
    account_id: str
    opened_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as it is known.

    `why_nobody` says what was wrong with what was shown, where something was shown.
    """

    account_id: str
    role: Role
    organisation_ids: frozenset[str]
    scopes: frozenset[Scope]
    is_by_session: bool = False
    why_nobody: str = ""

    @property
    def is_nobody(self) -> bool:
        """Whether nobody has signed in."""
        return not self.account_id

    def owns(self, *organisation_ids: str) -> bool:
        """Return whether one of the organisations is the caller's."""
        return not self.organisation_ids.isdisjoint(organisation_ids)


def nobody(why: str = "") -> Caller:
    """Return the caller of whom nothing is known: the public.

    Examples
    --------
    >>> nobody().role.value, nobody().is_nobody
    ('public', True)
    """
    return Caller("", Role.PUBLIC, frozenset(), frozenset({Scope.READ}), why_nobody=why)


@dataclass(frozen=True, slots=True)
class Reading:
    """One read of restricted data: who, in which role, what, of which battery, when and why."""

    request_id: str
    read_at: datetime
    account_id: str
    role: Role
    organisation_ids: tuple[str, ...]
    what: str
    battery_id: str
    is_own: bool
    purpose: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "request_id": self.request_id,
            "read_at": self.read_at.isoformat(),
            "account_id": self.account_id,
            "role": self.role.value,
            "organisation_ids": list(self.organisation_ids),
            "what": self.what,
            "battery_id": self.battery_id,
            "is_own": self.is_own,
            "purpose": self.purpose,
        }
