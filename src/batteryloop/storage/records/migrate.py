"""Brings a database to the tables that this version knows; nothing is done twice."""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from batteryloop.errors import RecordSaysNo

_FOLDER = Path(__file__).parent / "migrations"


@cache
def newest_revision() -> str:
    """Return the number of the last step that this version knows."""
    found = [re.match(r"\d{4}", path.name) for path in (_FOLDER / "versions").glob("*.py")]
    return max(match.group() for match in found if match)


def revision_of(connection: Connection) -> str | None:
    """Return the number of the last step that a database has seen, None if it is new."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(connection: Connection) -> tuple[str | None, str]:
    """Take the steps that a database has not seen; return its revision before and after.

    The connection is in a transaction that no other can write beside.

    Raises
    ------
    RecordSaysNo
        If a newer version made the database.
    """
    before = revision_of(connection)
    newest = newest_revision()
    if before == newest:
        return before, newest
    if before is not None and before > newest:
        raise RecordSaysNo(
            "the record",
            f"was written by a newer version (step {before})",
            f"steps up to {newest}",
            "install the newer version of batteryloop",
        )
    # Alembic is slow to load, and seldom needed.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return before, newest
