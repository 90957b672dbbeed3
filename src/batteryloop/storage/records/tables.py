"""The tables of the record. `migrations` makes them; a test holds the two in step.

Times are texts (`record.moments`), which sort as time does and are hashed as they stand. Texts
compare by their bytes in both databases, so that a page ends in the same place in both.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()
Word = Text().with_variant(Text(collation="C"), "postgresql")
Number = BigInteger().with_variant(Integer(), "sqlite")

ledger = Table(
    "ledger",
    metadata,
    Column("sequence", Number, primary_key=True, autoincrement=False),
    Column("event_id", Word, nullable=False),
    Column("battery_id", Word, nullable=False),
    Column("kind", Text, nullable=False),
    Column("happened_at", Text, nullable=False),
    Column("party_id", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("entry_hash", Text, nullable=False),
    Index("ledger_event_id", "event_id", unique=True),
    Index("ledger_battery", "battery_id", "sequence"),
)

head = Table(
    "head",
    metadata,
    Column("name", Word, primary_key=True),
    Column("sequence", Number, nullable=False),
    Column("entry_hash", Text, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("sequence", Number, primary_key=True, autoincrement=False),
    Column("key_id", Word, primary_key=True),
    Column("signed_at", Word, primary_key=True),
    Column("entry_hash", Text, nullable=False),
    Column("signature", Text, nullable=False),
)

_FILTERED = (
    "stage", "status", "application", "chemistry", "country", "severity", "holder_id",
    "responsible_id",
)  # fmt: skip


def _order(name: str) -> Index:
    """Return the index of one order, with all that a list is filtered by."""
    rest = [column for column in _FILTERED if column != name]
    keys = ["battery_id"] if name == "battery_id" else [name, "battery_id"]
    more = [] if name == "soh_key" else ["soh_key"]
    return Index(f"battery_state_{name}", *keys, *rest, *more)


battery_state = Table(
    "battery_state",
    metadata,
    Column("battery_id", Word, primary_key=True),
    Column("application", Word, nullable=False),
    Column("chemistry", Word),
    Column("model", Text, nullable=False),
    Column("producer_id", Text, nullable=False),
    Column("rated_capacity_ah", Double),
    Column("rated_energy_wh", Double),
    Column("rated_voltage_v", Double),
    Column("mass_kg", Double),
    Column("n_cells_series", Integer, nullable=False),
    Column("n_cells_parallel", Integer, nullable=False),
    Column("manufactured_at", Text),
    Column("codes", Text, nullable=False),
    Column("is_simulated", Integer, nullable=False),
    Column("stage", Word, nullable=False),
    Column("status", Word, nullable=False),
    Column("holder_id", Word, nullable=False),
    Column("responsible_id", Word, nullable=False),
    Column("n_events", Integer, nullable=False),
    Column("last_event_at", Word, nullable=False),
    Column("last_event_kind", Text, nullable=False),
    Column("country", Word, nullable=False),
    Column("site", Text, nullable=False),
    Column("soh_frac", Double),
    Column("soh_low_frac", Double),
    Column("soh_high_frac", Double),
    Column("confidence_frac", Double),
    Column("evaluated_at", Text),
    Column("severity", Integer, nullable=False),
    Column("grade", Text, nullable=False),
    Column("passport_id", Text, nullable=False),
    Column("is_ended", Integer, nullable=False),
    # A battery without a state of health stands above all others in that order.
    Column("soh_key", Double, nullable=False),
    _order("battery_id"),
    _order("soh_key"),
    _order("severity"),
    _order("last_event_at"),
    Index("battery_state_holder", "holder_id", "battery_id"),
    Index("battery_state_responsible", "responsible_id", "battery_id"),
)

component = Table(
    "component",
    metadata,
    Column("battery_id", Word, primary_key=True),
    Column("serial", Word, primary_key=True),
    Column("ordinal", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent_serial", Text),
    Column("position", Integer),
    Column("model", Text, nullable=False),
    Index("component_serial", "serial"),
)

descent = Table(
    "descent",
    metadata,
    Column("child_id", Word, primary_key=True),
    Column("parent_id", Word, primary_key=True),
    Column("sequence", Number, nullable=False),
    Column("happened_at", Text, nullable=False),
    Column("serials", Text, nullable=False),
    Index("descent_parent", "parent_id"),
)

battery_word = Table(
    "battery_word",
    metadata,
    Column("word", Word, primary_key=True),
    Column("battery_id", Word, primary_key=True),
    Index("battery_word_battery", "battery_id", "word"),
    sqlite_with_rowid=False,
)

fleet_count = Table(
    "fleet_count",
    metadata,
    Column("holder_id", Word, primary_key=True),
    Column("responsible_id", Word, primary_key=True),
    Column("stage", Word, primary_key=True),
    Column("status", Word, primary_key=True),
    Column("n", Number, nullable=False),
)

party = Table(
    "party",
    metadata,
    Column("party_id", Word, primary_key=True),
    Column("name", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("registration_number", Text, nullable=False),
)

document = Table(
    "document",
    metadata,
    Column("sha256", Word, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

battery_document = Table(
    "battery_document",
    metadata,
    Column("battery_id", Word, primary_key=True),
    Column("kind", Word, primary_key=True),
    Column("sha256", Word, primary_key=True),
    Column("kept_at", Text, nullable=False),
)
