"""The ledger, what follows from it, parties and documents."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FILTERED = (
    "stage", "status", "application", "chemistry", "country", "severity", "holder_id",
    "responsible_id",
)  # fmt: skip

_SQLITE_GUARDS = (
    """
    CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_is_not_shortened BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    # INSERT OR REPLACE deletes without asking the trigger above.
    """
    CREATE TRIGGER ledger_is_not_replaced BEFORE INSERT ON ledger
    WHEN EXISTS (SELECT 1 FROM ledger WHERE sequence = NEW.sequence OR event_id = NEW.event_id)
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
)
_POSTGRES_GUARDS = (
    """
    CREATE FUNCTION ledger_says_no() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$
    """,
    """
    CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE OR DELETE ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_says_no()
    """,
    """
    CREATE TRIGGER ledger_is_not_emptied BEFORE TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_says_no()
    """,
)


def _key(name: str, kind: sa.types.TypeEngine[Any] = _WORD) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _words(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, _WORD, nullable=False) for name in names]


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _figures(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Double) for name in names]


def _counts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


def upgrade() -> None:
    """Make the tables."""
    _ledger()
    _states()
    _make_up()
    _papers()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_GUARDS if is_sqlite else _POSTGRES_GUARDS:
        op.execute(statement)


def _ledger() -> None:
    op.create_table(
        "ledger",
        _key("sequence", _NUMBER),
        *_words("event_id", "battery_id"),
        *_texts("kind", "happened_at", "party_id", "details", "recorded_at", "recorded_by"),
        *_texts("previous_hash", "entry_hash"),
    )
    op.create_index("ledger_event_id", "ledger", ["event_id"], unique=True)
    op.create_index("ledger_battery", "ledger", ["battery_id", "sequence"])
    op.create_table(
        "head",
        _key("name"),
        sa.Column("sequence", _NUMBER, nullable=False),
        *_texts("entry_hash"),
    )
    op.create_table(
        "checkpoint",
        _key("sequence", _NUMBER),
        _key("key_id"),
        _key("signed_at"),
        *_texts("entry_hash", "signature"),
    )


def _states() -> None:
    op.create_table(
        "battery_state",
        _key("battery_id"),
        *_words("application"),
        sa.Column("chemistry", _WORD),
        *_texts("model", "producer_id"),
        *_figures("rated_capacity_ah", "rated_energy_wh", "rated_voltage_v", "mass_kg"),
        *_counts("n_cells_series", "n_cells_parallel"),
        sa.Column("manufactured_at", sa.Text),
        *_texts("codes"),
        *_counts("is_simulated"),
        *_words("stage", "status", "holder_id", "responsible_id"),
        *_counts("n_events"),
        *_words("last_event_at"),
        *_texts("last_event_kind"),
        *_words("country"),
        *_texts("site"),
        *_figures("soh_frac", "soh_low_frac", "soh_high_frac", "confidence_frac"),
        sa.Column("evaluated_at", sa.Text),
        *_counts("severity"),
        *_texts("grade", "passport_id"),
        *_counts("is_ended"),
        sa.Column("soh_key", sa.Double, nullable=False),
    )
    for name in ("battery_id", "soh_key", "severity", "last_event_at"):
        keys = [name] if name == "battery_id" else [name, "battery_id"]
        rest = [column for column in (*_FILTERED, "soh_key") if column not in keys]
        op.create_index(f"battery_state_{name}", "battery_state", [*keys, *rest])
    op.create_index("battery_state_holder", "battery_state", ["holder_id", "battery_id"])
    op.create_index("battery_state_responsible", "battery_state", ["responsible_id", "battery_id"])
    op.create_table(
        "fleet_count",
        *[_key(name) for name in ("holder_id", "responsible_id", "stage", "status")],
        sa.Column("n", _NUMBER, nullable=False),
    )


def _make_up() -> None:
    op.create_table(
        "component",
        _key("battery_id"),
        _key("serial"),
        *_counts("ordinal"),
        *_texts("kind"),
        sa.Column("parent_serial", sa.Text),
        sa.Column("position", sa.Integer),
        *_texts("model"),
    )
    op.create_index("component_serial", "component", ["serial"])
    op.create_table(
        "descent",
        _key("child_id"),
        _key("parent_id"),
        sa.Column("sequence", _NUMBER, nullable=False),
        *_texts("happened_at", "serials"),
    )
    op.create_index("descent_parent", "descent", ["parent_id"])
    op.create_table("battery_word", _key("word"), _key("battery_id"), sqlite_with_rowid=False)
    op.create_index("battery_word_battery", "battery_word", ["battery_id", "word"])


def _papers() -> None:
    op.create_table(
        "party", _key("party_id"), *_texts("name", "country", "roles", "registration_number")
    )
    op.create_table(
        "document", _key("sha256"), sa.Column("content", sa.LargeBinary, nullable=False)
    )
    op.create_table(
        "battery_document", _key("battery_id"), _key("kind"), _key("sha256"), *_texts("kept_at")
    )
