"""Which files a Delta lake is made of: kept in its transaction log, through `deltalake`.

Appends from any number of processes and machines are serialised by the log; a compaction and an
append at the same time both hold, of two compactions one does. The files are the same as those of
a Parquet lake, so all that reads or writes samples is shared.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from batteryloop.errors import FileDamaged, FormatUnknown, OptionWrong, OutsideFailed
from batteryloop.storage.entry import Entry
from batteryloop.storage.parquet import described
from batteryloop.telemetry.frame import REQUIRED, dtype_of

if TYPE_CHECKING:
    import deltalake

_TRIES = 50


def _library() -> Any:  # noqa: ANN401 - a module
    try:
        import deltalake
        import deltalake.exceptions
        import deltalake.transaction
    except ImportError as exc:
        raise OptionWrong(
            "a Delta lake",
            "the package deltalake is not installed",
            "",
            'pip install "batteryloop[delta]"',
        ) from exc
    return deltalake


@dataclass(frozen=True, slots=True)
class DeltaLedger:
    """The ledger of a Delta lake: the table's transaction log."""

    root: Path

    @property
    def kind(self) -> str:
        """The lake's kind."""
        return "delta"

    def create(self) -> None:
        """Make an empty table, unless there is one.

        Raises
        ------
        OptionWrong
            If `deltalake` is not installed.
        """
        library = _library()
        if library.DeltaTable.is_deltatable(str(self.root)):
            return
        schema = library.Schema.from_arrow(_arrow_schema(REQUIRED))
        self.root.mkdir(parents=True, exist_ok=True)

        def once() -> None:
            if not library.DeltaTable.is_deltatable(str(self.root)):
                library.DeltaTable.create(
                    str(self.root), schema, mode="ignore", name="batteryloop-lake"
                )

        self._insist(once)

    def entries(self) -> tuple[list[Entry], list[FileDamaged]]:
        """Return the files of the table's newest version, and those that do not say what they hold.

        Raises
        ------
        FormatUnknown
            If others made the table in a way that this reader does not follow.
        """
        entries, damaged = [], []
        for action in self._actions(self._table()):
            try:
                entries.append(described(self.root, action["path"]))
            except FileDamaged as exc:
                damaged.append(exc)
            except FileNotFoundError:
                damaged.append(FileDamaged(action["path"], "is listed but missing"))
        return entries, damaged

    def add(self, entry: Entry) -> None:
        """List a file more; columns that the table has not are added to it first."""
        library = _library()
        wanted = _arrow_schema(entry.columns)

        def once() -> None:
            table = self._table()
            has = {field.name for field in table.schema().fields}
            new = [f for f in library.Schema.from_arrow(wanted).fields if f.name not in has]
            if new:
                table.alter.add_columns(new)
                table = self._table()
            table.create_write_transaction(
                [self._adds(entry)],
                "append",
                table.schema(),
                commit_properties=library.CommitProperties(max_commit_retries=_TRIES),
            )

        self._insist(once)

    @contextmanager
    def compacting(self) -> Iterator[None]:
        """Keep nobody out: of two compactions at the same time the log lets one through."""
        yield

    def swap(
        self, added: Sequence[Entry], removed: Sequence[Entry], *, keeps_replaced: bool
    ) -> None:
        """List `added` instead of `removed` in one transaction.

        The files of `removed` stay for readers of older versions until they are a week old;
        `keeps_replaced` leaves also those.

        Raises
        ------
        OutsideFailed
            Retryable, if another compaction was faster.
        """
        library = _library()
        table = self._table()
        since_ms = max((self._modified_ms(e) for e in added), default=0)
        removes = [library.transaction.RemoveAction(e.name, True, since_ms) for e in removed]
        adds = [self._adds(e) for e in added]
        listed = {action["path"] for action in self._actions(table)}
        try:
            if not listed.issuperset(e.name for e in removed):
                raise library.exceptions.CommitFailedError("files are gone already")
            # from here on the log itself refuses, if another compaction comes between
            table.create_write_transaction([*adds, *removes], "append", table.schema())
        except library.exceptions.DeltaError as exc:
            for entry in added:
                (self.root / entry.name).unlink(missing_ok=True)
            raise OutsideFailed(
                self.root.name,
                "another compaction was faster",
                "one at a time",
                "nothing is lost; try again if there is need",
                is_retryable=True,
            ) from exc
        if not keeps_replaced:
            self._table().vacuum(dry_run=False)

    def _table(self) -> "deltalake.DeltaTable":
        library = _library()
        try:
            table: deltalake.DeltaTable = library.DeltaTable(str(self.root))
        except (library.exceptions.DeltaError, OSError) as exc:
            raise FileDamaged(
                self.root.name,
                f"its Delta log cannot be read ({str(exc).splitlines()[0][:160]})",
                "a Delta table",
                "restore its _delta_log from a copy",
            ) from exc
        return table

    def _actions(self, table: "deltalake.DeltaTable") -> list[dict[str, Any]]:
        features = table.protocol().reader_features or []
        if table.metadata().partition_columns or "deletionVectors" in features:
            raise FormatUnknown(
                self.root.name,
                "a Delta table with partitions or deletion vectors",
                "a Delta table that batteryloop made",
                "read it with Spark and append its samples to a lake",
            )
        return pl.DataFrame(table.get_add_actions()).to_dicts()

    def _adds(self, entry: Entry) -> Any:  # noqa: ANN401 - of an optional library
        stats = {
            "numRecords": entry.n_rows,
            "minValues": {"battery_id": min(entry.rows), "time": _moment(entry.first_at)},
            "maxValues": {"battery_id": max(entry.rows), "time": _moment(entry.last_at)},
            "nullCount": {"battery_id": 0, "time": 0},
        }
        return _library().transaction.AddAction(
            entry.name, entry.n_bytes, {}, self._modified_ms(entry), True, json.dumps(stats)
        )

    def _modified_ms(self, entry: Entry) -> int:
        return (self.root / entry.name).stat().st_mtime_ns // 1_000_000

    def _insist(self, deed: Callable[[], None]) -> None:
        """Do it, again and again while other writers come between."""
        library = _library()
        for attempt in range(_TRIES):
            try:
                return deed()
            except library.exceptions.DeltaError as exc:
                if attempt == _TRIES - 1:
                    raise OutsideFailed(
                        self.root.name,
                        f"other writers came between {_TRIES} times ({str(exc)[:120]})",
                        next_step="try again",
                        is_retryable=True,
                    ) from exc
        return None


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _arrow_schema(columns: Sequence[str]) -> Any:  # noqa: ANN401 - a pyarrow schema
    return pl.DataFrame(schema={name: dtype_of(name) for name in columns}).to_arrow().schema
