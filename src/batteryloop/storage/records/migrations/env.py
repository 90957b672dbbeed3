"""Alembic runs this: the connection is handed in, in a transaction of its own."""

from alembic import context

from batteryloop.storage.records.tables import metadata


def _run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        transactional_ddl=False,
    )
    context.run_migrations()


# Outside of Alembic, where a tool only looks at the module, there is nothing to do.
if hasattr(context, "config"):
    _run()
