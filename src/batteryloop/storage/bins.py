"""Which batteries are taken together: whole batteries, up to a number of rows at a time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from batteryloop.storage.entry import Entry


@dataclass(frozen=True, slots=True)
class Bin:
    """Batteries that are read, and kept, together, and the files in which their rows lie."""

    battery_ids: tuple[str, ...]
    entries: tuple[Entry, ...]
    is_simulated: bool

    @property
    def is_settled(self) -> bool:
        """Whether it is one file of a compaction that holds just these batteries."""
        return (
            len(self.entries) == 1
            and self.entries[0].is_whole
            and set(self.entries[0].rows) == set(self.battery_ids)
        )


def bins_of(entries: Sequence[Entry], *, target_rows: int) -> list[Bin]:
    """Return the batteries of `entries` in bins of whole batteries, in the order of their names.

    A file of a compaction that is at least half as large as the target stays a bin by itself
    while no other file has rows of its batteries. A battery of more rows than the target is alone.
    Measured and simulated samples never share a bin.

    Parameters
    ----------
    entries : sequence of Entry
        The files.
    target_rows : int
        Rows of a bin, if the batteries allow.
    """
    bins: list[Bin] = []
    for is_simulated in (False, True):
        of_kind = [e for e in entries if e.is_simulated == is_simulated]
        n_files = Counter(battery for e in of_kind for battery in e.rows)
        settled: list[Entry] = []
        open_ones: list[Entry] = []
        for entry in of_kind:
            is_large = 2 * entry.n_rows >= target_rows
            is_alone = all(n_files[battery] == 1 for battery in entry.rows)
            (settled if entry.is_whole and is_large and is_alone else open_ones).append(entry)
        bins += [Bin(tuple(sorted(e.rows)), (e,), is_simulated) for e in settled]
        bins += list(_filled(open_ones, target_rows, is_simulated))
    return sorted(bins, key=lambda b: (b.is_simulated, b.battery_ids))


def _filled(entries: Iterable[Entry], target_rows: int, is_simulated: bool) -> Iterator[Bin]:
    n_rows: Counter[str] = Counter()
    lies_in: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        n_rows.update(entry.rows)
        for battery in entry.rows:
            lies_in[battery].append(entry)
    taken: list[str] = []
    n_taken = 0
    for battery in sorted(n_rows):
        if taken and n_taken + n_rows[battery] > target_rows:
            yield _bin(taken, lies_in, is_simulated)
            taken, n_taken = [], 0
        taken.append(battery)
        n_taken += n_rows[battery]
    if taken:
        yield _bin(taken, lies_in, is_simulated)


def _bin(batteries: list[str], lies_in: dict[str, list[Entry]], is_simulated: bool) -> Bin:
    by_name = {entry.name: entry for battery in batteries for entry in lies_in[battery]}
    in_order = sorted(by_name.values(), key=lambda e: (not e.is_whole, e.first_at, e.name))
    return Bin(tuple(batteries), tuple(in_order), is_simulated)
