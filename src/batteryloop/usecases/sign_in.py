"""Sign in with a password, and out again."""

from datetime import datetime, timedelta

from batteryloop.errors import SignInNeeded
from batteryloop.record.accounts import Account, Session
from batteryloop.usecases.accounts_port import Accounts, Passwords
from batteryloop.usecases.know_caller import sha256_of


def sign_in(
    accounts: Accounts,
    passwords: Passwords,
    account_id: str,
    password: str,
    secret: str,
    *,
    now: datetime,
    session_h: float = 12.0,
) -> Account:
    """Open the session of `secret` for whoever knows the password; return the account.

    An unknown name, a closed account and a wrong password are answered alike, and as slowly.

    Raises
    ------
    SignInNeeded
        If name and password do not belong together.
    """
    account = accounts.account(account_id)
    is_right = passwords.matches(password, account.password_hash if account else "")
    if account is None or not is_right or account.is_closed:
        raise SignInNeeded(
            "sign-in", "name and password do not belong together", next_step="try again"
        )
    accounts.keep_session(
        Session(sha256_of(secret), account_id, now, now + timedelta(hours=session_h))
    )
    return account


def sign_out(accounts: Accounts, secret: str) -> None:
    """End the session of `secret`."""
    accounts.end_session(sha256_of(secret))
