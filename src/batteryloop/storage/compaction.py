"""Compaction: from many appended files to few, each of whole batteries in order."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from batteryloop.errors import FileDamaged
from batteryloop.storage.bins import Bin, bins_of
from batteryloop.storage.entry import Entry
from batteryloop.storage.gather import samples_of, together
from batteryloop.storage.ledger import WHOLE, Ledger
from batteryloop.storage.parquet import RESTORE, check, write_samples
from batteryloop.telemetry import Finding


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction did.

    `findings` name the batteries of which rows were there twice, and the damaged files, which
    stay as they are.
    """

    n_files_before: int
    n_files_after: int
    n_rows: int
    n_duplicates: int
    findings: tuple[Finding, ...] = ()


def compacted(root: Path, ledger: Ledger, *, target_rows: int, keeps_replaced: bool) -> Compacted:
    """Bring each battery's rows together in one file, sorted, and list those files instead.

    New files are written first, the ledger is changed in one step, the old files are removed
    last: to be killed at any moment loses nothing.

    Raises
    ------
    OutsideFailed
        Retryable, if another compaction runs or the disk refuses.
    """
    with ledger.compacting():
        entries, notes_damaged = ledger.entries()
        findings = [_damage(error) for error in notes_damaged]
        bins, sound = _bins_of_sound_files(root, entries, target_rows, findings)
        added: list[Entry] = []
        n_duplicates = 0
        for found in bins:
            if found.is_settled:
                continue
            frame, n_twice = together(samples_of(root, found))
            n_duplicates += n_twice
            findings += [*_undated(found), *_twice(found, frame)]
            added.append(
                write_samples(frame, root, WHOLE, is_simulated=found.is_simulated, is_whole=True)
            )
        settled = {e.name for found in bins if found.is_settled for e in found.entries}
        removed = [e for e in sound if e.name not in settled]
        if added or removed:
            ledger.swap(added, removed, keeps_replaced=keeps_replaced)
        gone = {e.name for e in removed}
        kept = [e for e in entries if e.name not in gone]
        return Compacted(
            len(entries),
            len(kept) + len(added),
            sum(e.n_rows for e in [*kept, *added]),
            n_duplicates,
            tuple(findings),
        )


def _bins_of_sound_files(
    root: Path, entries: list[Entry], target_rows: int, findings: list[Finding]
) -> tuple[list[Bin], list[Entry]]:
    """Return the bins of the files whose bytes are as written; add the others to `findings`."""
    to_read = {
        entry.name: entry
        for found in bins_of(entries, target_rows=target_rows)
        if not found.is_settled
        for entry in found.entries
    }
    damaged: set[str] = set()
    for entry in to_read.values():
        try:
            check(root, entry)
        except FileDamaged as exc:
            damaged.add(entry.name)
            findings.append(_damage(exc))
    sound = [entry for entry in entries if entry.name not in damaged]
    return bins_of(sound, target_rows=target_rows), sound


def _damage(error: FileDamaged) -> Finding:
    return Finding(
        "file-damaged", "error", "", f"{error.subject} {error.found}; it stays as it is", RESTORE
    )


def _twice(found: Bin, frame: pl.DataFrame) -> list[Finding]:
    n_before: Counter[str] = Counter()
    for entry in found.entries:
        n_before.update({b: n for b, n in entry.rows.items() if b in found.battery_ids})
    n_before.subtract(dict(frame.group_by("battery_id").len().iter_rows()))
    return [
        Finding(
            "rows-twice",
            "note",
            battery,
            f"{n:,} rows were there twice, equal in every column; one of each was kept",
            "nothing: look whether a file was imported twice",
            n_rows=n,
        )
        for battery, n in sorted(n_before.items())
        if n
    ]


def _undated(found: Bin) -> list[Finding]:
    """Return the batteries of which several files have no date, so that their times collide."""
    n_files = Counter(b for e in found.entries if e.is_time_relative for b in e.rows)
    return [
        Finding(
            "undated-files-mixed",
            "warning",
            battery,
            f"{n_files[battery]} files without a date were brought together, each from 0 s on",
            "import such files of one battery in one go, in their order",
        )
        for battery in found.battery_ids
        if n_files[battery] > 1
    ]
