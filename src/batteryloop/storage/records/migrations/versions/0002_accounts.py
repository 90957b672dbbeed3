"""Accounts, their tokens and sessions, and what was read."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_SQLITE_GUARDS = (
    """
    CREATE TRIGGER reading_is_not_changed BEFORE UPDATE ON reading
    BEGIN SELECT RAISE(ABORT, 'readings are append-only'); END
    """,
    """
    CREATE TRIGGER reading_is_not_removed BEFORE DELETE ON reading
    BEGIN SELECT RAISE(ABORT, 'readings are append-only'); END
    """,
    # INSERT OR REPLACE deletes without asking the trigger above.
    """
    CREATE TRIGGER reading_is_not_replaced BEFORE INSERT ON reading
    WHEN EXISTS (SELECT 1 FROM reading WHERE reading_id = NEW.reading_id)
    BEGIN SELECT RAISE(ABORT, 'readings are append-only'); END
    """,
)
_POSTGRES_GUARDS = (
    """
    CREATE FUNCTION reading_says_no() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'readings are append-only'; END $$
    """,
    """
    CREATE TRIGGER reading_is_not_changed BEFORE UPDATE OR DELETE ON reading
    FOR EACH ROW EXECUTE FUNCTION reading_says_no()
    """,
    """
    CREATE TRIGGER reading_is_not_emptied BEFORE TRUNCATE ON reading
    FOR EACH STATEMENT EXECUTE FUNCTION reading_says_no()
    """,
)


def upgrade() -> None:
    """Make the tables, and the guards that keep readings as they are."""
    op.create_table(
        "account",
        sa.Column("account_id", _WORD, primary_key=True),
        *_texts("role", "organisation_ids", "password_hash", "opened_at"),
        sa.Column("is_closed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "account_token",
        sa.Column("secret_sha256", _WORD, primary_key=True),
        sa.Column("account_id", _WORD, sa.ForeignKey("account.account_id"), nullable=False),
        *_texts("token_id", "label", "scopes", "issued_at", "expires_at"),
        sa.Column("revoked_at", sa.Text),
    )
    op.create_index("account_token_account", "account_token", ["account_id"])
    op.create_table(
        "account_session",
        sa.Column("secret_sha256", _WORD, primary_key=True),
        sa.Column("account_id", _WORD, sa.ForeignKey("account.account_id"), nullable=False),
        sa.Column("opened_at", sa.Text, nullable=False),
        sa.Column("expires_at", _WORD, nullable=False),
    )
    op.create_index("account_session_account", "account_session", ["account_id"])
    op.create_index("account_session_end", "account_session", ["expires_at"])
    op.create_table(
        "reading",
        sa.Column("reading_id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("read_at", _WORD, nullable=False),
        sa.Column("battery_id", _WORD, nullable=False),
        *_texts("request_id", "account_id", "role", "organisation_ids", "what", "purpose"),
        sa.Column("is_own", sa.Boolean, nullable=False),
    )
    op.create_index("reading_battery", "reading", ["battery_id", "read_at"])
    op.create_index("reading_time", "reading", ["read_at"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_GUARDS if is_sqlite else _POSTGRES_GUARDS:
        op.execute(statement)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
