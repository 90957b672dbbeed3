"""Which files a lake is made of: kept in a folder, safe for many writers and one compaction.

`lake.json` lists the files as of the last compaction. Each append since adds, beside its Parquet
file in `new/`, one JSON file that lists it; whoever looks takes both together. A compaction writes
its files first, replaces `lake.json` in one step, and only then removes what it replaced. So at
every moment, also after a loss of power, either the old files are listed or the new ones.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol, Self

from batteryloop.errors import FileDamaged, OutsideFailed
from batteryloop.storage.durable import outside, write_whole
from batteryloop.storage.entry import SCHEMA_VERSION, Entry
from batteryloop.storage.lock import exclusive

MANIFEST = "lake.json"
NEW, WHOLE = "new", "whole"
_TRIES = 50
_APPENDED = re.compile(rf"{NEW}/[\w-]+\.parquet")


class Ledger(Protocol):
    """Knows which files a lake is made of, and changes that in one step."""

    @property
    def kind(self) -> str:
        """The lake's kind: parquet or delta."""

    def entries(self) -> tuple[list[Entry], list[FileDamaged]]:
        """Return the files as of one moment, and what of the list cannot be read."""

    def add(self, entry: Entry) -> None:
        """List a file more."""

    def compacting(self) -> AbstractContextManager[None]:
        """Keep other compactions out while the block runs."""

    def swap(
        self, added: Sequence[Entry], removed: Sequence[Entry], *, keeps_replaced: bool
    ) -> None:
        """List `added` instead of `removed`, in one step."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files as of the last compaction, and which appended ones it took in.

    `generation` grows with every compaction, so that a reader notices one that came between.
    """

    generation: int
    entries: tuple[Entry, ...]
    covered: tuple[str, ...] = ()

    def as_json(self) -> bytes:
        """Return the manifest as JSON, one entry a line."""
        head = {
            "format": "batteryloop-lake",
            "schema_version": SCHEMA_VERSION,
            "generation": self.generation,
            "covered": list(self.covered),
        }
        lines = ",\n".join(entry.as_json() for entry in self.entries)
        return f'{json.dumps(head)[:-1]}, "entries": [\n{lines}\n]}}\n'.encode()

    @classmethod
    def from_json(cls, data: bytes, *, subject: str) -> Self:
        """Return the manifest that `as_json` wrote.

        Raises
        ------
        FileDamaged
            If it is not one.
        """
        try:
            said = json.loads(data)
            covered = tuple(said["covered"])
            if not all(_APPENDED.fullmatch(name) for name in covered):  # these will be deleted
                raise ValueError(covered)
            return cls(
                int(said["generation"]),
                tuple(Entry.from_json(json.dumps(e), subject=subject) for e in said["entries"]),
                covered,
            )
        except (ValueError, KeyError, TypeError) as exc:
            raise FileDamaged(
                subject,
                "is no list of a lake's files",
                f"the {MANIFEST} that batteryloop writes",
                "restore it from a copy; the samples in new/ and whole/ are untouched",
            ) from exc


@dataclass(frozen=True, slots=True)
class FolderLedger:
    """The ledger of a Parquet lake, in its own folder."""

    root: Path

    @property
    def kind(self) -> str:
        """The lake's kind."""
        return "parquet"

    def create(self) -> None:
        """Make an empty lake, unless there is one."""
        with outside(self.root.name):
            if (self.root / MANIFEST).is_file():
                return
            self.root.mkdir(parents=True, exist_ok=True)
            write_whole(self.root / MANIFEST, Manifest(0, ()).as_json(), only_if_new=True)

    def entries(self) -> tuple[list[Entry], list[FileDamaged]]:
        """Return the files as of one moment, and what of the list cannot be read.

        Raises
        ------
        FileDamaged
            If `lake.json` is broken.
        OutsideFailed
            If the disk refuses, or compactions follow one another without pause.
        """
        with outside(self.root.name):
            for _ in range(_TRIES):
                before = self._manifest()
                listed = self._appended(before)
                if listed is not None and self._manifest().generation == before.generation:
                    entries, damaged = listed
                    return [*before.entries, *entries], damaged
        raise OutsideFailed(
            self.root.name,
            "its list of files changes faster than it can be read",
            next_step="try again when the compactions have finished",
            is_retryable=True,
        )

    def add(self, entry: Entry) -> None:
        """List a file more, in a step that no other writer can disturb."""
        note = (self.root / entry.name).with_suffix(".json")
        with outside(note.name):
            write_whole(note, entry.as_json().encode())

    @contextmanager
    def compacting(self) -> Iterator[None]:
        """Keep other compactions out, and clear away what an earlier one left behind.

        Raises
        ------
        OutsideFailed
            Retryable, if another process is compacting.
        """
        with exclusive(self.root / ".compacting", deed="compacting"):
            with outside(self.root.name):
                self._sweep(self._manifest())
            yield

    def swap(
        self, added: Sequence[Entry], removed: Sequence[Entry], *, keeps_replaced: bool
    ) -> None:
        """List `added` instead of `removed` by replacing `lake.json` in one step.

        Only then are the files of `removed` deleted, unless `keeps_replaced`: then the next
        compaction deletes them. To be called within `compacting`.
        """
        with outside(self.root.name):
            before = self._manifest()
            gone = {entry.name for entry in removed}
            appended = [name for name in gone if PurePosixPath(name).parts[0] == NEW]
            after = Manifest(
                before.generation + 1,
                (*(e for e in before.entries if e.name not in gone), *added),
                tuple(sorted({*before.covered, *appended})),
            )
            write_whole(self.root / MANIFEST, after.as_json())
            if not keeps_replaced:
                self._sweep(after)

    def _manifest(self) -> Manifest:
        data = (self.root / MANIFEST).read_bytes()
        return Manifest.from_json(data, subject=f"{self.root.name}/{MANIFEST}")

    def _appended(self, manifest: Manifest) -> tuple[list[Entry], list[FileDamaged]] | None:
        """Return what was appended since, or None where a compaction took it away meanwhile."""
        entries, damaged = [], []
        covered = set(manifest.covered)
        for note in sorted((self.root / NEW).glob("*.json")):
            if f"{NEW}/{note.stem}.parquet" in covered or note.name.startswith("."):
                continue
            try:
                entries.append(Entry.from_json(note.read_bytes(), subject=f"{NEW}/{note.name}"))
            except FileNotFoundError:
                return None
            except FileDamaged as exc:
                damaged.append(exc)
        return entries, damaged

    def _sweep(self, manifest: Manifest) -> None:
        """Delete what the manifest has replaced, and whole files that it never came to list."""
        for name in manifest.covered:
            (self.root / name).unlink(missing_ok=True)
            (self.root / name).with_suffix(".json").unlink(missing_ok=True)
        listed = {entry.name for entry in manifest.entries}
        for path in (self.root / WHOLE).glob("*.parquet"):
            if f"{WHOLE}/{path.name}" not in listed:
                path.unlink(missing_ok=True)
