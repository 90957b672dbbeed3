"""Starts a server from its settings alone: opens the record, makes the first admin."""

from dataclasses import dataclass

from fastapi import FastAPI

from batteryloop.api.app import make_app
from batteryloop.wiring.accounts import first_admin, open_accounts
from batteryloop.wiring.clock import now
from batteryloop.wiring.issuers import issuer_of
from batteryloop.wiring.records import open_record
from batteryloop.wiring.secrets import Argon2Passwords, key_in, new_secret
from batteryloop.wiring.settings import Settings

KEY_FILE = "session.key"


@dataclass(frozen=True, slots=True)
class Started:
    """An app that is ready to serve, and the first admin's password where it was just made."""

    app: FastAPI
    admin_password: str | None


def start(settings: Settings) -> Started:
    """Return the app that the settings ask for.

    Raises
    ------
    OptionWrong, PathMissing
        If the record cannot be kept where they say.
    OutsideFailed
        If the database or the folder of keys cannot be reached.
    """
    record = open_record(settings.record)
    accounts = open_accounts(record)
    passwords = Argon2Passwords()
    given = settings.session_key
    app = make_app(
        settings,
        record,
        accounts,
        passwords=passwords,
        session_key=given.get_secret_value() if given else key_in(settings.keys / KEY_FILE),
        now=now,
        new_secret=new_secret,
        issuer=issuer_of(settings.keys, settings.address, now=now()),
    )
    app.state.house.reads_inline = record.database.is_sqlite
    return Started(app, first_admin(accounts, passwords, now=now()))
