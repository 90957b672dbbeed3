"""Alembic runs this: the connection is handed in, in a transaction of its own."""

from alembic import context

from batteryloop.storage.records.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,
)
context.run_migrations()
