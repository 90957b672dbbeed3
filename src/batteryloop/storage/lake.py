"""The telemetry lake: samples of many batteries, whole batteries per file, sorted by time.

A lake is a folder of Parquet files and a ledger of which of them count. What it promises, in
either kind: an append is there wholly or not at all; appends by any number of processes at the
same time are all kept; a compaction that is killed at any moment loses nothing; whoever reads sees
either the files before a compaction or those after it. A Delta lake keeps that promise also across
machines and to other tools that speak Delta.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import polars as pl

from batteryloop.errors import FileDamaged, InputWrong, NotKnown, OptionWrong
from batteryloop.record import BatteryIdentity
from batteryloop.storage.bins import Bin, bins_of
from batteryloop.storage.compaction import Compacted, compacted
from batteryloop.storage.delta import DeltaLedger
from batteryloop.storage.durable import outside
from batteryloop.storage.entry import Entry
from batteryloop.storage.gather import gathered
from batteryloop.storage.identities import keep_identities, read_identities
from batteryloop.storage.ledger import MANIFEST, NEW, FolderLedger, Ledger
from batteryloop.storage.parquet import check, scanned, schema_of, write_samples
from batteryloop.telemetry import Recording, Source
from batteryloop.telemetry.frame import COLUMNS, as_frame
from batteryloop.usecases.ports import Refusal

Kind = Literal["parquet", "delta"]
TARGET_ROWS = 2_000_000


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake: where it is, and the ledger of its files. `open_lake` makes one.

    It is both a source and a sink of telemetry for the use cases.
    """

    root: Path
    ledger: Ledger
    target_rows: int = TARGET_ROWS

    @property
    def kind(self) -> str:
        """The lake's kind: parquet or delta."""
        return self.ledger.kind

    def append(self, frame: pl.DataFrame, *, is_simulated: bool = False) -> None:
        """Keep the frame's rows; columns that are new to the lake become part of it.

        A battery that is in the lake already gets rows more; `compact` brings them together and
        takes out what is there twice.

        Parameters
        ----------
        frame : polars.DataFrame
            A telemetry frame of one battery or several.
        is_simulated : bool
            Whether the samples are simulated; the file then says so in name and foot.

        Raises
        ------
        NotKnown
            If a column is not of the telemetry frame.
        InputWrong
            If a row has no battery or no time.
        OutsideFailed
            If the disk refuses.
        """
        if frame.is_empty():
            return
        unknown = [name for name in frame.columns if name not in COLUMNS]
        if unknown:
            raise NotKnown.among("column", unknown[0], COLUMNS)
        samples = as_frame(frame, subject="append")
        n_nameless = samples.select(
            pl.any_horizontal(pl.col("battery_id", "time").is_null()).sum()
        ).item()
        if n_nameless:
            raise InputWrong(
                "append",
                f"{n_nameless:,} rows have no battery or no time",
                "both in every row",
                "leave them out, or say which battery they are of",
            )
        entry = write_samples(samples, self.root, NEW, is_simulated=is_simulated, is_whole=False)
        self.ledger.add(entry)

    def compact(self, *, target_rows: int | None = None, keeps_replaced: bool = False) -> Compacted:
        """Bring each battery's rows together in one file, sorted, without what is there twice.

        Parameters
        ----------
        target_rows : int, optional
            Rows of a file, if the batteries allow; a battery is never cut in two.
        keeps_replaced : bool
            Leave the replaced files for readers that still hold a `scan`; the next compaction
            deletes them.

        Returns
        -------
        Compacted
            Files before and after, rows taken out, files that were damaged and left as they are.

        Raises
        ------
        OutsideFailed
            Retryable, if another compaction runs or the disk refuses.
        """
        return compacted(
            self.root,
            self.ledger,
            target_rows=target_rows or self.target_rows,
            keeps_replaced=keeps_replaced,
        )

    def scan(
        self,
        battery_ids: Collection[str] | None = None,
        columns: Sequence[str] | None = None,
        start_at: datetime | None = None,
        end_at: datetime | None = None,
    ) -> pl.LazyFrame:
        """Return the samples lazily, from `start_at` on and before `end_at`.

        What was appended twice is there twice until `compact`; `recordings` brings rows together
        by itself. Collect before the next compaction, or have that keep what it replaces.

        Parameters
        ----------
        battery_ids : collection of str, optional
            Only these batteries.
        columns : sequence of str, optional
            Only these columns.
        start_at, end_at : datetime, optional
            Aware moments.

        Raises
        ------
        NotKnown
            If a column is not in the lake.
        FileDamaged
            If the list of files, or one of its notes, is broken.
        """
        files = self.files()
        known = schema_of(files)
        for name in columns or ():
            if name not in known:
                raise NotKnown.among("column", name, known)
        lazy = scanned(
            self.root,
            [
                entry
                for entry in files
                if (battery_ids is None or not entry.rows.keys().isdisjoint(battery_ids))
                and entry.reaches(start_at, end_at)
            ],
            battery_ids=None if battery_ids is None else sorted(battery_ids),
            start_at=start_at,
            end_at=end_at,
            schema=known,
        )
        return lazy if columns is None else lazy.select(columns)

    def files(self) -> list[Entry]:
        """Return what the lake is made of: each file's batteries, rows, span and SHA-256.

        Raises
        ------
        FileDamaged
            If the list of files, or one of its notes, is broken.
        """
        entries, damaged = self.ledger.entries()
        if damaged:
            raise damaged[0]
        return entries

    def battery_ids(self) -> list[str]:
        """Return the batteries of which there are samples, in the order of their names."""
        return sorted({battery for entry in self.files() for battery in entry.rows})

    def frames(self) -> Iterator[pl.DataFrame]:
        """Yield the samples, whole batteries at a time, in bounded memory.

        Raises
        ------
        FileDamaged
            At the first file that cannot be read; `recordings` goes on instead.
        """
        for part in self.recordings():
            if isinstance(part, Refusal):
                raise part.error
            yield part.frame

    @property
    def n_parts(self) -> int:
        """How many parts `recordings` will give."""
        entries, damaged = self.ledger.entries()
        return len(bins_of(entries, target_rows=self.target_rows)) + len(damaged)

    def recordings(self) -> Iterator[Recording | Refusal]:
        """Yield the samples, whole batteries at a time, sorted, nothing twice.

        A file that cannot be read is refused by name, and the rest goes on: batteries of which
        rows lie in other files too come without the rows of that file. A compaction meanwhile
        is noticed, and no battery is given twice.
        """
        for part in gathered(self.root, self.ledger, target_rows=self.target_rows):
            if isinstance(part, FileDamaged):
                yield Refusal(part.subject, part)
            else:
                of, frame = part
                yield Recording(frame, self._source(of))

    def identities(self) -> dict[str, BatteryIdentity]:
        """Return what is known of the batteries beforehand, by battery."""
        return read_identities(self.root)

    def remember(self, identities: dict[str, BatteryIdentity]) -> None:
        """Keep what is known of the batteries; what is said anew of one holds."""
        keep_identities(self.root, identities)

    def verify(self) -> list[FileDamaged]:
        """Return the files whose bytes are not those that were written, or that are missing."""
        entries, damaged = self.ledger.entries()
        for entry in entries:
            try:
                check(self.root, entry)
            except FileDamaged as exc:
                damaged.append(exc)
        return damaged

    def _source(self, of: Bin) -> Source:
        return Source(
            name=of.entries[0].name if len(of.entries) == 1 else self.root.name,
            format=f"batteryloop-lake-{self.kind}",
            sha256=of.entries[0].sha256 if len(of.entries) == 1 else "",
            is_time_relative=all(entry.is_time_relative for entry in of.entries),
            is_simulated=of.is_simulated,
            metadata={"lake": self.root.name, "files": ", ".join(e.name for e in of.entries)},
        )


