"""The tables of accounts, tokens, sessions and readings. `migrations` makes them.

Times are texts (`record.moments`), which sort as time does.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()
Word = Text().with_variant(Text(collation="C"), "postgresql")
Number = BigInteger().with_variant(Integer(), "sqlite")


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


account = Table(
    "account",
    metadata,
    Column("account_id", Word, primary_key=True),
    *_texts("role", "organisation_ids", "password_hash", "opened_at"),
    Column("is_closed", Boolean, nullable=False),
)

account_token = Table(
    "account_token",
    metadata,
    Column("secret_sha256", Word, primary_key=True),
    Column("account_id", Word, ForeignKey("account.account_id"), nullable=False),
    *_texts("token_id", "label", "scopes", "issued_at", "expires_at"),
    Column("revoked_at", Text),
    Index("account_token_account", "account_id"),
)

account_session = Table(
    "account_session",
    metadata,
    Column("secret_sha256", Word, primary_key=True),
    Column("account_id", Word, ForeignKey("account.account_id"), nullable=False),
    Column("opened_at", Text, nullable=False),
    Column("expires_at", Word, nullable=False),
    Index("account_session_account", "account_id"),
    Index("account_session_end", "expires_at"),
)

reading = Table(
    "reading",
    metadata,
    Column("reading_id", Number, primary_key=True, autoincrement=True),
    Column("read_at", Word, nullable=False),
    Column("battery_id", Word, nullable=False),
    *_texts("request_id", "account_id", "role", "organisation_ids", "what", "purpose"),
    Column("is_own", Boolean, nullable=False),
    Index("reading_battery", "battery_id", "read_at"),
    Index("reading_time", "read_at"),
)
