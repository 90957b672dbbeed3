"""One database, SQLite or PostgreSQL: who may write, how it is read quickly, how it fails."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.engine import URL

from batteryloop.errors import OptionWrong, OutsideFailed, PathMissing, RecordSaysNo

_BUSY_MS = 60_000
# One writer at a time makes or migrates the tables of a PostgreSQL.
_MIGRATION_LOCK = 0x62617474


class Database:
    """An engine for writing and for seldom reads, and bare connections for reads that are hot.

    Writes in SQLite begin by taking the one write lock; in PostgreSQL a writer of the ledger
    locks the row of its head. Each thread has a bare connection of its own.
    """

    def __init__(self, url: URL) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        self._own = threading.local()
        self._opened: list[Any] = []
        self._lock = threading.Lock()

    @property
    def subject(self) -> str:
        """How an error names it, without a password."""
        return f"the record {self.url.render_as_string(hide_password=True)}"

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are all kept, durably, or none.

        Raises
        ------
        OutsideFailed
            If the database refuses; retryable where it is busy or away.
        """
        with self._outside(), self.engine.connect() as connection:
            writer = connection.execution_options(batteryloop_writes=True)
            with writer.begin():
                yield writer

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Give a connection that alone may change the tables."""
        with self.writing() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the database."""
        with self._outside(), self.engine.connect() as connection:
            if self.is_sqlite:
                with connection.begin():
                    yield connection
            else:
                reader = connection.execution_options(isolation_level="REPEATABLE READ")
                with reader.begin():
                    yield reader

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a statement with `?` marks, over this thread's bare connection."""
        with self._outside():
            if self.is_sqlite:
                return self._bare().execute(statement, parameters).fetchall()  # type: ignore[no-any-return]
            try:
                return self._ask(statement, parameters)
            except Exception:
                # The server may have gone and come back: once more over a new connection.
                if not self._own.connection.closed and not self._own.connection.broken:
                    raise
                self._own.connection = None
                return self._ask(statement, parameters)

    def _ask(self, statement: str, parameters: Sequence[object]) -> list[Any]:
        cursor = self._bare().execute(marked(statement), parameters, prepare=True, binary=True)
        return cursor.fetchall()  # type: ignore[no-any-return]

    def _bare(self) -> Any:  # noqa: ANN401 - a connection of either driver
        found = getattr(self._own, "connection", None)
        if found is None:
            found = self._sqlite_reader() if self.is_sqlite else self._postgres_reader()
            self._own.connection = found
            with self._lock:
                self._opened.append(found)
        return found

    def _sqlite_reader(self) -> sqlite3.Connection:
        path = Path(str(self.url.database))
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        connection.execute("PRAGMA mmap_size=268435456")
        return connection

    def _postgres_reader(self) -> Any:  # noqa: ANN401
        import psycopg

        given = self.engine.dialect.create_connect_args(self.url)
        return psycopg.connect(*given[0], **given[1], autocommit=True)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()
        self._own = threading.local()

    @contextmanager
    def _outside(self) -> Iterator[None]:
        try:
            yield
        except exc.DBAPIError as error:
            raise self._failed(error.orig or error) from error
        except sqlite3.Error as error:
            raise self._failed(error) from error
        except Exception as error:
            if type(error).__module__.startswith("psycopg"):
                raise self._failed(error) from error
            raise

    def _failed(self, error: BaseException) -> OutsideFailed | RecordSaysNo:
        words = " ".join(str(error).split())[:200]
        if "append-only" in words:
            return RecordSaysNo(self.subject, words, "new entries", "record what corrects it")
        is_passing = isinstance(error, sqlite3.OperationalError) and "locked" in words
        is_away = type(error).__name__ == "OperationalError" and not self.is_sqlite
        return OutsideFailed(
            self.subject,
            words,
            next_step="try again" if is_passing or is_away else "look at the database",
            is_retryable=is_passing or is_away,
        )


def marked(statement: str) -> str:
    """Return a statement with PostgreSQL's marks in place of `?`.

    Examples
    --------
    >>> marked("SELECT 1 WHERE ? < ?")
    'SELECT 1 WHERE %s < %s'
    """
    return statement.replace("%", "%%").replace("?", "%s")


def run_many(connection: Connection, statement: str, rows: Sequence[Sequence[object]]) -> None:
    """Run a statement with `?` marks once for each row."""
    if not rows:
        return
    is_sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql(
        statement if is_sqlite else marked(statement), [tuple(row) for row in rows]
    )


def select(connection: Connection, statement: str, parameters: Iterable[object] = ()) -> list[Any]:
    """Return the rows of a statement with `?` marks, within a transaction."""
    is_sqlite = connection.dialect.name == "sqlite"
    found = connection.exec_driver_sql(
        statement if is_sqlite else marked(statement), tuple(parameters)
    )
    return list(found.cursor.fetchall()) if found.cursor is not None else []


def database_of(url: str) -> Database:
    """Return the database at a URL, or the SQLite file at a path.

    Raises
    ------
    OptionWrong
        If it is of another kind, lies in memory, or PostgreSQL's driver is not installed.
    PathMissing
        If the folder of a file is not there.
    """
    if "://" not in url:
        url = f"sqlite:///{url}"
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise OptionWrong("the record's URL", f"cannot be read ({error})", _URLS) from None
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise OptionWrong("the record", "lies in memory", _URLS, "name a file")
        if not Path(parsed.database).parent.is_dir():
            folder = str(Path(parsed.database).parent)
            raise PathMissing(folder, "is not there", "a folder", "make it first")
        return Database(parsed)
    if kind != "postgresql":
        raise OptionWrong("the record", f"cannot be kept in {kind}", _URLS, "name one of these")
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise OptionWrong(
            "a record in PostgreSQL",
            "the package psycopg is not installed",
            "",
            'pip install "batteryloop[postgres]"',
        ) from None
    return Database(parsed.set(drivername="postgresql+psycopg"))


_URLS = "a path, sqlite:///path or postgresql://user@host/name"


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: object) -> None:
        # The driver's own BEGIN comes too late: it would not lock before it has read.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={_BUSY_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-65536",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("batteryloop_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: URL) -> Engine:
    return create_engine(url, pool_pre_ping=True)
