"""Know who asks by the token or the session that they show."""

import hashlib
from datetime import datetime

from batteryloop.record.accounts import Account, Caller, Role, Scope, nobody
from batteryloop.usecases.accounts_port import Accounts

TOKEN_PREFIX = "bl_"


def sha256_of(secret: str) -> str:
    """Return what is kept of a secret: its SHA-256 in hex, enough where it is all chance."""
    return hashlib.sha256(secret.encode()).hexdigest()


def caller_of_token(accounts: Accounts, text: str, *, now: datetime) -> Caller:
    """Return who shows a token; nobody, and why, if it is not valid now."""
    token = accounts.token(sha256_of(text))
    if token is None:
        return nobody("the token is not known")
    if token.revoked_at is not None:
        return nobody(f"the token was revoked at {token.revoked_at.isoformat()}")
    if token.expires_at <= now:
        return nobody(f"the token expired at {token.expires_at.isoformat()}")
    return _caller(accounts.account(token.account_id), token.scopes)


def caller_of_session(accounts: Accounts, secret: str, *, now: datetime) -> Caller:
    """Return who has signed in; nobody, and why, if the session is over."""
    session = accounts.session(sha256_of(secret))
    if session is None:
        return nobody("the session was ended")
    if session.expires_at <= now:
        return nobody(f"the session expired at {session.expires_at.isoformat()}")
    return _caller(accounts.account(session.account_id), None)


def _caller(account: Account | None, scopes: frozenset[Scope] | None) -> Caller:
    """Return the caller; scopes None means all that the role has, by a session."""
    if account is None or account.is_closed:
        return nobody("the account is closed")
    every = frozenset(Scope) if account.role is Role.ADMIN else frozenset({Scope.READ, Scope.WRITE})
    return Caller(
        account.account_id,
        account.role,
        account.organisation_ids,
        every if scopes is None else scopes & every,
        is_by_session=scopes is None,
    )
