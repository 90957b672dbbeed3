"""`batteryloop account …`: who may ask the server, for whoever runs it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.errors import PathMissing
from batteryloop.record.accounts import Role, Scope
from batteryloop.storage.accounts import AccountStore
from batteryloop.usecases.issue_token import issue_token, revoke_token
from batteryloop.usecases.open_account import change_password, close_account, open_account
from batteryloop.wiring.accounts import open_accounts
from batteryloop.wiring.clock import now
from batteryloop.wiring.records import open_record
from batteryloop.wiring.secrets import Argon2Passwords, new_password, new_secret

app = typer.Typer(help="Who may ask the server: accounts and tokens.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The name to sign in with.", show_default=False)]
RecordAt = Annotated[
    str | None, typer.Option("--record", help="The record: a file or a URL of a database.")
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(help="File with the password in its first line; else a random one is printed."),
]


@app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What it is.")],
    organisation: Annotated[
        list[str] | None, typer.Option(help="A party that it acts for; may be given often.")
    ] = None,
    password_file: PasswordFile = None,
    record: RecordAt = None,
    as_json: AsJson = False,
) -> None:
    """Open an account.

    Example: `batteryloop account add meier --role operator --organisation depot-7`
    """
    password = _password(password_file)
    account = open_account(
        _accounts(record), Argon2Passwords(), name, role, organisation or (), password, now=now()
    )
    shown = None if password_file else password
    if as_json:
        screen.print_json({**account.as_dict(), "password": shown})
    else:
        screen.out.print(f"Account {escape(name)} is open.")
        _print_password(shown)


@app.command()
def password(
    name: Name,
    password_file: PasswordFile = None,
    record: RecordAt = None,
    as_json: AsJson = False,
) -> None:
    """Give an account a new password; every session that the old one opened ends.

    Example: `batteryloop account password meier --record loop.sqlite`
    """
    fresh = _password(password_file)
    change_password(_accounts(record), Argon2Passwords(), name, fresh)
    shown = None if password_file else fresh
    if as_json:
        screen.print_json({"account_id": name, "password": shown})
    else:
        screen.out.print(f"Account {escape(name)} has a new password.")
        _print_password(shown)


@app.command()
def token(
    name: Name,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may be used for; may be given often.")
    ] = None,
    days: Annotated[int, typer.Option(help="How long it is valid.")] = 90,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    record: RecordAt = None,
    as_json: AsJson = False,
) -> None:
    """Issue a token to an account; its text is shown this once.

    Example: `batteryloop account token meier --scope read --days 30 --label nightly`
    """
    text, kept = issue_token(
        _accounts(record), name, new_secret(), scopes=scope or [Scope.READ], now=now(),
        n_days=days, label=label,
    )  # fmt: skip
    if as_json:
        screen.print_json({**kept.as_dict(), "token": text})
    else:
        until = kept.expires_at.date().isoformat()
        screen.out.print(f"{text}\nvalid until {until}; shown this once", soft_wrap=True)


@app.command()
def revoke(
    name: Name,
    token_id: Annotated[str, typer.Argument(help="The token's number, from `account list`.")],
    record: RecordAt = None,
    as_json: AsJson = False,
) -> None:
    """Take a token back.

    Example: `batteryloop account revoke meier 1f0c22ab90de4411`
    """
    revoked = revoke_token(_accounts(record), name, token_id, now=now())
    if as_json:
        screen.print_json(revoked.as_dict())
    else:
        screen.out.print(f"Token {escape(token_id)} lets nobody in any more.")


@app.command()
def close(name: Name, record: RecordAt = None, as_json: AsJson = False) -> None:
    """Close an account; its sessions and tokens end.

    Example: `batteryloop account close meier`
    """
    close_account(_accounts(record), name)
    if as_json:
        screen.print_json({"account_id": name, "is_closed": True})
    else:
        screen.out.print(f"Account {escape(name)} is closed.")


@app.command("list")
def list_(record: RecordAt = None, as_json: AsJson = False) -> None:
    """List accounts and their tokens.

    Example: `batteryloop account list --json`
    """
    accounts = _accounts(record)
    found = [
        {**a.as_dict(), "tokens": [t.as_dict() for t in accounts.tokens(a.account_id)]}
        for a in accounts.accounts()
    ]
    if as_json:
        screen.print_json(found)
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("account", "role", "organisations", "open", "tokens"):
        table.add_column(heading)
    for account in found:
        tokens = [f"{t['token_id']} until {t['expires_at'][:10]}" for t in account["tokens"]
                  if not t["revoked_at"]]  # fmt: skip
        table.add_row(
            escape(account["account_id"]), account["role"],
            escape(", ".join(account["organisation_ids"])),
            "closed" if account["is_closed"] else "open", "\n".join(tokens),
        )  # fmt: skip
    screen.out.print(table)


def _accounts(record: str | None) -> AccountStore:
    return open_accounts(open_record(record))


def _password(file: Path | None) -> str:
    if file is None:
        return new_password()
    if not file.exists():
        raise PathMissing(str(file), "is not there", "a file with the password in its first line")
    return (file.read_text(encoding="utf-8").splitlines() or [""])[0]


def _print_password(password: str | None) -> None:
    if password is not None:
        screen.out.print(f"password {escape(password)}\nshown this once", soft_wrap=True)
