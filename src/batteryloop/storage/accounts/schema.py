"""Makes the tables of accounts where a database has none yet."""

from sqlalchemy import Engine, inspect, text

from batteryloop.storage.accounts.tables import METADATA, READINGS, guard_statements


def make_tables(engine: Engine) -> None:
    """Make the tables, and the guards that keep readings as they are, unless they are there."""
    if inspect(engine).has_table(READINGS.name):
        return
    with engine.begin() as connection:
        METADATA.create_all(connection)
        for statement in guard_statements(engine.dialect.name):
            connection.execute(text(statement))
