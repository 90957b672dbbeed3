"""The tables of accounts, tokens, sessions and readings; times are microseconds since 1970, UTC."""

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

METADATA = MetaData()

ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("account_id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("organisation_ids", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("is_closed", Boolean, nullable=False),
)

TOKENS = Table(
    "account_tokens",
    METADATA,
    Column("secret_sha256", Text, primary_key=True),
    Column("token_id", Text, nullable=False),
    Column("account_id", Text, ForeignKey("accounts.account_id"), nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

SESSIONS = Table(
    "account_sessions",
    METADATA,
    Column("secret_sha256", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.account_id"), nullable=False, index=True),
    Column("opened_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

READINGS = Table(
    "readings",
    METADATA,
    Column(
        "reading_id",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    Column("request_id", Text, nullable=False),
    Column("read_at", BigInteger, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("organisation_ids", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("battery_id", Text, nullable=False),
    Column("is_own", Boolean, nullable=False),
    Column("purpose", Text, nullable=False),
    Index("readings_of_battery", "battery_id", "read_at"),
    Index("readings_by_time", "read_at"),
)

GUARDS = {
    "sqlite": (
        "CREATE TRIGGER readings_keep_{0} BEFORE {1} ON readings "
        "BEGIN SELECT RAISE(ABORT, 'readings are only added to'); END",
        (("update", "UPDATE"), ("delete", "DELETE")),
    ),
    "postgresql": (
        "CREATE TRIGGER readings_keep_{0} BEFORE {1} ON readings "
        "FOR EACH STATEMENT EXECUTE FUNCTION readings_are_kept()",
        (("update", "UPDATE"), ("delete", "DELETE"), ("truncate", "TRUNCATE")),
    ),
}

GUARD_FUNCTION = """
CREATE FUNCTION readings_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'readings are only added to'; END $$
"""


def guard_statements(dialect: str) -> list[str]:
    """Return what keeps the database from changing or removing a reading."""
    template, deeds = GUARDS[dialect]
    first = [GUARD_FUNCTION] if dialect == "postgresql" else []
    return first + [template.format(name, deed) for name, deed in deeds]
