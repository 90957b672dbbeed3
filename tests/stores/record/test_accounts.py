"""Accounts and readings beside the record, in SQLite and in a real PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from batteryloop.errors import RecordSaysNo
from batteryloop.record.accounts import Account, Reading, Role, Scope, Session, Token
from batteryloop.storage.accounts import AccountStore

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEIER = Account("meier", Role.OPERATOR, frozenset({"depot-7", "depot-8"}), "$argon2id$…", NOW)
TOKEN = Token(
    "t1", "meier", "a" * 64, "nightly", frozenset({Scope.READ}), NOW, NOW + timedelta(days=3)
)


def reading(n, battery_id="BAT-1"):
    return Reading(
        f"r{n}", NOW + timedelta(seconds=n), "meier", Role.OPERATOR, ("depot-7",),
        "GET /x", battery_id, True, "recall",
    )  # fmt: skip


@pytest.fixture
def accounts(record):
    return AccountStore(record.database)


def test_an_account_comes_back_as_it_was_kept(accounts):
    accounts.add_account(MEIER)
    assert accounts.account("meier") == MEIER
    assert accounts.accounts() == [MEIER]
    accounts.replace_account(replace(MEIER, is_closed=True))
    assert accounts.account("meier").is_closed
    assert accounts.account("nobody") is None


def test_a_name_is_taken_once(accounts):
    accounts.add_account(MEIER)
    with pytest.raises(RecordSaysNo, match="is there already"):
        accounts.add_account(MEIER)


def test_a_token_is_found_by_its_hash_and_revoked(accounts):
    accounts.add_account(MEIER)
    accounts.keep_token(TOKEN)
    assert accounts.token("a" * 64) == TOKEN
    accounts.keep_token(replace(TOKEN, revoked_at=NOW))
    assert accounts.tokens("meier") == [replace(TOKEN, revoked_at=NOW)]
    assert accounts.token("b" * 64) is None


def test_sessions_end_one_by_one_all_together_and_by_themselves(accounts):
    accounts.add_account(MEIER)
    ends = [NOW + timedelta(hours=h) for h in (1, 12, 12)]
    for n, end in enumerate(ends):
        accounts.keep_session(Session(str(n) * 64, "meier", NOW, end))
    accounts.end_session("1" * 64)
    assert accounts.session("1" * 64) is None
    assert accounts.session("2" * 64).expires_at == ends[2]
    accounts.keep_session(Session("3" * 64, "meier", ends[0], ends[1]))
    assert accounts.session("0" * 64) is None
    accounts.end_sessions("meier")
    assert accounts.session("2" * 64) is None


def test_readings_come_back_newest_first(accounts):
    accounts.keep_readings([reading(1), reading(2), reading(3, "BAT-2")])
    accounts.keep_readings([])
    assert accounts.readings() == [reading(3, "BAT-2"), reading(2), reading(1)]
    assert accounts.readings(battery_id="BAT-1", n_most=1) == [reading(2)]
    assert accounts.readings(before=NOW + timedelta(seconds=2)) == [reading(1)]


@pytest.mark.parametrize(
    "statement", ["DELETE FROM reading", "UPDATE reading SET account_id = 'somebody else'"]
)
def test_the_database_keeps_readings_as_they_are(accounts, statement):
    accounts.keep_readings([reading(1)])
    with (
        pytest.raises(RecordSaysNo, match="append-only"),
        accounts.database.writing() as connection,
    ):
        connection.execute(text(statement))
    assert accounts.readings() == [reading(1)]
