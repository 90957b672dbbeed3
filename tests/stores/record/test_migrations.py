"""The tables in the code and the tables that the migrations make are the same."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from batteryloop.storage.accounts.tables import metadata as accounts
from batteryloop.storage.records.tables import metadata


def test_the_tables_are_as_the_migrations_make_them(record):
    with record.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, [metadata, accounts]) == []
