"""Issue a token to an account, and take it back."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from batteryloop.errors import NotKnown, OptionWrong
from batteryloop.record.accounts import Role, Scope, Token
from batteryloop.usecases.accounts_port import Accounts
from batteryloop.usecases.know_caller import TOKEN_PREFIX, sha256_of
from batteryloop.usecases.open_account import known_account

N_DAYS_MOST = 366


def issue_token(
    accounts: Accounts,
    account_id: str,
    secret: str,
    *,
    scopes: Collection[Scope],
    now: datetime,
    n_days: int = 90,
    label: str = "",
) -> tuple[str, Token]:
    """Keep a new token; return its text, which is never to be had again, and what is kept.

    Parameters
    ----------
    accounts : Accounts
        Where it is kept.
    account_id : str
        Whose it is: it can do what the account can, as far as its scopes go.
    secret : str
        At least 256 bits of chance.
    scopes : collection of Scope
        What it may be used for.
    now : datetime
        When it is issued, UTC.
    n_days : int
        How long it is valid, at most 366. [days]
    label : str
        What it is for, in the words of whoever asks for it.

    Raises
    ------
    NotKnown
        If there is no such account.
    OptionWrong
        If it would be valid too long, for nothing, or for more than the account may.
    """
    account = known_account(accounts, account_id)
    if account.is_closed:
        raise OptionWrong(f"account {account_id}", "is closed", "an open account")
    if not 1 <= n_days <= N_DAYS_MOST:
        raise OptionWrong("days", str(n_days), f"1 to {N_DAYS_MOST}", "issue a new one in time")
    if not scopes:
        raise OptionWrong("scopes", "none", ", ".join(Scope), "name what the token is for")
    if Scope.ACCOUNTS in scopes and account.role is not Role.ADMIN:
        raise OptionWrong("scopes", "accounts", "read, write", "only an admin's token has it")
    text = TOKEN_PREFIX + secret
    token = Token(
        token_id=sha256_of(text)[:16],
        account_id=account_id,
        secret_sha256=sha256_of(text),
        label=label,
        scopes=frozenset(scopes),
        issued_at=now,
        expires_at=now + timedelta(days=n_days),
    )
    accounts.keep_token(token)
    return text, token


def revoke_token(accounts: Accounts, account_id: str, token_id: str, *, now: datetime) -> Token:
    """Take a token back; return it as it is now kept.

    Raises
    ------
    NotKnown
        If the account has no such token.
    """
    for token in accounts.tokens(account_id):
        if token.token_id == token_id:
            revoked = token if token.revoked_at else replace(token, revoked_at=now)
            accounts.keep_token(revoked)
            return revoked
    raise NotKnown(f"token {token_id[:32]!r}", "not known", next_step="list the tokens")
