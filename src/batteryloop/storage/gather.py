"""Rows of one battery from several files, brought together."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl

from batteryloop.errors import FileDamaged
from batteryloop.storage.bins import Bin, bins_of
from batteryloop.storage.entry import Entry
from batteryloop.storage.ledger import Ledger
from batteryloop.storage.parquet import RESTORE, scanned, sensibly
from batteryloop.telemetry.frame import COLUMNS


def gathered(
    root: Path, ledger: Ledger, *, target_rows: int
) -> Iterator[tuple[Bin, pl.DataFrame] | FileDamaged]:
    """Yield each bin with its samples, or the file of it that cannot be read.

    Files that a compaction takes away meanwhile are looked up anew; a battery is given once.
    """
    given: set[tuple[bool, str]] = set()
    refused: set[str] = set()
    is_to_look_anew = True
    while is_to_look_anew:
        is_to_look_anew = False
        entries, damaged = ledger.entries()
        yield from (d for d in damaged if d.subject not in refused)
        refused |= {d.subject for d in damaged}
        for found in bins_of(entries, target_rows=target_rows):
            left = tuple(b for b in found.battery_ids if (found.is_simulated, b) not in given)
            if not left:
                continue
            found = Bin(left, found.entries, found.is_simulated)
            frames, unreadable = _frames_of(root, found)
            if any(_is_replaced(ledger, root, e) for e, _ in unreadable):
                is_to_look_anew = True
                break
            for entry, error in unreadable:
                if entry.name not in refused:
                    refused.add(entry.name)
                    yield error
            given |= {(found.is_simulated, battery) for battery in left}
            if frames:
                yield found, frames[0] if found.is_settled else together(frames)[0]


def together(frames: list[pl.DataFrame]) -> tuple[pl.DataFrame, int]:
    """Return the rows of `frames` sorted by battery and time, and how many were there twice.

    Of rows that are equal in every column the first is kept. Rows of one battery and moment that
    differ are all kept, in the order in which they came. A column that a frame has not is null.

    Parameters
    ----------
    frames : list of polars.DataFrame
        Telemetry frames, the oldest first.

    Examples
    --------
    >>> a = pl.DataFrame({"battery_id": ["B", "B"], "time": [1, 2], "current_a": [0.0, 1.0]})
    >>> together([a, a])[1]
    2
    """
    whole = pl.concat(frames, how="diagonal") if len(frames) > 1 else frames[0]
    kept = whole.unique(maintain_order=True).sort("battery_id", "time", maintain_order=True)
    return kept.select(n for n in COLUMNS if n in kept.columns), len(whole) - len(kept)


def samples_of(root: Path, of: Bin) -> list[pl.DataFrame]:
    """Return the samples of the bin's batteries from its files, the oldest first.

    Raises
    ------
    FileDamaged
        If a file cannot be read.
    FileNotFoundError
        If a file is gone.
    """
    ids = set(of.battery_ids)
    needs_choice = any(not ids.issuperset(entry.rows) for entry in of.entries)
    wanted = of.battery_ids if needs_choice else None
    with sensibly(of.entries[0].name):
        return [scanned(root, of.entries, battery_ids=wanted).collect()]


def _frames_of(
    root: Path, found: Bin
) -> tuple[list[pl.DataFrame], list[tuple[Entry, FileDamaged]]]:
    """Return what can be read of a bin, and which of its files cannot."""
    try:
        return samples_of(root, found), []
    except (FileNotFoundError, FileDamaged):
        pass  # then one by one, to know which
    frames, unreadable = [], []
    for entry in found.entries:
        try:
            frames += samples_of(root, replace(found, entries=(entry,)))
        except FileNotFoundError:
            unreadable.append((entry, FileDamaged(entry.name, "is missing", "", RESTORE)))
        except FileDamaged as exc:
            unreadable.append((entry, exc))
    return frames, unreadable


def _is_replaced(ledger: Ledger, root: Path, entry: Entry) -> bool:
    """Return whether the file is gone because a compaction has taken its place."""
    if (root / entry.name).exists():
        return False
    return all(listed.name != entry.name for listed in ledger.entries()[0])