def open_lake(path: Path, *, kind: Kind | None = None, target_rows: int = TARGET_ROWS) -> Lake:
    """Return the lake at `path`; an empty one is made where there is none.

    Parameters
    ----------
    path : pathlib.Path
        A folder: a lake, empty, or not there yet.
    kind : {"parquet", "delta"}, optional
        Of a new lake (default parquet); of an existing one, what it must be.
    target_rows : int
        Rows that are read and kept together, if the batteries allow.

    Raises
    ------
    OptionWrong
        If the lake is of another kind, the folder holds other things, or `deltalake` is missing.
    OutsideFailed
        If the disk refuses.
    """
    found = kind_of(path)
    if found and kind and found != kind:
        raise OptionWrong(
            path.name, f"is a {found} lake", f"a {kind} lake", "choose another folder or kind"
        )
    if not found and _holds_other_things(path) and not kind_of(path):
        raise OptionWrong(
            path.name, "is no lake", "a lake, or an empty folder", "choose another folder"
        )
    chosen = found or kind or "parquet"
    ledger = DeltaLedger(path) if chosen == "delta" else FolderLedger(path)
    with outside(path.name):
        ledger.create()
    return Lake(path, ledger, target_rows)


def kind_of(path: Path) -> Kind | None:
    """Return the kind of the lake at `path`, or None if there is none."""
    if (path / "_delta_log").is_dir():
        return "delta"
    return "parquet" if (path / MANIFEST).is_file() else None


def _holds_other_things(path: Path) -> bool:
    if not path.is_dir():
        return path.exists()
    return any(not inside.name.startswith(".") for inside in path.iterdir())
